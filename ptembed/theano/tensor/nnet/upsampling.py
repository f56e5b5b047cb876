"""Images made larger by bilinear interpolation, as a transposed convolution.

Upsampling by an integer ``r`` multiplies with the pyramid whose sides are ``(1, 2, ..., r, ..., 2, 1) / r``, at a
stride of ``r``. The image's border is repeated once, so that the pixels at the border keep their brightness.
"""

from math import gcd

import pytensor.tensor as pt

from ptembed.theano.configparser import config
from ptembed.theano.tensor.conversion import as_tensor_variable, get_scalar_constant_value
from ptembed.theano.tensor.nnet.conv_functions import conv2d_grad_wrt_inputs

__all__ = ["bilinear_kernel_1D", "bilinear_kernel_2D", "bilinear_upsampling", "frac_bilinear_upsampling"]


def bilinear_kernel_1D(ratio, normalize=True):
    """The side of the pyramid.

    Parameters
    ----------
    ratio : int or integer scalar
    normalize : bool
        Whether its largest number is 1, and not ``ratio``.

    Returns
    -------
    vector of floatX, shape (2 ratio - 1,)
    """
    half = pt.arange(1, ratio + 1, dtype=config.floatX)
    side = pt.concatenate([half, half[-2::-1]])
    return side / pt.cast(ratio, config.floatX) if normalize else side


def bilinear_kernel_2D(ratio, normalize=True):
    """The pyramid.

    Parameters
    ----------
    ratio : int, integer scalar, or pair of them
        For both dimensions, or for rows and columns.
    normalize : bool
        Whether its largest number is 1.

    Returns
    -------
    matrix of floatX, shape (2 rows - 1, 2 columns - 1)
    """
    rows, columns = ratio if isinstance(ratio, tuple) else (ratio, ratio)
    return bilinear_kernel_1D(rows, normalize)[:, None] * bilinear_kernel_1D(columns, normalize)[None, :]


def bilinear_upsampling(
    input, ratio=None, frac_ratio=None, batch_size=None, num_input_channels=None, use_1D_kernel=True
):
    """Make images larger by bilinear interpolation.

    Parameters
    ----------
    input : tensor4
        (B, C, rows, columns).
    ratio : int
        How many times as many rows and columns there are.
    frac_ratio : (int, int), or a pair of such pairs
        In its place: numerator and denominator, for both dimensions or for each.
    batch_size, num_input_channels : int, optional
        What is known of the shape.
    use_1D_kernel : bool
        Whether rows and columns are made one after the other; it is to be False for ``frac_ratio``.

    Returns
    -------
    tensor4
        (B, C, rows ratio, columns ratio).

    Raises
    ------
    ValueError
        If there are both ratios or none, ``ratio`` is no integer, or ``frac_ratio`` comes with ``use_1D_kernel``.
    """
    if ratio and frac_ratio:
        raise ValueError("can't use ratio and frac_ratio together: give one of them")
    if not (ratio or frac_ratio):
        raise ValueError("No ratio (or frac_ratio) provided")
    if frac_ratio and use_1D_kernel:
        raise ValueError("frac_ratio needs the kernel of two dimensions: pass use_1D_kernel=False")
    if frac_ratio:
        return frac_bilinear_upsampling(input, frac_ratio)
    known = None if batch_size is None or num_input_channels is None else batch_size * num_input_channels
    whole = int(get_scalar_constant_value(ratio))
    if whole != get_scalar_constant_value(ratio):
        raise ValueError(f"ratio must be an integer, got {ratio}: give frac_ratio=(numerator, denominator)")
    return _upsampled(as_tensor_variable(input), (whole, whole), known, use_1D_kernel)


def frac_bilinear_upsampling(input, frac_ratio):
    """Make images larger by a fraction: by its numerator, of which every so many rows and columns are kept.

    Parameters
    ----------
    input : tensor4
        (B, C, rows, columns).
    frac_ratio : (int, int), or a pair of such pairs
        Numerator and denominator, for both dimensions or for each.

    Raises
    ------
    ValueError
        If ``frac_ratio`` is no tuple.
    """
    if not isinstance(frac_ratio, tuple):
        raise ValueError(f"frac_ratio must be a tuple, got {frac_ratio}")
    pairs = frac_ratio if isinstance(frac_ratio[0], tuple) else (frac_ratio, frac_ratio)
    (p, q), (r, s) = ((a // gcd(a, b), b // gcd(a, b)) for a, b in pairs)
    return _upsampled(as_tensor_variable(input), (p, r), None, False)[:, :, ::q, ::s]


def _upsampled(images, ratios, known, one_by_one):
    rows, columns = images.shape[2:]
    lengths, borders = (rows * ratios[0], columns * ratios[1]), tuple(3 * r // 2 for r in ratios)
    out = _with_repeated_border(images.reshape((-1, 1, rows, columns)))
    if one_by_one:
        out = _transposed(out, (ratios[0], 1), (borders[0], 0), (lengths[0], columns + 2), known)
        out = _transposed(out, (1, ratios[1]), (0, borders[1]), lengths, known)
    else:
        out = _transposed(out, ratios, borders, lengths, known)
    return out.reshape((images.shape[0], images.shape[1], *lengths))


def _with_repeated_border(images):
    images = pt.concatenate([images[:, :, :1], images, images[:, :, -1:]], axis=2)
    return pt.concatenate([images[..., :1], images, images[..., -1:]], axis=3)


def _transposed(images, ratios, border, lengths, known):
    kernel = bilinear_kernel_2D(ratios)[None, None]
    shape, kernel_shape = (known, 1, *lengths), (1, 1, *(2 * r - 1 for r in ratios))
    return conv2d_grad_wrt_inputs(images, kernel, shape, kernel_shape, border_mode=border, subsample=ratios)
