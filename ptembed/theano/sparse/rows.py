"""Rows of a matrix whose gradient is sparse: ``theano.sparse_grad``.

The gradient of ``W[idx]`` is a matrix of zeros into which rows are added. Theano had it dense, or on demand as a sparse
matrix in csc format. The latter is what a program gets here too, and what its functions return; where it meets a dense
matrix (``W - lr * g``), :mod:`ptembed.rewrites.sparse_rows` sees to it that the rows alone are written.
"""

from pytensor.gradient import DisconnectedType
from pytensor.tensor.subtensor import AdvancedSubtensor

from ptembed.theano.sparse import basic

__all__ = ["RowsOfSparseGradient", "read_rows"]


class RowsOfSparseGradient(AdvancedSubtensor):
    """``W[idx]`` for one vector ``idx``; its gradient is a sparse matrix in csc format."""

    def __init__(self):
        super().__init__((0,))

    def pullback(self, inputs, outputs, gradients):
        W, idx = inputs
        if W.type.ndim != 2:
            raise TypeError(
                f"sparse_grad needs a matrix W in W[idx], got {W.type.ndim} dimensions: leave it out there."
            )
        return [basic.construct_sparse_from_list(W, gradients[0], idx), DisconnectedType()()]


read_rows = RowsOfSparseGradient()
