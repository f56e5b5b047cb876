"""``x[s]`` where ``s`` is a variable whose value is a slice, of ``theano.tensor.slicetype``.

PyTensor indexes with slices of symbolic bounds alone, so the bounds are taken from the value, and what they choose from
``x``.
"""

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Apply, Variable
from pytensor.graph.op import Op
from pytensor.tensor.type_other import SliceType

from ptembed import _pytensor

__all__ = ["SliceBounds", "by_symbolic_slices", "is_symbolic_slice"]


class SliceBounds(Op):
    """Start, stop and step of a symbolic slice on an axis of a given length, as ``slice.indices`` gives them."""

    __props__ = ()

    def make_node(self, index, length):
        return Apply(self, [index, pt.as_tensor(length)], [pt.lscalar() for _ in range(3)])

    def perform(self, node, inputs, output_storage):
        for storage, bound in zip(output_storage, inputs[0].indices(int(inputs[1])), strict=True):
            storage[0] = np.asarray(bound, dtype="int64")

    def connection_pattern(self, node):
        return [[False] * 3, [False] * 3]

    def pullback(self, inputs, outputs, cotangents):
        return _pytensor.disconnected(inputs)

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [(), (), ()]


def is_symbolic_slice(index):
    """Whether ``index`` is a variable whose value is a slice."""
    return isinstance(index, Variable) and isinstance(index.type, SliceType)


def by_symbolic_slices(x, indices):
    """``x[indices]`` where some of the indices are symbolic slices, by the numbers of what they choose."""
    indices = indices if isinstance(indices, tuple) else (indices,)
    if Ellipsis in [index for index in indices if not isinstance(index, Variable | np.ndarray)]:
        raise NotImplementedError("no symbolic slice goes with an ellipsis: write the slices of the other axes, `:`.")
    rest, axis = [], 0
    for index in indices:
        if is_symbolic_slice(index):
            x, index = pt.take(x, pt.arange(*SliceBounds()(index, x.shape[axis])), axis), slice(None)
        rest.append(index)
        axis += index is not None
    return x if all(isinstance(i, slice) and i == slice(None) for i in rest) else x[tuple(rest)]
