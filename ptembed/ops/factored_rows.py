"""Rows of the large factor as symbols: copies that have caught up with the log of a factored layer.

Read next: :mod:`ptembed.ops.factored_balance`.
"""

import numpy as np
import pytensor.tensor as pt
from numba import njit
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op

from ptembed import _pytensor
from ptembed.ops import factored_apart, factored_blas, factored_log
from ptembed.ops.factored_blas import copy_into
from ptembed.ops.factored_log import bring_forward

__all__ = ["BroughtForward", "brought_forward", "rows_forward"]


class BroughtForward(Op):
    """Rows with all that the log has for them; see :func:`brought_forward`."""

    __props__ = ()

    def make_node(self, V, stamps, ids, *log):
        return Apply(self, [V, stamps, ids, *log], [pt.tensor(dtype=V.type.dtype, shape=(None, V.type.shape[1]))])

    def perform(self, node, inputs, output_storage):
        V, stamps, ids, *log = inputs
        output_storage[0][0] = rows_forward(V, stamps, ids, *log)

    def connection_pattern(self, node):
        return [[True], *[[False]] * (len(node.inputs) - 1)]

    def pullback(self, inputs, outputs, cotangents):
        V, *others = inputs
        message = "rows brought forward are differentiated by themselves, not by the factor"
        return [pt.grad_not_implemented(self, 0, V, message), *_pytensor.disconnected(others)]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [(shapes[2][0], shapes[0][1])]


def brought_forward(V, stamps, ids, log):
    """Read rows of the large factor, with all that the log has for them.

    Parameters
    ----------
    V : matrix, shape (D, d)
    stamps : int32 vector, shape (D,)
    ids : int64 vector, shape (k,)
        Row numbers in [0, D), distinct or not.
    log : sequence of tensors
        As in :mod:`ptembed.ops.factored_log`.

    Returns
    -------
    matrix, shape (k, d)
        Copies.
    """
    return BroughtForward()(V, stamps, ids, *log)


def rows_forward(V, stamps, ids, Z, M, sizes, S, X, count, closed):
    """Give rows of the large factor as :func:`brought_forward` does."""
    rows, seen = np.empty((len(ids), V.shape[1]), V.dtype), np.empty(len(ids), stamps.dtype)
    for i in range(len(ids)):
        copy_into(rows[i], V[ids[i]])
        seen[i] = stamps[ids[i]]
    bring_forward(rows, seen, (Z, M, sizes, S, X, count, closed))
    return rows


@_pytensor.numba_kernel(BroughtForward, factored_apart, factored_blas, factored_log)
def brought_forward_kernel(op, node):
    rows_of = factored_apart.apart(rows_forward, factored_apart.array_types(node.inputs), factored_blas, factored_log)

    @njit
    def brought_forward(V, stamps, ids, Z, M, sizes, S, X, count, closed):
        return rows_of((V, stamps, np.ascontiguousarray(ids), Z, M, sizes, S, X, count, closed))

    return brought_forward
