"""Sorting, and the k largest elements.

PyTensor's Ops sort where the axis is a constant. Theano's axis could be a symbolic variable: then the Ops here do, in
NumPy. ``topk`` gives the k largest elements in the order of ``numpy.argpartition``, not sorted among themselves. The
order is the same whether the values, the indices or both are asked for: the gradient relies on it.
"""

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import grad_undefined
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.graph.rewriting.basic import node_rewriter
from pytensor.tensor.rewriting.basic import register_canonicalize, register_specialize
from pytensor.tensor.sort import ArgSortOp as _ArgSortOp
from pytensor.tensor.sort import SortOp as _SortOp
from pytensor.tensor.sort import argsort as _argsort
from pytensor.tensor.sort import sort as _sort
from pytensor.tensor.type import integer_dtypes

from ptembed import _pytensor
from ptembed.theano._faces import Face

__all__ = ["ArgSortOp", "SortOp", "TopKOp", "argsort", "argtopk", "sort", "topk", "topk_and_argtopk"]

KINDS = ("quicksort", "mergesort", "heapsort", "stable")


class _AlongAxis(Op):
    """NumPy's sort or argsort along an axis that is an input."""

    __props__ = ("kind", "order")

    def __init__(self, kind, order=None):
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}.")
        if order:
            raise ValueError(f"order names the fields of records, which a symbolic array has not: got {order!r}.")
        self.kind = kind
        self.order = str(order)

    def make_node(self, input, axis=-1):
        x, axis = pt.as_tensor(input), pt.as_tensor(axis)
        return Apply(self, [x, axis], [pt.tensor(dtype=self._dtype(x), shape=x.type.shape)])

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [shapes[0]]


class SortOp(_AlongAxis, metaclass=Face):
    """``numpy.sort`` of an array along an axis, ``SortOp(kind)(x, axis)``."""

    @staticmethod
    def _is(op):
        return isinstance(op, _SortOp)

    def _dtype(self, x):
        return x.type.dtype

    def perform(self, node, inputs, output_storage):
        x, axis = inputs
        output_storage[0][0] = np.sort(x, int(axis), self.kind)

    def pullback(self, inputs, outputs, cotangents):
        x, axis = inputs
        back = argsort(argsort(x, axis, self.kind), axis, self.kind)
        places = [pt.switch(pt.eq(pt.mod(axis, x.ndim), i), back, _positions(x, i)) for i in range(x.ndim)]
        return [cotangents[0][tuple(places)], grad_undefined(self, 1, axis, "the axis of a sort is an integer")]


class ArgSortOp(_AlongAxis, metaclass=Face):
    """``numpy.argsort`` of an array along an axis, ``ArgSortOp(kind)(x, axis)``."""

    @staticmethod
    def _is(op):
        return isinstance(op, _ArgSortOp)

    def _dtype(self, x):
        return "int64"

    def perform(self, node, inputs, output_storage):
        x, axis = inputs
        output_storage[0][0] = np.asarray(np.argsort(x, int(axis), self.kind), dtype="int64")

    def pullback(self, inputs, outputs, cotangents):
        x, axis = inputs
        return [x.zeros_like(), grad_undefined(self, 1, axis, "the axis of a sort is an integer")]


def _positions(x, axis):
    """``0 .. n-1`` along ``axis`` of ``x``, with length 1 in the other dimensions."""
    return pt.arange(x.shape[axis]).dimshuffle([0 if i == axis else "x" for i in range(x.ndim)])


def sort(a, axis=-1, kind="quicksort", order=None):
    """``a`` sorted along ``axis``, or flattened and sorted where ``axis`` is None.

    Parameters
    ----------
    a : array
    axis : int or symbolic scalar or None
    kind : {'quicksort', 'mergesort', 'heapsort', 'stable'}
    order : None
        The order of record fields in NumPy; a symbolic array has none.
    """
    return _sorted(_sort, SortOp, a, axis, kind, order)


def argsort(a, axis=-1, kind="quicksort", order=None):
    """The indices that sort ``a`` along ``axis``, or flattened where ``axis`` is None; see :func:`sort`."""
    return _sorted(_argsort, ArgSortOp, a, axis, kind, order)


def _sorted(function, op_type, a, axis, kind, order):
    a, op = pt.as_tensor(a), op_type(kind, order)
    if axis is None:
        a, axis = a.flatten(), 0
    return function(a, int(axis), kind) if isinstance(axis, int | np.integer) else op(a, axis)


class TopKOp(Op):
    """The ``|k|`` largest (``k > 0``) or smallest (``k < 0``) elements along an axis, and where they are.

    Parameters
    ----------
    axis : int
    sorted : bool
        Must be False: the elements come in the order of ``numpy.argpartition``.
    idx_dtype : str
        An integer dtype.
    return_values, return_indices : bool
    """

    __props__ = ("axis", "sorted", "return_values", "return_indices", "idx_dtype")

    def __init__(self, axis=-1, sorted=True, idx_dtype="int64", return_values=True, return_indices=True):
        if not isinstance(axis, int):
            raise TypeError(f"axis must be an integer, got {axis!r}.")
        if sorted:
            raise NotImplementedError("topk does not sort the elements it finds: give sorted=False, then use sort.")
        if idx_dtype not in integer_dtypes:
            raise TypeError(f"idx_dtype must be an integer dtype, got {idx_dtype!r}.")
        if not (return_values or return_indices):
            raise ValueError("return_values or return_indices must be True, got False for both.")
        self.axis, self.sorted, self.idx_dtype = axis, sorted, str(idx_dtype)
        self.return_values, self.return_indices = return_values, return_indices

    def __str__(self):
        return f"{type(self).__name__}{{axis={self.axis}, sorted={self.sorted}}}"

    def make_node(self, inp, kth):
        x, k = pt.as_tensor(inp), pt.as_tensor(kth)
        if x.ndim == 0:
            raise ValueError("topk needs an array of one dimension or more, got a scalar.")
        if not -x.ndim <= self.axis < x.ndim:
            raise IndexError(f"axis must lie in [{-x.ndim}, {x.ndim}), got {self.axis}.")
        if k.ndim or k.type.dtype not in integer_dtypes:
            raise TypeError(f"k must be an integer scalar, got {k.type}.")
        shape = list(x.type.shape)
        shape[self.axis] = 1 if shape[self.axis] == 1 else None
        dtypes = [x.type.dtype] * self.return_values + [self.idx_dtype] * self.return_indices
        return Apply(self, [x, k], [pt.tensor(dtype=dtype, shape=shape) for dtype in dtypes])

    def perform(self, node, inputs, output_storage):
        x, k = inputs
        axis, k = self.axis % x.ndim, int(k)
        if not 1 <= abs(k) <= x.shape[axis]:
            raise ValueError(f"topk: 1 <= |k| <= {x.shape[axis]} (the length of axis {axis}) must hold, got k={k}.")
        where = _top_indices(x, k, axis)
        if self.return_values:
            output_storage[0][0] = np.take_along_axis(x, where, axis)
        if self.return_indices:
            output_storage[-1][0] = where.astype(self.idx_dtype)

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        shape = list(shapes[0])
        shape[self.axis] = pt.abs(node.inputs[1])
        return [tuple(shape) for _ in node.outputs]

    def connection_pattern(self, node):
        outputs = [True] * self.return_values + [False] * self.return_indices
        return [outputs, [False for _ in outputs]]

    def pullback(self, inputs, outputs, cotangents):
        x, k = inputs
        if not self.return_values:
            return _pytensor.disconnected(inputs)
        where = outputs[-1] if self.return_indices else argtopk(x, k, self.axis, self.sorted, self.idx_dtype)
        axis = self.axis % x.ndim
        places = tuple(where if i == axis else _positions(x, i) for i in range(x.ndim))
        gradient = pt.set_subtensor(x.zeros_like(dtype=cotangents[0].dtype)[places], cotangents[0])
        return [gradient, *_pytensor.disconnected([k])]


def _top_indices(x, k, axis):
    if k in (1, -1):
        return np.expand_dims(np.argmax(x, axis) if k == 1 else np.argmin(x, axis), axis)
    if abs(k) == x.shape[axis]:
        return np.broadcast_to(np.expand_dims(np.arange(abs(k)), (*range(axis), *range(axis - x.ndim + 1, 0))), x.shape)
    slots = np.arange(x.shape[axis] - k, x.shape[axis]) if k > 0 else np.arange(-k)
    return np.take(np.argpartition(x, -k if k > 0 else -k - 1, axis), slots, axis)


def topk(x, kth, axis=-1, sorted=True, idx_dtype="int64"):
    """The ``kth`` largest elements along ``axis``, or the ``-kth`` smallest where ``kth`` is negative.

    Parameters
    ----------
    x : array
    kth : int or integer scalar
        Not 0, and at most the length of the axis in absolute value.
    axis : int or None
        None works on the flattened array.
    sorted : bool
        Must be given as False: the order of the elements is ``numpy.argpartition``'s.
    idx_dtype : str
        An integer dtype, for the indices that the gradient needs.
    """
    return _top(x, kth, axis, sorted, idx_dtype)[0]


def argtopk(x, kth, axis=-1, sorted=True, idx_dtype="int64"):
    """The indices along ``axis`` of the elements that :func:`topk` gives."""
    return _top(x, kth, axis, sorted, idx_dtype)[1]


def topk_and_argtopk(x, kth, axis=-1, sorted=True, idx_dtype="int64"):
    """Both :func:`topk` and :func:`argtopk`, computed once."""
    return _top(x, kth, axis, sorted, idx_dtype)


def _top(x, kth, axis, sorted, idx_dtype):
    if axis is None:
        x, axis = pt.as_tensor(x).flatten(), 0
    return TopKOp(axis, sorted, idx_dtype)(x, kth)


@node_rewriter([TopKOp])
def local_useless_topk(fgraph, node):
    """Compute only that output of a TopKOp that is used."""
    op, used = node.op, [bool(fgraph.clients[output]) for output in node.outputs]
    if not (op.return_values and op.return_indices) or all(used) or not any(used):
        return None
    only = TopKOp(op.axis, op.sorted, op.idx_dtype, return_values=used[0], return_indices=used[1])
    kept = node.outputs[0 if used[0] else 1]
    return {kept: only(*node.inputs)}


for _register in (register_canonicalize, register_specialize):
    _register(local_useless_topk)
