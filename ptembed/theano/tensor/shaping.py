"""The same elements in another shape: reshaped, flattened, tiled, with other dimensions or broadcast patterns."""

import warnings

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.raise_op import Assert
from pytensor.tensor.shape import Reshape

from ptembed import _pytensor
from ptembed.theano.compile.rebroadcast import Rebroadcast
from ptembed.theano.tensor.conversion import as_tensor_variable
from ptembed.theano.tensor.elemwise import DimShuffle
from ptembed.theano.tensor.type import discrete_dtypes

__all__ = [
    "Flatten",
    "Reshape",
    "Tile",
    "addbroadcast",
    "flatten",
    "is_flat",
    "patternbroadcast",
    "reshape",
    "shape_padaxis",
    "shape_padleft",
    "shape_padright",
    "swapaxes",
    "tile",
    "transpose",
    "unbroadcast",
]


def reshape(x, newshape, ndim=None):
    """``x`` with another shape.

    Parameters
    ----------
    x : array
    newshape : sequence of int, or symbolic vector
        One length may be -1: it follows from the others.
    ndim : int, optional
        The number of lengths, needed where that of a symbolic ``newshape`` is not known.
    """
    return pt.reshape(as_tensor_variable(x), newshape, ndim=ndim)


class Flatten(Op):
    """Makes the last dimensions of an array one, ``Flatten(outdim)(x)``; :func:`flatten` is a reshape.

    Parameters
    ----------
    outdim : int
        How many dimensions are left.
    """

    view_map = {0: [0]}
    check_input = False
    __props__ = ("outdim",)

    def __init__(self, outdim=1):
        self.outdim = int(outdim)

    def __str__(self):
        return f"Flatten{{{self.outdim}}}"

    def make_node(self, x):
        x = as_tensor_variable(x)
        if self.outdim < 1 or (x.ndim and self.outdim > x.ndim):
            raise ValueError(f"outdim must lie in [1, {x.ndim}], got {self.outdim}.")
        last = x.type.shape[self.outdim - 1 :]
        shape = [*x.type.shape[: self.outdim - 1], None if None in last else int(np.prod(last))]
        return Apply(self, [x], [pt.tensor(dtype=x.dtype, shape=shape)])

    def perform(self, node, inputs, output_storage):
        (x,) = inputs
        output_storage[0][0] = x.reshape(
            (*x.shape[: self.outdim - 1], -1 if x.size else int(np.prod(x.shape[self.outdim - 1 :])))
        )

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        kept, last = shapes[0][: self.outdim - 1], shapes[0][self.outdim - 1 :]
        return [(*kept, pt.prod(pt.stack(last)) if last else pt.constant(1, dtype="int64"))]

    def pullback(self, inputs, outputs, cotangents):
        (x,) = inputs
        return [cotangents[0].reshape(pt.shape(x), ndim=x.ndim)]

    def pushforward(self, inputs, outputs, tangents):
        return [self(*tangents)]


def flatten(x, ndim=None, outdim=None):
    """``x`` with its last dimensions made one, so that ``ndim`` (formerly ``outdim``) are left; 1 by default."""
    x, wanted = as_tensor_variable(x), _wanted_ndim(ndim, outdim)
    if wanted < 1 or wanted > max(1, x.ndim):
        raise ValueError(f"ndim {wanted} out of bound [1, {x.ndim + 1})")
    flat = x.reshape((*(x.shape[i] for i in range(wanted - 1)), -1), ndim=wanted)
    ones = [*x.type.broadcastable[: wanted - 1], all(x.type.broadcastable[wanted - 1 :])]
    return addbroadcast(flat, *(i for i, one in enumerate(ones) if one))


def is_flat(var, ndim=None, outdim=None):
    """Whether ``var`` has ``ndim`` (formerly ``outdim``) dimensions; 1 by default."""
    return var.ndim == _wanted_ndim(ndim, outdim)


def _wanted_ndim(ndim, outdim):
    if outdim is None:
        return 1 if ndim is None else ndim
    if ndim is not None:
        raise ValueError("You should only specify ndim")
    warnings.warn("flatten outdim parameter is deprecated, use ndim instead.", stacklevel=3)
    return outdim


class Tile(Op):
    """Repeats an array as a whole, ``Tile(ndim)(x, reps)``; without a gradient: use :func:`tile`.

    Parameters
    ----------
    ndim : int
        The number of dimensions of the result.
    """

    __props__ = ("ndim",)

    def __init__(self, ndim):
        self.ndim = ndim

    def __str__(self):
        return f"Tile{{ndim={self.ndim}}}"

    def make_node(self, x, reps):
        warnings.warn("Tile op is deprecated, use tile function instead.", stacklevel=3)
        x, reps = as_tensor_variable(x), as_tensor_variable(reps)
        return Apply(self, [x, reps], [pt.tensor(dtype=x.dtype, shape=(None,) * self.ndim)])

    def perform(self, node, inputs, output_storage):
        x, reps = inputs
        tiled = np.tile(x, reps)
        if tiled.ndim != self.ndim:
            raise ValueError(f"{self} must give {self.ndim} dimensions, got {tiled.ndim}: give one number for each.")
        output_storage[0][0] = tiled.copy() if np.may_share_memory(tiled, x) else tiled

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        reps = node.inputs[1]
        return [tuple(n * reps[i] for i, n in enumerate(shapes[0]))]

    def pullback(self, inputs, outputs, cotangents):
        raise NotImplementedError("Tile has no gradient: use the function theano.tensor.tile.")


def tile(x, reps, ndim=None):
    """Repeat ``x`` as a whole, ``reps[i]`` times along axis ``i``.

    Parameters
    ----------
    x : array
    reps : int, sequence of int, or symbolic int, vector or sequence of these
        Counted from the last axis.
    ndim : int, optional
        The number of dimensions of the result, by default the larger of those of ``x`` and of ``reps``. A symbolic
        vector ``reps`` needs it.

    Raises
    ------
    ValueError
        If ``reps`` holds no integers, or ``ndim`` is too small or missing.
    """
    x = as_tensor_variable(x)
    if ndim is not None and ndim < x.ndim:
        raise ValueError("ndim should be equal or larger than x.ndim")
    reps = _repetitions(reps, ndim)
    ndim = max(len(reps), x.ndim) if ndim is None else ndim
    reps = [1] * (ndim - len(reps)) + reps
    lengths = [1] * (ndim - x.ndim) + [x.shape[i] for i in range(x.ndim)]
    pairs = [n for i in range(ndim) for n in (reps[i], lengths[i])]
    spread = x.dimshuffle([k for i in range(ndim) for k in ("x", i - ndim + x.ndim if i >= ndim - x.ndim else "x")])
    return pt.alloc(spread, *pairs).reshape([n * r for n, r in zip(lengths, reps, strict=True)], ndim=ndim)


def _repetitions(reps, ndim):
    """``reps`` as a list of numbers; of a symbolic vector, ``ndim`` of them."""
    if isinstance(reps, list | tuple):
        if ndim is not None and len(reps) > ndim:
            raise ValueError("len(reps) should be equal or less than ndim")
        if not all(isinstance(r, int | np.integer) or _is_integer_scalar(r) for r in reps):
            raise ValueError("elements of reps must be scalars of integer dtype")
        return list(reps)
    vector = as_tensor_variable(reps)
    if vector.dtype not in discrete_dtypes:
        raise ValueError("elements of reps must be integer dtype")
    if vector.ndim == 0:
        return [vector]
    if vector.ndim > 1:
        raise ValueError("the dimension of reps should not exceed 1")
    if ndim is None:
        raise ValueError("if reps is tensor.vector, you should specify the ndim")
    if vector.type.shape[0] is not None:
        return _repetitions([vector[i] for i in range(vector.type.shape[0])], ndim)
    missing = Assert("reps must not be longer than ndim.")(ndim - vector.shape[0], pt.ge(ndim, vector.shape[0]))
    return [pt.switch(pt.lt(i, missing), 1, vector[i - missing]) for i in range(ndim)]


def _is_integer_scalar(r):
    return getattr(r, "ndim", None) == 0 and hasattr(r, "type") and r.type.dtype in discrete_dtypes


def addbroadcast(x, *axes):
    """``x`` with the given axes broadcastable; it is an error when their length turns out not to be 1."""
    return _rebroadcast(x, dict.fromkeys(axes, True))


def unbroadcast(x, *axes):
    """``x`` with the given axes not broadcastable, whatever their length."""
    return _rebroadcast(x, dict.fromkeys(axes, False))


def patternbroadcast(x, broadcastable):
    """``x`` with the broadcast pattern ``broadcastable``, one bool for each dimension."""
    return _rebroadcast(x, {i: bool(b) for i, b in enumerate(broadcastable)})


def _rebroadcast(x, pattern):
    """``x`` with the axes in ``pattern`` broadcastable or not; itself where they are so already."""
    x = as_tensor_variable(x)
    beyond = [i for i in pattern if not 0 <= i < x.ndim]
    if beyond:
        raise ValueError(
            f"Trying to rebroadcast non-existent dimension {beyond[0]} of an array of {x.ndim} dimensions."
        )
    if x.owner is not None and isinstance(x.owner.op, Rebroadcast):
        return _rebroadcast(x.owner.inputs[0], x.owner.op.axis | pattern)
    changed = [(i, b) for i, b in pattern.items() if x.type.broadcastable[i] != b]
    return Rebroadcast(*changed)(x) if changed else x


def shape_padleft(t, n_ones=1):
    """``t`` with ``n_ones`` dimensions of length 1 before its own."""
    t = as_tensor_variable(t)
    return t.dimshuffle(["x"] * n_ones + list(range(t.ndim)))


def shape_padright(t, n_ones=1):
    """``t`` with ``n_ones`` dimensions of length 1 after its own."""
    t = as_tensor_variable(t)
    return t.dimshuffle(list(range(t.ndim)) + ["x"] * n_ones)


def shape_padaxis(t, axis):
    """``t`` with a dimension of length 1 put in at ``axis``; ``IndexError`` if there is no such place."""
    t = as_tensor_variable(t)
    if not -t.ndim - 1 <= axis <= t.ndim:
        raise IndexError(f"axis {axis} is out of bounds [-{t.ndim + 1}, {t.ndim + 1})")
    order: list = list(range(t.ndim))
    order.insert(axis % (t.ndim + 1), "x")
    return t.dimshuffle(order)


def transpose(x, axes=None):
    """``x`` with its dimensions in the order ``axes``, by default reversed."""
    x = as_tensor_variable(x)
    reverse = list(range(x.ndim - 1, -1, -1))
    order = reverse if axes is None else [int(i) % max(1, x.ndim) for i in axes]
    transposed = DimShuffle(x.type.broadcastable, order)(x)
    if x.name and order == reverse:
        transposed.name = f"{x.name}.T"
    return transposed


def swapaxes(y, axis1, axis2):
    """``y`` with two of its dimensions in each other's place."""
    y = as_tensor_variable(y)
    order = list(range(y.ndim))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return y.dimshuffle(order)
