"""The functions of ``theano.tensor`` whose name or call differs from PyTensor's."""

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor import *
from pytensor.tensor import TensorType, TensorVariable

from ptembed.theano.configparser import config

__all__ = [
    "TensorType",
    "abs_",
    "addbroadcast",
    "col",
    "flatten",
    "inv",
    "matrix",
    "mean",
    "reshape",
    "row",
    "scalar",
    "split",
    "stack",
    "tensor",
    "tensor3",
    "tensor4",
    "tensor5",
    "tensor6",
    "tensor7",
    "tile",
    "var",
    "vector",
]

abs_ = pt.abs
inv = pt.reciprocal


def _constructor(kind: str, *shape: int | None):
    def construct(name=None, dtype=None):
        return TensorType(config.floatX if dtype is None else dtype, shape=shape)(name)

    construct.__name__ = construct.__qualname__ = kind
    construct.__doc__ = f"A symbolic {kind}, of dtype ``theano.config.floatX`` unless ``dtype`` is given."
    return construct


scalar = _constructor("scalar")
vector = _constructor("vector", None)
matrix = _constructor("matrix", None, None)
row = _constructor("row", 1, None)
col = _constructor("col", None, 1)
tensor3, tensor4, tensor5, tensor6, tensor7 = (_constructor(f"tensor{n}", *[None] * n) for n in range(3, 8))


def tensor(dtype, broadcastable, name=None):
    """A symbolic array.

    Parameters
    ----------
    dtype : str
    broadcastable : sequence of bool
        One for each dimension: whether its length is 1 and may be broadcast.
    name : str, optional
    """
    return TensorType(dtype, shape=tuple(1 if b else None for b in broadcastable))(name)


def stack(*tensors, axis=0):
    """Join arrays of one shape along a new axis, ``stack([a, b], axis)`` or, as before Theano 0.7, ``stack(a, b)``."""
    if not tensors:
        raise Exception("theano.tensor.stack(tensors, axis) needs at least one tensor, got none")
    if isinstance(tensors[0], list | tuple):
        return pt.stack(tensors[0], *tensors[1:], **({} if len(tensors) > 1 else {"axis": axis}))
    return pt.stack(tensors, axis=axis)


def reshape(x, newshape, ndim=None):
    """``x`` with another shape; ``ndim`` is needed where the length of a symbolic ``newshape`` is not known."""
    return pt.reshape(x, newshape, ndim=ndim)


def flatten(x, ndim=None, outdim=None):
    """``x`` with its last dimensions made one, so that ``ndim`` (formerly ``outdim``) are left; 1 by default."""
    if ndim is not None and outdim is not None:
        raise ValueError("You should only specify ndim")
    wanted = ndim if ndim is not None else outdim
    return pt.flatten(x, ndim=1 if wanted is None else wanted)


def tile(x, reps, ndim=None):
    """Repeat ``x`` as a whole, ``reps[i]`` times along axis ``i``."""
    if ndim is not None and isinstance(reps, list | tuple):
        reps = [1] * (ndim - len(reps)) + list(reps)
    return pt.tile(x, reps)


def split(x, splits_size, n_splits, axis=0):
    """Cut ``x`` into ``n_splits`` parts of the lengths ``splits_size``."""
    return pt.split(x, splits_size, n_splits=n_splits, axis=axis)


def mean(input, axis=None, dtype=None, op=False, keepdims=False, acc_dtype=None):
    """The mean over ``axis``; ``op`` is accepted and has no effect."""
    return pt.mean(input, axis=axis, dtype=dtype, keepdims=keepdims, acc_dtype=acc_dtype)


def addbroadcast(x, *axes):
    """``x`` with the given axes, whose length must be 1, broadcastable."""
    return pt.specify_broadcastable(x, *axes)
