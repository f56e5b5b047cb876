"""Convolution of single images, or sets of them, with single filters, or sets: each with each."""

import warnings

from ptembed.theano import config
from ptembed.theano.tensor.conversion import as_tensor_variable

__all__ = ["conv2d"]

RANKS = (2, 3)


def conv2d(input, filters, image_shape=None, filter_shape=None, border_mode="valid", subsample=(1, 1), **kargs):
    """Convolve each image with each filter.

    Parameters
    ----------
    input : matrix or tensor3
        ([images,] rows, columns).
    filters : matrix or tensor3
        ([filters,] rows, columns).
    image_shape, filter_shape : tuple of 2 or 3 int, optional
        The shapes, where both are known.
    border_mode : {"valid", "full"}, optional
        Whether a filter stays inside of an image, or overlaps with one pixel at least.
    subsample : (int, int), optional
        Every how many rows and columns are computed.
    **kargs
        Those of :class:`theano.tensor.nnet.conv.ConvOp`.

    Returns
    -------
    matrix, tensor3 or tensor4
        ([images,] [filters,] rows, columns).

    Raises
    ------
    AssertionError
        For arrays of other ranks.
    """
    from ptembed.theano.tensor.nnet.conv import ConvOp  # here, as it takes long to import

    input, filters = as_tensor_variable(input), as_tensor_variable(filters)
    for name, v in (("input", input), ("filters", filters)):
        if v.ndim not in RANKS:
            raise AssertionError(f"{name} must be a matrix or a tensor3, got {v.ndim} dimensions: reshape it")
    known = _known(input, filters, image_shape, filter_shape) if image_shape and filter_shape else {}
    convolve = ConvOp(output_mode=border_mode, dx=subsample[0], dy=subsample[1], **known, **kargs)
    output = convolve(_with_channel(input), _with_channel(filters))
    if input.ndim == filters.ndim == 2 and config.warn.signal_conv2d_interface:
        warnings.warn(
            "theano.tensor.signal.conv2d() now outputs a 2d tensor when both inputs are 2d. To disable this warning, "
            "set the Theano flag warn.signal_conv2d_interface to False",
            stacklevel=2,
        )
    return output[(slice(None) if input.ndim == 3 else 0, slice(None) if filters.ndim == 3 else 0)]


def _known(input, filters, image_shape, filter_shape):
    return {
        "bsize": image_shape[0] if input.ndim == 3 else 1,
        "imshp": (1, *image_shape[-2:]),
        "nkern": filter_shape[0] if filters.ndim == 3 else 1,
        "kshp": tuple(filter_shape[-2:]),
    }


def _with_channel(v):
    return v.dimshuffle("x", "x", 0, 1) if v.ndim == 2 else v.dimshuffle(0, "x", 1, 2)
