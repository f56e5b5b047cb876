"""Arrays put together along a dimension, and cut apart."""

import warnings

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import DisconnectedType, disconnected_type
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.tensor import basic as _basic

from ptembed import _pytensor
from ptembed.theano import scalar as scal
from ptembed.theano._faces import Face
from ptembed.theano.tensor.conversion import (
    NotScalarConstantError,
    as_tensor_variable,
    get_scalar_constant_value,
)
from ptembed.theano.tensor.type import integer_dtypes

__all__ = [
    "Join",
    "Split",
    "concatenate",
    "horizontal_stack",
    "join",
    "join_",
    "roll",
    "split",
    "stack",
    "stacklists",
    "vertical_stack",
]


def _known_axis(axis):
    """The axis as an int, or None where it is symbolic."""
    if isinstance(axis, int | np.integer):
        return int(axis)
    try:
        return int(get_scalar_constant_value(axis))
    except NotScalarConstantError:
        return None


def _check_axis(axis):
    if axis.type.dtype not in integer_dtypes or axis.type.ndim:
        raise TypeError(f"the axis must be an integer scalar, got {axis.type}.")


class Split(Op, metaclass=Face):
    """Cuts an array along a dimension, ``Split(n)(x, axis, lengths)``; the axis may be symbolic.

    Parameters
    ----------
    len_splits : int
        How many parts; there must be as many lengths.
    """

    __props__ = ("len_splits",)

    @staticmethod
    def _is(op):
        return isinstance(op, _basic.Split)

    def __init__(self, len_splits):
        self.len_splits = int(len_splits)

    def __str__(self):
        return f"Split{{{self.len_splits}}}"

    def __call__(self, x, axis, splits, **kwargs):
        known = _known_axis(axis)
        if known is None or kwargs:
            return super().__call__(x, axis, splits, **kwargs)
        x = as_tensor_variable(x)
        return pt.split(x, splits, n_splits=self.len_splits, axis=known % x.ndim if -x.ndim <= known < 0 else known)

    def make_node(self, x, axis, splits):
        x, axis, splits = (as_tensor_variable(v) for v in (x, axis, splits))
        _check_axis(axis)
        if splits.type.ndim != 1 or splits.type.dtype not in integer_dtypes:
            raise TypeError(f"the lengths of the parts must be a vector of integers, got {splits.type}.")
        parts = [pt.tensor(dtype=x.dtype, shape=(None,) * x.ndim) for _ in range(self.len_splits)]
        return Apply(self, [x, axis, splits], parts)

    def perform(self, node, inputs, output_storage):
        x, axis, splits = inputs
        if len(splits) != self.len_splits:
            raise ValueError(f"Split{{{self.len_splits}}} needs as many lengths, got {len(splits)}.")
        if np.any(splits < 0) or splits.sum() != x.shape[int(axis)]:
            raise ValueError(
                f"the lengths of the parts must be positive and sum up to {x.shape[int(axis)]}, got {splits}."
            )
        for storage, part in zip(output_storage, np.split(x, np.cumsum(splits[:-1]), axis=int(axis)), strict=True):
            storage[0] = part.copy()

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        axis, splits = node.inputs[1:]
        axis = axis % node.inputs[0].ndim
        return [
            tuple(pt.switch(pt.eq(axis, i), splits[j], n) for i, n in enumerate(shapes[0]))
            for j in range(self.len_splits)
        ]

    def connection_pattern(self, node):
        n = len(node.outputs)
        return [[True] * n, [False] * n, [False] * n]

    def pullback(self, inputs, outputs, cotangents):
        axis = inputs[1]
        parts = [
            o.zeros_like() if isinstance(g.type, DisconnectedType) else g
            for o, g in zip(outputs, cotangents, strict=True)
        ]
        return [Join()(axis, *parts), disconnected_type(), disconnected_type()]


class Join(Op, metaclass=Face):
    """Puts arrays together along a dimension, ``Join()(axis, *arrays)``; the axis may be symbolic.

    Parameters
    ----------
    view : int
        Which array may be returned as it is where the others are empty; -1 is none. It saved a copy.
    """

    __props__ = ("view",)

    @staticmethod
    def _is(op):
        return isinstance(op, _basic.Join)

    def __init__(self, view=-1):
        self.view = view

    def __eq__(self, op):
        return isinstance(op, _AnyJoin) or (type(op) is type(self) and op.view == self.view)

    def __hash__(self):
        return hash((type(self), self.view))

    def __str__(self):
        return "Join" if self.view == -1 else f"Join{{view={self.view}}}"

    def __call__(self, *axis_and_tensors, **kwargs):
        axis, *tensors = axis_and_tensors
        known = _known_axis(axis)
        if known is None or kwargs or len(tensors) < 2:
            return super().__call__(*axis_and_tensors, **kwargs)
        return pt.join(known, *[as_tensor_variable(x) for x in tensors])

    def make_node(self, *axis_and_tensors):
        axis, *tensors = (as_tensor_variable(v) for v in axis_and_tensors)
        if not tensors:
            raise ValueError("Cannot join an empty list of tensors")
        _check_axis(axis)
        ndims = {x.ndim for x in tensors}
        if len(ndims) > 1 or 0 in ndims:
            raise TypeError(
                f"Join needs arrays of one number of dimensions, 1 or more, got {[x.ndim for x in tensors]}."
            )
        dtype = scal.upcast(*[x.dtype for x in tensors])
        shape = tensors[0].type.shape if len(tensors) == 1 else (None,) * tensors[0].ndim
        return Apply(self, [axis, *tensors], [pt.tensor(dtype=dtype, shape=shape)])

    def perform(self, node, inputs, output_storage):
        axis, *arrays = inputs
        joined = np.concatenate(arrays, axis=int(axis))
        output_storage[0][0] = joined.astype(node.outputs[0].dtype, copy=False)

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        first, *others = shapes[1:]
        axis = node.inputs[0] % len(first)
        return [
            tuple(pt.switch(pt.eq(axis, i), sum((s[i] for s in others), n), n) for i, n in enumerate(first)),
        ]

    def connection_pattern(self, node):
        return [[False]] + [[True]] * (len(node.inputs) - 1)

    def pullback(self, inputs, outputs, cotangents):
        axis, *tensors = inputs
        lengths = pt.stack([pt.shape(x)[axis] for x in tensors])
        parts = Split(len(tensors)).make_node(cotangents[0], axis, lengths).outputs
        return [disconnected_type(), *parts]

    def pushforward(self, inputs, outputs, tangents):
        axis, *tensors = inputs
        moved = [
            x.zeros_like() if isinstance(d.type, DisconnectedType) else d
            for x, d in zip(tensors, tangents[1:], strict=True)
        ]
        return [self(axis, *moved)]


class _AnyJoin(_basic.Join):
    """What `join_` is: it makes joins, and is equal to each, so that ``v.owner.op == T.join_`` asks what it did.

    A subclass of PyTensor's for that alone: Python asks a subclass first whether it is equal. No node has it.
    """

    view = -1

    def __init__(self):
        pass

    def __eq__(self, op):
        return isinstance(op, Join)

    def __hash__(self):
        return hash(Join())

    def __str__(self):
        return str(Join())

    __repr__ = __str__

    def __call__(self, *axis_and_tensors, **kwargs):
        return Join()(*axis_and_tensors, **kwargs)

    def make_node(self, *axis_and_tensors):
        return Join().make_node(*axis_and_tensors)


join_ = _AnyJoin()


def join(axis, *tensors_list):
    """Put arrays together along ``axis``, an int or a symbolic one; of one array, the array."""
    if len(tensors_list) == 1:
        return as_tensor_variable(tensors_list[0])
    return join_(axis, *tensors_list)


def concatenate(tensor_list, axis=0):
    """:func:`join` with NumPy's arguments.

    Raises
    ------
    TypeError
        If ``tensor_list`` is no list or tuple.
    """
    if not isinstance(tensor_list, list | tuple):
        raise TypeError(
            f"The 'tensors' argument must be either a tuple or a list, got {tensor_list}: write [a, b] around them."
        )
    return join(axis, *tensor_list)


def split(x, splits_size, n_splits, axis=0):
    """Cut ``x`` into ``n_splits`` parts of the lengths ``splits_size`` along ``axis``."""
    return Split(n_splits)(x, axis, splits_size)


def stack(*tensors, **kwargs):
    """Join arrays of one shape along a new axis, ``stack([a, b], axis=0)`` or, as before 0.7, ``stack(a, b)``."""
    tensors, axis = _stack_arguments(*tensors, **kwargs)
    if len(tensors) == 0:
        raise Exception("theano.tensor.stack(tensors, axis) needs at least one tensor, got none")
    tensors = [as_tensor_variable(x) for x in tensors]
    if all(x.ndim == 0 for x in tensors):
        return _basic.MakeVector(scal.upcast(*[x.dtype for x in tensors]))(*tensors)
    return join(axis, *[pt.shape_padaxis(x, axis) for x in tensors])


def _stack_arguments(*positional, tensors=None, axis=0):
    if tensors is not None or not positional:
        return tensors or (), axis
    if not isinstance(positional[0], list | tuple):
        warnings.warn("stack(a, b) is deprecated: write stack([a, b]).", DeprecationWarning, stacklevel=3)
        return positional, axis
    return positional[0], positional[1] if len(positional) > 1 else axis


def stacklists(arg):
    """Nested lists of arrays as one array, whose first dimensions are those of the lists."""
    return stack(list(map(stacklists, arg))) if isinstance(arg, list | tuple) else arg


def horizontal_stack(*args):
    """Matrices side by side."""
    return _stack_matrices(1, args)


def vertical_stack(*args):
    """Matrices on top of each other."""
    return _stack_matrices(0, args)


def _stack_matrices(axis, matrices):
    matrices = [as_tensor_variable(x) for x in matrices]
    if len(matrices) < 2 or any(x.ndim != 2 for x in matrices):
        raise AssertionError(f"two matrices or more are needed, got arrays of {[x.ndim for x in matrices]} dimensions.")
    return join(axis, *matrices)


def roll(x, shift, axis=None):
    """Move the elements along ``axis`` by ``shift`` places; those that fall off at the end come in at the front.

    Parameters
    ----------
    x : array
    shift : int or symbolic int
    axis : int, optional
        By default the flattened array is rolled, and gets its shape back.
    """
    x = as_tensor_variable(x)
    if axis is None and x.ndim > 1:
        return roll(x.flatten(), shift, axis=0).reshape(x.shape, ndim=x.ndim)
    axis = (axis or 0) % x.ndim
    shift = shift % x.shape[axis]
    before = (slice(None),) * axis
    return join(axis, x[(*before, slice(-shift, None))], x[(*before, slice(0, -shift))])
