"""The arithmetic of a convolution's shapes: borders, strides and dilations, and the lengths that follow.

Along one axis an image of length :math:`i`, with :math:`l` zeros before and :math:`r` after it, is met by a kernel of
length :math:`k`, whose entries are :math:`d` apart, at every :math:`s`-th place:

.. math:: o = \\lfloor (i + l + r - (k - 1) d - 1) / s \\rfloor + 1

Read next: :mod:`ptembed.ops.convolution`.
"""

from numbers import Integral

__all__ = [
    "BAD_CHANNELS",
    "BAD_GROUPS",
    "BAD_PLACES",
    "BAD_UNSHARED",
    "BORDERS",
    "TOO_SMALL",
    "borders",
    "normal_border",
    "output_length",
    "span",
    "zeros_around",
]

BAD_CHANNELS = "the channels of the images must be those of a kernel times num_groups"
BAD_GROUPS = "num_groups must divide the number of channels and the number of kernels"
BAD_PLACES = "the gradient must have the shape of the convolution's result, one image, kernel and place for each"
BAD_UNSHARED = "unshared kernels must have one kernel for each place of the result"
TOO_SMALL = "the kernels must fit into the images with their borders"

# what stands for zeros whose number depends on the kernel's length: half of it, all but one
BORDERS = {"valid": 0, "half": -1, "full": -2}


def normal_border(border_mode, convdim):
    """Give a border as a word of ``BORDERS``, or for each axis a word, a number or a pair of two different numbers.

    Parameters
    ----------
    border_mode : {"valid", "half", "full"}, int, or tuple of words, int and pairs of int
        Zeros around the image, 0 or more.
    convdim : int
        How many axes there are.

    Raises
    ------
    ValueError
        For another word, negative numbers, or a tuple of another length.
    """
    each = border_mode if isinstance(border_mode, tuple) else (border_mode,) * convdim
    if len(each) != convdim or not all(map(_is_border, each)):
        raise ValueError(
            f"invalid border_mode {border_mode}: it must be 'valid', 'full', 'half', an integer of 0 or more, or a "
            f"tuple of {convdim} of these or of pairs of such integers"
        )
    if isinstance(each[0], str) and len(set(each)) == 1:
        return each[0]
    return tuple(_normal(border) for border in each)


def _is_border(border):
    if isinstance(border, str):
        return border in BORDERS
    if isinstance(border, tuple):
        return len(border) == 2 and all(isinstance(n, Integral) and n >= 0 for n in border)
    return isinstance(border, Integral) and border >= 0


def _normal(border):
    if isinstance(border, str):
        return border
    a, b = border if isinstance(border, tuple) else (border, border)
    return int(a) if a == b else (int(a), int(b))


def borders(border_mode, convdim):
    """Give the pair (before, after) of each axis, with the negative numbers of ``BORDERS`` for words."""
    each = border_mode if isinstance(border_mode, tuple) else (border_mode,) * convdim
    numbers = (BORDERS[border] if isinstance(border, str) else border for border in each)
    return tuple(border if isinstance(border, tuple) else (border, border) for border in numbers)


def span(kernel, dilation):
    """How far the first entry of a kernel is from behind its last."""
    return kernel if dilation == 1 else (kernel - 1) * dilation + 1


def zeros_around(border, spanned):
    """How many zeros a border stands for, before or after the image."""
    return spanned // 2 if border == BORDERS["half"] else spanned - 1 if border == BORDERS["full"] else border


def output_length(image, kernel, border, stride, dilation):
    """Length of an axis of the result; ``image`` and ``kernel`` may be symbolic.

    Parameters
    ----------
    image, kernel : int or integer scalar
    border : (int, int)
        Of :func:`borders`.
    stride, dilation : int
    """
    spanned = span(kernel, dilation)
    rest = image - spanned
    for zeros in (zeros_around(b, spanned) for b in border):
        rest = rest if isinstance(zeros, int) and zeros == 0 else rest + zeros
    return (rest if isinstance(stride, int) and stride == 1 else rest // stride) + 1
