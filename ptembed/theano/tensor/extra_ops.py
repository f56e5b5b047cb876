"""Cumulative sums, differences, repeats, diagonals, counts and searches.

Most of it is PyTensor's. The Ops that PyTensor renamed, or calls with other arguments, are faces (see
:mod:`ptembed.theano._faces`); ``DiffOp`` and a repeat by one number are Ops here.
"""

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Apply, Variable
from pytensor.graph.op import Op
from pytensor.raise_op import Assert
from pytensor.tensor import extra_ops as _extra_ops
from pytensor.tensor.extra_ops import (
    Bartlett,
    CpuContiguous,
    FillDiagonal,
    FillDiagonalOffset,
    RavelMultiIndex,
    SearchsortedOp,
    bartlett,
    bartlett_,
    compress,
    cpu_contiguous,
    cumprod,
    cumsum,
    fill_diagonal,
    fill_diagonal_,
    fill_diagonal_offset,
    fill_diagonal_offset_,
    ravel_multi_index,
    searchsorted,
    squeeze,
    to_one_hot,
)
from pytensor.tensor.type import integer_dtypes

from ptembed import _pytensor
from ptembed.theano import _gone
from ptembed.theano._faces import Face

__all__ = [
    "Bartlett",
    "CpuContiguous",
    "CumOp",
    "CumprodOp",
    "CumsumOp",
    "DiffOp",
    "FillDiagonal",
    "FillDiagonalOffset",
    "RavelMultiIndex",
    "RepeatOp",
    "SearchsortedOp",
    "Unique",
    "UnravelIndex",
    "bartlett",
    "bincount",
    "compress",
    "cpu_contiguous",
    "cumprod",
    "cumsum",
    "diff",
    "fill_diagonal",
    "fill_diagonal_offset",
    "ravel_multi_index",
    "repeat",
    "searchsorted",
    "squeeze",
    "to_one_hot",
    "unravel_index",
]


class CumOp(_extra_ops.CumOp, metaclass=Face):
    """Cumulative sums (``mode="add"``) or products (``"mul"``) along ``axis``, of the flat array where it is None."""

    def __init__(self, axis=None, mode="add"):
        if mode not in ("add", "mul"):
            raise ValueError(f'{type(self).__name__}: mode must be "add" or "mul", got {mode!r}.')
        self.axis, self.mode = axis, mode

    @staticmethod
    def _is(op):
        return isinstance(op, _extra_ops.CumOp)

    def make_node(self, x):
        x = pt.as_tensor(x)
        return (cumsum if self.mode == "add" else cumprod)(x, self.axis).owner


class CumsumOp(CumOp):
    """Cumulative sums along ``axis``."""

    @staticmethod
    def _make(axis=None):
        return CumOp(axis, "add")


class CumprodOp(CumOp):
    """Cumulative products along ``axis``."""

    @staticmethod
    def _make(axis=None):
        return CumOp(axis, "mul")


class DiffOp(Op):
    """The ``n``-th differences along an axis; see :func:`diff`."""

    __props__ = ("n", "axis")

    def __init__(self, n=1, axis=-1):
        self.n = n
        self.axis = axis
        if n == 0:
            self.view_map = {0: [0]}

    def make_node(self, x):
        x = pt.as_tensor(x)
        shape = [None if i == self.axis % x.ndim and self.n else s for i, s in enumerate(x.type.shape)]
        return Apply(self, [x], [pt.tensor(dtype=x.type.dtype, shape=shape)])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = np.diff(inputs[0], n=self.n, axis=self.axis)

    def pullback(self, inputs, outputs, cotangents):
        gradient, axis = cotangents[0], self.axis % inputs[0].ndim
        for _ in range(self.n):
            edge = pt.zeros([1 if i == axis else gradient.shape[i] for i in range(gradient.ndim)], gradient.dtype)
            gradient = pt.concatenate([edge, gradient], axis) - pt.concatenate([gradient, edge], axis)
        return [gradient]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        shape = list(shapes[0])
        shape[self.axis] = pt.maximum(shape[self.axis] - self.n, 0)
        return [shape]


def diff(x, n=1, axis=-1):
    """The differences ``x[i + 1] - x[i]`` along ``axis``, taken ``n`` times.

    Parameters
    ----------
    x : array
    n, axis : int
    """
    return DiffOp(n, axis)(x)


def bincount(x, weights=None, minlength=None, assert_nonneg=False):
    """How often each number occurs in a vector of non-negative integers, or the sum of its weights.

    Parameters
    ----------
    x : int vector, shape (m,)
        Without weights the counts are of its dtype.
    weights : vector, shape (m,), optional
    minlength : int, optional
        The least length of the result, else ``max(x) + 1``.
    assert_nonneg : bool
        Whether a negative number raises ``AssertionError``.
    """
    if x.ndim != 1:
        raise TypeError("Inputs must be of dimension 1.")
    if assert_nonneg:
        x = Assert("Input to bincount has negative values!")(x, pt.all(x >= 0))
    length = pt.cast(x.max() + 1, "int64")
    if minlength is not None:
        length = pt.maximum(length, minlength)
    counts = pt.zeros([length], dtype=x.dtype if weights is None else weights.dtype)
    return pt.inc_subtensor(counts[x], 1 if weights is None else weights)


class RepeatOp(Op, metaclass=Face):
    """Each element, or slice along ``axis``, several times: ``RepeatOp(axis)(x, repeats)``; see :func:`repeat`."""

    __props__ = ("axis",)

    def __init__(self, axis=None):
        self.axis = axis

    @staticmethod
    def _is(op):
        return isinstance(op, _extra_ops.Repeat)

    def make_node(self, x, repeats):
        x, repeats = pt.as_tensor(x), _repeats(repeats)
        shape = [None] if self.axis is None else list(x.type.shape)
        if self.axis is not None and not (isinstance(repeats, pt.TensorConstant) and np.all(repeats.data == 1)):
            shape[self.axis] = None
        return Apply(self, [x, repeats], [pt.tensor(dtype=x.type.dtype, shape=shape)])

    def perform(self, node, inputs, output_storage):
        x, repeats = inputs
        output_storage[0][0] = np.repeat(x, repeats, axis=self.axis)

    def connection_pattern(self, node):
        return [[True], [False]]

    def pullback(self, inputs, outputs, cotangents):
        x, repeats = inputs
        axis = 0 if self.axis is None else self.axis % x.ndim
        flat = x.flatten() if self.axis is None else x
        each = repeats if repeats.ndim else pt.alloc(repeats, flat.shape[axis])
        source = pt.repeat(pt.arange(flat.shape[axis]), each)
        place = (*[slice(None)] * axis, source)
        summed = pt.inc_subtensor(pt.zeros(flat.shape, cotangents[0].dtype)[place], cotangents[0])
        return [summed.reshape(x.shape, ndim=x.ndim), *_pytensor.disconnected([repeats])]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        repeats = pt.cast(node.inputs[1], "int64")
        shape = [pt.prod(pt.stack(shapes[0])) if shapes[0] else 1] if self.axis is None else list(shapes[0])
        axis = 0 if self.axis is None else self.axis
        shape[axis] = repeats.sum() if repeats.ndim else shape[axis] * repeats
        return [shape]


def _repeats(repeats):
    repeats = pt.as_tensor(repeats)
    if repeats.type.dtype not in integer_dtypes or repeats.type.dtype == "uint64":
        raise TypeError(f"repeats must be integers of another dtype than uint64, got {repeats.type.dtype}.")
    return repeats


def repeat(x, repeats, axis=None):
    """Each element of ``x`` several times, along ``axis`` or of the flat array.

    Parameters
    ----------
    x : array
    repeats : int, integer scalar or vector
        One number, or one for each place along the axis.
    axis : int, optional

    Raises
    ------
    TypeError
        If ``repeats`` are no integers, or uint64.
    ValueError
        If ``repeats`` has two dimensions or more, or ``x`` has no such axis.
    """
    x, repeats = pt.as_tensor(x), _repeats(repeats)
    if repeats.ndim > 1:
        raise ValueError("The dimension of repeats should not exceed 1.")
    if axis is not None and axis >= x.ndim:
        raise ValueError(f"axis must be below {x.ndim}, got {axis}.")
    return _extra_ops.repeat(x, repeats, axis)


class Unique(_extra_ops.Unique, metaclass=Face):
    """The distinct elements, ascending, or slices along ``axis``, and at wish where and how often they occur."""

    def __init__(self, return_index=False, return_inverse=False, return_counts=False, axis=None):
        super().__init__(return_index, return_inverse, return_counts)
        self.axis = axis

    @staticmethod
    def _is(op):
        return isinstance(op, _extra_ops.Unique)

    def make_node(self, x):
        x = pt.as_tensor(x)
        axis = self.axis
        if axis is not None:
            if not -x.ndim <= axis < x.ndim:
                raise RuntimeError(f"Unique: axis must lie in [{-x.ndim}, {x.ndim}), got {axis}.")
            axis %= x.ndim
        return _extra_ops.Unique(self.return_index, self.return_inverse, self.return_counts, axis).make_node(x)


class UnravelIndex(_extra_ops.UnravelIndex, metaclass=Face):
    """Flat indices as indices of each dimension: ``UnravelIndex(ndim, order)(indices, dims)``.

    ``order`` has no effect, as in Theano: the indices are those of row-major order.
    """

    def __init__(self, ndim, order="C"):
        super().__init__(order)
        if not isinstance(ndim, int) or ndim < 1:
            raise ValueError(f"ndim must be an integer greater than 0, got {ndim!r}.")
        self.ndim = ndim

    @staticmethod
    def _is(op):
        return isinstance(op, _extra_ops.UnravelIndex)

    def make_node(self, indices, dims):
        dims = pt.as_tensor(dims)
        if dims.ndim == 1 and isinstance(dims, Variable):
            dims = pt.stack([dims[i] for i in range(self.ndim)])
        return _extra_ops.UnravelIndex("C").make_node(indices, dims)


def unravel_index(indices, dims, order="C", ndim=None):
    """Turn flat indices into one array of indices for each dimension.

    Parameters
    ----------
    indices : integers
    dims : tuple of int, or integer vector
        The shape of the array.
    order : {'C', 'F'}
        Has no effect, as in Theano: the indices are those of row-major order.
    ndim : int, optional
        The length of ``dims``, where that is not known.

    Raises
    ------
    ValueError
        If the length of ``dims`` is not known and ``ndim`` not given.
    """
    if ndim is None:
        try:
            ndim = pt.get_vector_length(dims)
        except (TypeError, ValueError) as error:
            kind = TypeError if np.ndim(dims) != 1 and not isinstance(dims, Variable) else ValueError
            raise kind(f"the length of dims must be known, got {dims}: give ndim.") from error
    found = UnravelIndex(ndim=ndim, order=order)(indices, dims)
    return tuple(found) if isinstance(found, list | tuple) else (found,)


__getattr__ = _gone.getattr_of(__name__, lazy={"disconnected_type": "pytensor.gradient:disconnected_type"})
