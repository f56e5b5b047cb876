r"""The element-by-element product of two sparse matrices, on their arrays.

PyTensor has it in Python alone. Here the non-zeros of a row of the second matrix are laid out by their columns, and
those of the first look theirs up: :math:`O(s_1 + s_2 + n)` for :math:`n` columns. Columns may come in any order and
repeat; what is repeated adds first.

:mod:`ptembed.rewrites.sparse_dots` makes :class:`CommonNonzeros` out of PyTensor's ``multiply``, when gradients are
settled; so it has none.
"""

import numpy as np
import pytensor.tensor as pt
from numba import njit
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from scipy.sparse import csr_array

from ptembed import _pytensor

__all__ = ["CommonNonzeros"]


class CommonNonzeros(Op):
    """Where both of two sparse matrices in CSR form are not zero, and the product there.

    Parameters
    ----------
    dtype : str
        Of the product.
    """

    __props__ = ("dtype",)

    def __init__(self, dtype):
        self.dtype = dtype

    def make_node(self, x, x_indices, x_indptr, y, y_indices, y_indptr, n):
        """Take the arrays of both matrices and the number of columns; give the arrays of the product."""
        arrays = [pt.as_tensor(v) for v in (x, x_indices, x_indptr, y, y_indices, y_indptr)]
        outputs = [pt.vector(dtype=dtype) for dtype in (self.dtype, "int32", "int32")]
        return Apply(self, [*arrays, pt.as_tensor(n, dtype="int64", ndim=0)], outputs)

    def perform(self, node, inputs, output_storage):
        *arrays, n = inputs
        shape = len(arrays[2]) - 1, int(n)
        x, y = (csr_array(tuple(three), shape) for three in (arrays[:3], arrays[3:]))
        product = csr_array(x.astype(self.dtype).multiply(y.astype(self.dtype)))
        for storage, array in zip(output_storage, (product.data, product.indices, product.indptr), strict=True):
            storage[0] = array
        for storage in output_storage[1:]:
            storage[0] = storage[0].astype("int32", copy=False)


@njit
def multiply_common(x, x_indices, x_indptr, y, y_indices, y_indptr, n, dtype):
    """Kernel of :class:`CommonNonzeros`: in the order of the columns of ``x``, without zeros."""
    most = min(len(x), len(y)) if len(x_indptr) else 0
    data, indices, indptr = np.empty(most, dtype), np.empty(most, np.int32), np.zeros(len(x_indptr), np.int32)
    row_of, place_of, value = np.full(n, -1), np.full(n, -1), np.zeros(n, dtype)
    s = 0
    for i in range(len(x_indptr) - 1):
        for j in range(y_indptr[i], y_indptr[i + 1]):
            c = y_indices[j]
            value[c] = dtype(y[j]) + (value[c] if row_of[c] == i else dtype(0))
            row_of[c] = i
        start = s
        for j in range(x_indptr[i], x_indptr[i + 1]):
            c = x_indices[j]
            if row_of[c] != i:
                continue
            if place_of[c] < start:
                place_of[c], indices[s], data[s] = s, c, dtype(0)
                s += 1
            data[place_of[c]] += dtype(x[j]) * value[c]
        s = drop_zeros(data, indices, start, s)
        indptr[i + 1] = s
    return data[:s], indices[:s], indptr


@njit
def drop_zeros(data, indices, start, end):
    """Close up the non-zeros from ``start`` to ``end``; give their new end."""
    kept = start
    for j in range(start, end):
        if data[j] != 0:
            data[kept], indices[kept] = data[j], indices[j]
            kept += 1
    return kept


@_pytensor.numba_kernel(CommonNonzeros)
def common_nonzeros_kernel(op, node):
    dtype = np.dtype(op.dtype).type

    @njit
    def common_nonzeros(x, x_indices, x_indptr, y, y_indices, y_indptr, n):
        if len(x_indptr) != len(y_indptr):
            raise ValueError("two sparse matrices must have as many rows to be multiplied element by element")
        return multiply_common(x, x_indices, x_indptr, y, y_indices, y_indptr, n.item(), dtype)

    return common_nonzeros
