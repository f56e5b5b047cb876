r"""What is still to be done to the rows of the large factor: a log that each row catches up with when it is read.

Of :math:`W = V U`, a factor :math:`C` close to the identity moves from :math:`U` to :math:`V` in :math:`O(d^2)`,
whatever the number of rows :math:`D`, if :math:`V` is not touched and :math:`C` is written down. A row of :math:`V` has
a stamp, the number of entries that it has seen, and takes the others when a step reads it.

An entry is :math:`I + z y^T`, a column of the log. The product of all columns from :math:`k` on has the compact form of
Schreiber & Van Loan, 1989,

.. math:: I + Z_{k:} T_{k:,k:} Y_{k:}, \qquad T_{\cdot,n} = T\, Y z_n, \quad T_{nn} = 1,

with the trailing block of one triangular :math:`T`, so that rows of all stamps are brought forward by two products of
rank :math:`L`, the columns that the log holds. When it is full, it becomes one of :math:`G` generations, and each
generation holds the product :math:`S` of all whole ones after it: a row pays two such products and one with :math:`S`
at most. Behind, a few rows a step, all rows are brought forward in turn, once in :math:`G - 6` generations, before the
oldest generation is forgotten.

Everything here is both NumPy and, called by a kernel, Numba. A log is the tuple ``Z, Y`` (G, L, d), ``T`` (G, L, L),
``S`` (G + 1, d, d), ``X`` (r, d), which :mod:`ptembed.ops.factored_balance` has for itself, and ``count``, integers
with the names below; then ``closed`` (G,), whether ``S`` of a generation is more than the identity, and whether it is
still to be multiplied by the last one of ``S``, an entry of any rank.

Read next: :mod:`ptembed.ops.factored_balance`.
"""

import numpy as np
import pytensor.tensor as pt
from numba import njit
from numba.extending import register_jitable
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op

from ptembed import _pytensor
from ptembed.ops import factored_apart, factored_blas
from ptembed.ops.factored_blas import copy_into, product

__all__ = ["COUNTS", "BroughtForward", "append", "bring_forward", "brought_forward", "close", "rows_forward", "sweep"]

# places in count: columns so far, rows swept so far; for reports: corrections, steps by deflation, U moved whole;
# and how much U may have shrunk since directions were last followed
NOW, SWEPT, CORRECTED, BY_DEFLATION, MOVED_WHOLE, DRIFT = COUNTS = range(6)
MULTIPLIED, PENDING = 1, 2
FEW = 32  # rows of a sweep in one step, at least


@register_jitable
def bring_forward(v, stamps, log):
    """Bring rows ``v`` (n, d) forward in place, from ``stamps`` (n,) to the end of the log: O(n d (2 L + d))."""
    Z, Y, T, S, _, count, closed = log
    G, L, now = Z.shape[0], Z.shape[1], count[0]
    last, ids, first = now // L, np.empty(len(v), np.int64), np.empty(len(v), np.int64)
    for g in range(max(0, last - G + 1), last + 1):
        n, s = 0, g % G
        for i in range(len(v)):
            if stamps[i] // L == g and stamps[i] < now:
                ids[n], first[n] = i, stamps[i] - g * L
                n += 1
        if n == 0:
            continue
        rows, other = np.empty((n, v.shape[1]), v.dtype), np.empty((n, v.shape[1]), v.dtype)
        for i in range(n):
            copy_into(rows[i], v[ids[i]])
        _take_columns(rows, first, now - g * L if g == last else L, Z[s], Y[s], T[s])
        if closed[s] & MULTIPLIED:
            product(rows, True, S[s], False, other, False)
            rows, other = other, rows
        if closed[s] & PENDING:
            product(rows, True, S[G], False, other, False)
            rows, other = other, rows
        if g < last:
            first[:] = 0
            _take_columns(rows, first, now - last * L, Z[last % G], Y[last % G], T[last % G])
        for i in range(n):
            copy_into(v[ids[i]], rows[i])


@register_jitable
def _take_columns(v, first, used, Z, Y, T):
    n, k = len(v), used
    for i in range(n):
        k = min(k, first[i])
    if k >= used:
        return
    by_Z, by_T = np.empty((n, used - k), v.dtype), np.empty((n, used - k), v.dtype)
    product(v, True, Z[k:used], True, by_Z, False)
    for i in range(n):
        for j in range(min(first[i], used) - k):
            by_Z[i, j] = 0
    product(by_Z, True, _block(T, k, used), False, by_T, False)
    product(by_T, True, Y[k:used], False, v, True)


@register_jitable
def _block(T, k, used):
    block = np.empty((used - k, used - k), T.dtype)
    for i in range(used - k):
        for j in range(used - k):
            block[i, j] = T[k + i, k + j]
    return block


@register_jitable
def append(z, y, log):
    """Write down ``I + sum z_i y_i^T``, the rows of ``z`` and ``y`` (n, d), as one entry of n columns."""
    Z, Y, T, _, _, count, _ = log
    G, L = Z.shape[0], Z.shape[1]
    if count[0] % L + len(z) >= L:  # the last column stays free, so that a count tells its generation
        close(log)
    s, k = (count[0] // L) % G, count[0] % L
    for i in range(len(z)):
        copy_into(Z[s, k + i], z[i])
        copy_into(Y[s, k + i], y[i])
        T[s, k + i, k + i] = 1
        for j in range(k):  # the columns of one entry do not meet
            by = Y.dtype.type(0)
            for c in range(Y.shape[2]):
                by += Y[s, j, c] * z[i, c]
            for row in range(j + 1):
                T[s, row, k + i] += T[s, row, j] * by
    count[0] += len(z)


@register_jitable
def close(log):
    """Begin a generation: multiply the columns of the last one into the products of those before it."""
    Z, Y, T, S, _, count, closed = log
    G, L, c = Z.shape[0], Z.shape[1], count[0] // Z.shape[1]
    s, used, d = c % G, count[0] - c * L, S.shape[1]
    while _multiply_one(log):
        pass
    if used > 0:
        TY, by = np.empty((used, d), Y.dtype), np.empty((d, used), Y.dtype)
        product(_block(T[s], 0, used), True, Y[s, :used], False, TY, False)
        for g in range(max(0, c - G + 2), c):
            product(S[g % G], True, Z[s, :used], True, by, False)
            product(by, True, TY, False, S[g % G], True)
            closed[g % G] = MULTIPLIED
    _begin(c + 1, log)


@register_jitable
def close_with(C, log):
    """Begin a generation after an entry ``C`` (d, d) of any rank, O(G d^3), spread over the next G steps."""
    G, c = log[0].shape[0], log[5][0] // log[0].shape[1]
    close(log)
    S, closed = log[3], log[6]
    copy_into(S[G], C)
    for g in range(max(0, c - G + 2), c + 1):
        closed[g % G] |= PENDING


@register_jitable
def _multiply_one(log):
    """Multiply the entry that is pending into the product of one generation; gives whether there was one."""
    S, closed = log[3], log[6]
    for s in range(len(closed)):
        if closed[s] & PENDING:
            if closed[s] & MULTIPLIED:
                product(S[s].copy(), True, S[len(closed)], False, S[s], False)
            else:
                copy_into(S[s], S[len(closed)])
            closed[s] = MULTIPLIED
            return True
    return False


@register_jitable
def _begin(c, log):
    Z, _, T, S, _, count, closed = log
    s = c % Z.shape[0]
    T[s], S[s], closed[s] = 0, 0, 0
    for i in range(S.shape[1]):
        S[s, i, i] = 1
    count[0] = c * Z.shape[1]


@register_jitable
def sweep(V, stamps, log):
    """Bring a few of all rows forward: as many as keep pace with the log."""
    count = log[5]
    D, L, turn = len(V), log[0].shape[1], log[0].shape[0] - 6
    columns = L * turn  # in which each row has its turn
    _multiply_one(log)
    behind = count[0] * D // columns - count[1]
    if behind > D:  # after rows were appended
        count[1] += behind - D
        behind = np.int64(D)
    if 2 * turn * behind <= 3 * D:  # else the oldest generation might be forgotten too early
        behind = min(behind, max(FEW, behind // 64))
    while behind > 0:
        start = count[1] % D
        stop = min(start + min(behind, 4096), D)
        bring_forward(V[start:stop], stamps[start:stop], log)
        stamps[start:stop] = count[0]
        count[1] += stop - start
        behind -= stop - start


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
        As in the module.

    Returns
    -------
    matrix, shape (k, d)
        Copies.
    """
    return BroughtForward()(V, stamps, ids, *log)


def rows_forward(V, stamps, ids, Z, Y, T, S, X, count, closed):
    """Give rows of the large factor as :func:`brought_forward` does."""
    rows, seen = np.empty((len(ids), V.shape[1]), V.dtype), np.empty(len(ids), stamps.dtype)
    for i in range(len(ids)):
        copy_into(rows[i], V[ids[i]])
        seen[i] = stamps[ids[i]]
    bring_forward(rows, seen, (Z, Y, T, S, X, count, closed))
    return rows


@_pytensor.numba_kernel(BroughtForward, factored_apart, factored_blas)
def brought_forward_kernel(op, node):
    rows_of = factored_apart.apart(rows_forward, factored_apart.array_types(node.inputs), factored_blas)

    @njit
    def brought_forward(V, stamps, ids, Z, Y, T, S, X, count, closed):
        return rows_of((V, stamps, np.ascontiguousarray(ids), Z, Y, T, S, X, count, closed))

    return brought_forward
