"""The largest numbers of each segment of rows, column by column.

PyTensor has maxima along an axis; segments of different lengths, some of them empty, need padding there. Here they are
given by offsets, :math:`O(T d)` for :math:`T` rows.

Read next: :mod:`ptembed.graphs.bags`.
"""

from itertools import pairwise

import numpy as np
import pytensor.tensor as pt
from numba import njit
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.tensor.type import float_dtypes, integer_dtypes

from ptembed import _pytensor
from ptembed.ops.sparse_products import rows_of_nonzeros

__all__ = ["SegmentMax", "segment_max"]


class SegmentMax(Op):
    """The largest numbers of segments and where they are; see :func:`segment_max`."""

    __props__ = ()

    def make_node(self, x, offsets):
        x, offsets = pt.as_tensor(x), pt.as_tensor(offsets)
        if x.type.ndim != 2 or x.type.dtype not in float_dtypes:
            raise TypeError(f"x must be a matrix of floats, got {x.type}: a vector is x[:, None]")
        if offsets.type.ndim != 1 or offsets.type.dtype not in integer_dtypes:
            raise TypeError(f"offsets must be a vector of integers, got {offsets.type}")
        columns = x.type.shape[1]
        outputs = [pt.tensor(dtype=dtype, shape=(None, columns)) for dtype in (x.type.dtype, "int64")]
        return Apply(self, [x, offsets], outputs)

    def perform(self, node, inputs, output_storage):
        x, offsets = inputs
        best, where = np.zeros((len(offsets) - 1, x.shape[1]), x.dtype), np.full((len(offsets) - 1, x.shape[1]), -1)
        for i, (start, stop) in enumerate(pairwise(offsets)):
            if start < stop:
                best[i], where[i] = x[start:stop].max(axis=0), start + x[start:stop].argmax(axis=0)
        output_storage[0][0], output_storage[1][0] = best, where

    def connection_pattern(self, node):
        return [[True, False], [False, False]]

    def pullback(self, inputs, outputs, cotangents):
        x, offsets = inputs
        segment = rows_of_nonzeros(offsets)
        chosen = pt.eq(outputs[1][segment], pt.arange(x.shape[0])[:, None])
        return [
            pt.switch(chosen, cotangents[0][segment], np.zeros((), x.type.dtype)),
            *_pytensor.disconnected([offsets]),
        ]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [(shapes[1][0] - 1, shapes[0][1])] * 2


def segment_max(x, offsets):
    """Give the largest number of each column in each segment of rows.

    Parameters
    ----------
    x : float matrix, shape (T, d)
    offsets : int vector, shape (m + 1,)
        Segment ``i`` is ``x[offsets[i]:offsets[i + 1]]``; ``offsets[0]`` is 0 and ``offsets[m]`` is T.

    Returns
    -------
    matrix, shape (m, d)
        Zeros for an empty segment. The gradient goes to the first of several that are largest.

    Raises
    ------
    TypeError
        When ``x`` or ``offsets`` is of the wrong kind.

    Examples
    --------
    >>> segment_max([[1.0, 5.0], [3.0, 4.0], [-2.0, -3.0]], [0, 2, 2, 3]).eval()
    array([[ 3.,  5.],
           [ 0.,  0.],
           [-2., -3.]])
    """
    return SegmentMax()(x, offsets)[0]


@_pytensor.numba_kernel(SegmentMax)
def segment_max_kernel(op, node):
    @njit
    def segment_max(x, offsets):
        best = np.zeros((len(offsets) - 1, x.shape[1]), x.dtype)
        where = np.full(best.shape, -1)
        for i in range(len(best)):
            for j in range(offsets[i], offsets[i + 1]):
                for c in range(x.shape[1]):
                    if where[i, c] < 0 or x[j, c] > best[i, c]:
                        best[i, c], where[i, c] = x[j, c], j
        return best, where

    return segment_max
