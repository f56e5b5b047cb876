"""The shapes of convolutions: from numbers, symbols or None, where something is not known."""

import pytensor.tensor as pt
from pytensor.raise_op import Assert

from ptembed.ops.convolution_geometry import borders, normal_border, output_length, span, zeros_around
from ptembed.theano.configparser import config
from ptembed.theano.tensor.conversion import NotScalarConstantError, get_scalar_constant_value

__all__ = [
    "assert_conv_shape",
    "assert_shape",
    "border_mode_to_pad",
    "check_conv_gradinputs_shape",
    "get_conv_gradinputs_shape",
    "get_conv_gradinputs_shape_1axis",
    "get_conv_gradweights_shape",
    "get_conv_gradweights_shape_1axis",
    "get_conv_output_shape",
    "get_conv_shape_1axis",
]

_BAD = "The convolution would produce an invalid shape (dim[{}]: {} {} 0)."


def get_conv_output_shape(image_shape, kernel_shape, border_mode, subsample, filter_dilation=None):
    """The shape of a convolution's result.

    Parameters
    ----------
    image_shape, kernel_shape : sequence of int, integer scalar or None
        (B, C, *image) and (F, C, *kernel), or (F, *places, C, *kernel) for unshared kernels.
    border_mode : str, int, or tuple of int or pairs of int
    subsample, filter_dilation : tuple of int

    Returns
    -------
    tuple
        (B, F, *places), None for what is not known.
    """
    n = len(image_shape) - 2
    axes = _axes(border_mode, subsample, filter_dilation)
    lengths = map(get_conv_shape_1axis, image_shape[2:], kernel_shape[-n:], *axes)
    return (image_shape[0], kernel_shape[0], *lengths)


def get_conv_shape_1axis(image_shape, kernel_shape, border_mode, subsample, dilation=1):
    """One length of :func:`get_conv_output_shape`.

    Raises
    ------
    ValueError
        For a negative border.
    """
    if _any_unknown(image_shape, kernel_shape, border_mode, subsample, dilation):
        return None
    return output_length(image_shape, kernel_shape, _border(border_mode), subsample, dilation)


def get_conv_gradweights_shape(
    image_shape, top_shape, border_mode, subsample, filter_dilation=None, num_groups=1, unshared=False
):
    """The shape of the kernels, from those of the images and of the result; None where it is not known.

    It is known for a stride of 1 and a border that does not depend on it, but for ``full``.
    """
    axes = _axes(border_mode, subsample, filter_dilation)
    lengths = tuple(map(get_conv_gradweights_shape_1axis, image_shape[2:], top_shape[2:], *axes))
    first = top_shape[1] if num_groups == 1 else top_shape[1] // num_groups
    return (first, *(top_shape[2:] if unshared else ()), image_shape[1], *lengths)


def get_conv_gradweights_shape_1axis(image_shape, top_shape, border_mode, subsample, dilation):
    """One length of :func:`get_conv_gradweights_shape`."""
    if _any_unknown(image_shape, top_shape, border_mode, subsample, dilation) or subsample != 1:
        return None
    if border_mode == "half":
        return None
    full = border_mode == "full"
    rest = top_shape - image_shape if full else image_shape + sum(_border(border_mode)) - top_shape
    return (rest // dilation if dilation > 1 else rest) + 1


def get_conv_gradinputs_shape(kernel_shape, top_shape, border_mode, subsample, filter_dilation=None, num_groups=1):
    """The shape of the images, from those of the kernels and of the result; None for axes of another stride than 1."""
    n = len(top_shape) - 2
    axes = _axes(border_mode, subsample, filter_dilation)
    lengths = map(get_conv_gradinputs_shape_1axis, kernel_shape[-n:], top_shape[2:], *axes)
    channels = kernel_shape[1] if num_groups == 1 else kernel_shape[1] * num_groups
    return (top_shape[0], channels, *lengths)


def get_conv_gradinputs_shape_1axis(kernel_shape, top_shape, border_mode, subsample, dilation):
    """One length of :func:`get_conv_gradinputs_shape`."""
    if _any_unknown(kernel_shape, top_shape, border_mode, subsample, dilation) or subsample != 1:
        return None
    spanned = span(kernel_shape, dilation)
    length = top_shape + spanned - 1
    for zeros in (zeros_around(border, spanned) for border in _border(border_mode)):
        length = length if isinstance(zeros, int) and zeros == 0 else length - zeros
    return length


def check_conv_gradinputs_shape(image_shape, kernel_shape, output_shape, border_mode, subsample, filter_dilation=None):
    """Whether a convolution of these shapes can give the third; True where it is not known."""
    ranks = {len(image_shape), len(kernel_shape), len(output_shape), len(subsample) + 2}
    if len(ranks | ({len(filter_dilation) + 2} if filter_dilation is not None else set())) > 1:
        return False
    found = get_conv_output_shape(tuple(image_shape), tuple(kernel_shape), border_mode, subsample, filter_dilation)
    return all(map(_may_be_equal, output_shape, found))


def assert_conv_shape(shape):
    """Check the shape of a convolution's images, kernels or result.

    Parameters
    ----------
    shape : sequence of int or integer scalar
        The first two may be 0.

    Returns
    -------
    tuple
        The numbers; symbols that raise ``AssertionError`` when they are computed to be wrong.

    Raises
    ------
    ValueError
        When a number is wrong.
    """
    return tuple(_checked_length(i, n) for i, n in enumerate(shape))


def assert_shape(x, expected_shape, msg="Unexpected shape."):
    """``x``, checked to have this shape when it is computed, if ``config.conv.assert_shape`` is set.

    Parameters
    ----------
    x : tensor
    expected_shape : sequence of int, integer scalar or None, optional
        None for what is not checked.
    msg : str, optional
        Of the ``AssertionError``.
    """
    if expected_shape is None or not config.conv.assert_shape:
        return x
    tests = [pt.eq(x.shape[i], n) for i, n in enumerate(expected_shape) if n is not None]
    return Assert(msg)(x, *tests) if tests else x


def border_mode_to_pad(mode, convdim, kshp):
    """The zeros around an image: one pair (before, after) for each dimension.

    Parameters
    ----------
    mode : str, int, or tuple of int or pairs of int
    convdim : int
    kshp : sequence of int
        The lengths of a kernel, as far apart as it spans.

    Raises
    ------
    ValueError
        For a border that cannot be.
    """
    pairs = borders(normal_border(mode, convdim), convdim)
    return tuple((zeros_around(a, k), zeros_around(b, k)) for (a, b), k in zip(pairs, kshp, strict=True))


def _axes(border_mode, subsample, filter_dilation):
    n = len(subsample)
    each = border_mode if isinstance(border_mode, tuple) else (border_mode,) * n
    return each, subsample, (1,) * n if filter_dilation is None else filter_dilation


def _any_unknown(*lengths):
    return any(n is None for n in lengths)


def _border(border_mode):
    return borders(normal_border(border_mode if isinstance(border_mode, str) else (border_mode,), 1), 1)[0]


def _may_be_equal(given, computed):
    if given is None or computed is None:
        return True
    try:
        return int(get_scalar_constant_value(given)) == int(get_scalar_constant_value(computed))
    except NotScalarConstantError:
        return True


def _checked_length(i, n):
    least, sign = (0, "<") if i < 2 else (1, "<=")
    try:
        number = int(get_scalar_constant_value(n))
    except NotScalarConstantError:
        return Assert(_BAD.format(i, "it is", sign))(n, n >= least)
    if number < least:
        raise ValueError(_BAD.format(i, number, sign))
    return n
