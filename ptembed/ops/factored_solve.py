"""A system of equations as a symbol, solved where it lies.

``pytensor.tensor.linalg.solve`` copies the right-hand sides by columns and estimates the condition number first, which
takes longer than to solve one of the sizes of a factored step.

Read next: :mod:`ptembed.ops.factored_inverse`.
"""

import numpy as np
from numba import njit
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op

from ptembed import _pytensor
from ptembed.ops import factored_blas, factored_inverse
from ptembed.ops.factored_inverse import by_lu

__all__ = ["Solve", "solve"]


class Solve(Op):
    """``A^-1 B``; see :func:`solve`."""

    __props__ = ()

    def make_node(self, A, B):
        return Apply(self, [A, B], [B.type()])

    def perform(self, node, inputs, output_storage):
        A, B = inputs
        output_storage[0][0] = by_lu(A.copy(), B.copy())

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [shapes[1]]


def solve(A, B):
    r"""Give :math:`A^{-1} B` by Gauss's elimination with row exchanges.

    Parameters
    ----------
    A : matrix, shape (m, m)
    B : matrix, shape (m, d)
        Of the same floating dtype.

    Returns
    -------
    matrix, shape (m, d)
        All infinite where a pivot is zero.
    """
    return Solve()(A, B)


@_pytensor.numba_kernel(Solve, factored_blas, factored_inverse)
def solve_kernel(op, node):
    @njit
    def solve(A, B):
        # copies by rows, however they lie
        factors, out = np.empty(A.shape, A.dtype), np.empty(B.shape, B.dtype)
        factors[:], out[:] = A, B
        return by_lu(factors, out)

    return solve
