"""A product of two matrices as a symbol, taken as those inside of a factored step are.

Read next: :mod:`ptembed.ops.factored_blas`.
"""

import numpy as np
import pytensor.tensor as pt
from numba import njit
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op

from ptembed import _pytensor
from ptembed.ops import factored_blas
from ptembed.ops.factored_blas import product

__all__ = ["Product", "times"]


class Product(Op):
    """``A B``; see :func:`times`."""

    __props__ = ()

    def make_node(self, A, B):
        return Apply(self, [A, B], [pt.matrix(dtype=A.type.dtype, shape=(A.type.shape[0], B.type.shape[1]))])

    def perform(self, node, inputs, output_storage):
        A, B = inputs
        output_storage[0][0] = A @ B

    def pullback(self, inputs, outputs, cotangents):
        (A, B), (C,) = inputs, cotangents
        return [C @ B.T, A.T @ C]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [(shapes[0][0], shapes[1][1])]


def times(A, B):
    """Give ``A B``, for many products of one size (m, k) by (k, n) in one thread.

    Parameters
    ----------
    A, B : matrices
        Of one floating dtype.

    Returns
    -------
    matrix
    """
    return Product()(A, B)


@_pytensor.numba_kernel(Product, factored_blas)
def product_kernel(op, node):
    contiguous = np.ascontiguousarray

    @njit
    def times(A, B):
        out = np.empty((A.shape[0], B.shape[1]), A.dtype)
        product(contiguous(A), True, contiguous(B), False, out, False)
        return out

    return times
