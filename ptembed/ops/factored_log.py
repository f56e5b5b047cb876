r"""What is still to be done to the rows of the large factor: a log that each row catches up with when it is read.

Of :math:`W = V U`, a factor :math:`C` close to the identity moves from :math:`U` to :math:`V` in :math:`O(d^2)`,
whatever the number of rows :math:`D`, if :math:`V` is not touched and :math:`C` is written down. A row of :math:`V` has
a stamp, the number of entries that it has seen, and takes the others when a step reads it.

An entry is :math:`I + z y^T`. What shrinks is for thousands of steps the same few directions, those of the mean of the
hidden layer. So a *generation* of entries has all its :math:`z` in the span of a few orthonormal rows :math:`Z` (r, d),
to which one is added when it is needed, and the product of all entries from number :math:`k` on is

.. math:: C_k C_{k+1} \cdots = I + Z^T M_k, \qquad M_k \leftarrow M_k + b\, y^T, \quad b = a + M_k z \quad
    \text{for a new entry with } z = Z^T a.

Each :math:`M_k` (r, d) is kept up to date, so that a row catches up in :math:`O(r d)`, however many entries it has not
seen. When a generation is full, of entries or of directions, the next one begins. Each holds the product :math:`S` of
all whole ones after it: a row of an older generation pays one product with it, and the entries of the last one.
Behind, a few rows a step, all rows are brought forward in turn, once in :math:`G - 6` generations, before the oldest
generation is forgotten.

Everything here is both NumPy and, called by a kernel, Numba. A log is the tuple ``Z`` (G, R, d), ``M`` (G, L, R, d),
``sizes`` (G, 2), how many directions and entries a generation has, ``S`` (G + 1, d, d), ``X`` (n, d), which
:mod:`ptembed.ops.factored_balance` has for itself, and ``count``, integers with the names below; then ``closed`` (G,),
whether ``S`` of a generation is more than the identity, and whether it is still to be multiplied by the generation
closed last, and by the last one of ``S``, an entry of any rank.

Read next: :mod:`ptembed.ops.factored_rows`, :mod:`ptembed.ops.factored_balance`.
"""

import numpy as np
from numba.extending import overload, register_jitable

from ptembed.ops.factored_blas import SUMS, copy_into, loops, product

__all__ = [
    "COUNTS",
    "append",
    "append_within",
    "bring_forward",
    "close",
    "close_with",
    "coordinates",
    "make_room",
    "sweep",
]

# places in count: entries so far, rows swept so far; for reports: corrections, steps by deflation, U moved whole;
# how much U may have shrunk since directions were last followed, and the rows of its inverse refined so far
NOW, SWEPT, CORRECTED, BY_DEFLATION, MOVED_WHOLE, DRIFT, REFINED = COUNTS = range(7)
MULTIPLIED, WAITING, PENDING = 1, 2, 4
FEW = 32  # rows of a sweep in one step, at least
OUTSIDE = 1e-12, 1e-26  # the squared part of a vector outside a span that is rounding, in float32 and float64


@register_jitable
def bring_forward(v, stamps, log):
    """Bring rows ``v`` (n, d) forward in place, from ``stamps`` (n,) to the end of the log: O(n d (r + d))."""
    Z, M, sizes, S, _, count, closed = log
    G, L = Z.shape[0], M.shape[1]
    last, generation = count[0] // L, stamps // L
    w, z = (last - 1) % G, last % G
    for g in range(max(0, last - G + 1), last + 1):
        ids, s = np.flatnonzero(generation == g), g % G
        if len(ids) == 0:
            continue
        take_entries(v, ids, stamps[ids] - g * L, Z[s], M[s], sizes[s])
        if g == last:
            continue
        if closed[s] & MULTIPLIED:
            take_product(v, ids, S[s])
        if closed[s] & WAITING:
            take_entries(v, ids, 0 * ids, Z[w], M[w], sizes[w])
        if closed[s] & PENDING:
            take_product(v, ids, S[G])
        take_entries(v, ids, 0 * ids, Z[z], M[z], sizes[z])


def take_entries(v, ids, first, Z, M, sizes):
    """Bring the rows ``ids`` of ``v`` forward by the entries of a generation, each from number ``first`` on."""
    r, used = sizes
    for k in np.unique(first[first < used]):
        rows = ids[first == k]
        v[rows] += v[rows] @ Z[:r].T @ M[k, :r]


@overload(take_entries, jit_options={"fastmath": SUMS})
def _take_entries(v, ids, first, Z, M, sizes):
    def take_entries(v, ids, first, Z, M, sizes):
        r, used = sizes
        t = np.empty(r, v.dtype)
        for i in range(len(ids)):
            row, k = ids[i], first[i]
            if k >= used:
                continue
            for j in range(r):
                t[j] = 0
                for c in range(v.shape[1]):
                    t[j] += v[row, c] * Z[j, c]
            for j in range(r):
                for c in range(v.shape[1]):
                    v[row, c] += t[j] * M[k, j, c]

    return take_entries


@register_jitable
def take_product(v, ids, S):
    """Multiply the rows ``ids`` of ``v`` by ``S``."""
    rows, by = np.empty((len(ids), v.shape[1]), v.dtype), np.empty((len(ids), v.shape[1]), v.dtype)
    for i in range(len(ids)):
        copy_into(rows[i], v[ids[i]])
    product(rows, True, S, False, by, False)
    for i in range(len(ids)):
        copy_into(v[ids[i]], by[i])


@register_jitable
def append(z, y, log):
    """Write down ``I + sum z_i y_i^T``, the rows of ``z`` and ``y`` (n, d), n <= R, as one entry."""
    make_room(len(z), log)
    a = np.zeros((len(z), log[0].shape[1]), z.dtype)
    for i in range(len(z)):
        copy_into(a[i], coordinates(z[i], OUTSIDE[z.itemsize // 8], log))
    append_within(a, y, log)


@register_jitable
def make_room(n, log):
    """Begin a generation if this one has no room for an entry with ``n`` more directions."""
    Z, M, sizes, count = log[0], log[1], log[2], log[5]
    s = (count[0] // M.shape[1]) % len(Z)
    # the last place stays free, so that a count tells its generation
    if sizes[s, 1] + 1 >= M.shape[1] or (n > 0 and sizes[s, 0] + n > max(n, Z.shape[1])):
        close(log)


@register_jitable
def coordinates(z, outside, log):
    """Give ``a`` (R,) with z = Z^T a, or that of what is within, if the squared part that is not is below ``outside``.

    Else a direction is added; where there is no room for it, in a new generation.
    """
    Z, M, sizes, count = log[0], log[1], log[2], log[5]
    s = (count[0] // M.shape[1]) % len(Z)
    a, rest = _within(z, Z[s], sizes[s, 0])
    left = _square(rest)
    if left > outside * _square(z):
        if sizes[s, 0] == len(a):
            close(log)
            s, left = (s + 1) % len(Z), _square(z)
            a[:] = 0
            for c in range(len(z)):
                rest[c] = z[c]
        r = sizes[s, 0]
        a[r] = np.sqrt(left)
        for c in range(len(z)):
            Z[s, r, c] = rest[c] / a[r]
        for k in range(sizes[s, 1]):
            M[s, k, r] = 0
        sizes[s, 0] += 1
    return a


@register_jitable
def _within(z, Z, r):
    """Give the coordinates of ``z`` by the first ``r`` rows of ``Z``, and what is left of it."""
    a, rest = np.zeros(len(Z)), z.astype(np.float64)
    for _ in range(2):  # once leaves too much
        for j in range(r):
            by = 0.0
            for c in range(len(z)):
                by += rest[c] * Z[j, c]
            a[j] += by
            for c in range(len(z)):
                rest[c] -= by * Z[j, c]
    return a, rest


@loops
def _square(x):
    total = 0.0
    for c in range(len(x)):
        total += x[c] * x[c]
    return total


@register_jitable
def append_within(a, y, log):
    """Write down an entry whose ``z`` are given by coordinates ``a`` (n, R) in this generation."""
    Z, M, sizes, _, _, count, _ = log
    s = (count[0] // M.shape[1]) % len(Z)
    r, used = sizes[s]
    M[s, used, :r] = 0
    for i in range(len(a)):
        for j in range(r):
            for c in range(y.shape[1]):
                M[s, used, j, c] += a[i, j] * y[i, c]
    z = np.zeros((len(a), y.shape[1]), y.dtype)
    product(a[:, :r].copy(), True, Z[s, :r], False, z, False)
    for k in range(used):
        _multiply_entries(M[s, k], a, z, y, r)
    sizes[s, 1] += 1
    count[0] += 1


@loops
def _multiply_entries(M, a, z, y, r):
    b = a.copy()
    for i in range(len(a)):
        for j in range(r):
            for c in range(z.shape[1]):
                b[i, j] += M[j, c] * z[i, c]
    for i in range(len(a)):
        for j in range(r):
            for c in range(y.shape[1]):
                M[j, c] += b[i, j] * y[i, c]


@register_jitable
def close(log):
    """Begin a generation. The products of those before the last one are multiplied by it over the next G steps."""
    Z, M, sizes, _, _, count, closed = log
    G, c = len(Z), count[0] // M.shape[1]
    while _multiply_one(log):
        pass
    if sizes[c % G, 1] > 0:
        for g in range(max(0, c - G + 2), c):
            closed[g % G] |= WAITING
    _begin(c + 1, log)


@register_jitable
def close_with(C, log):
    """Begin a generation after an entry ``C`` (d, d) of any rank, O(G d^3), spread over the next G steps."""
    G, c = len(log[0]), log[5][0] // log[1].shape[1]
    close(log)
    S, closed = log[3], log[6]
    copy_into(S[G], C)
    for g in range(max(0, c - G + 2), c + 1):
        closed[g % G] |= PENDING


@register_jitable
def _multiply_one(log):
    """Multiply what is waiting and pending into the product of one generation; gives whether there was one."""
    Z, M, sizes, S, _, count, closed = log
    G = len(closed)
    for s in range(G):
        if closed[s] > MULTIPLIED:
            if closed[s] & WAITING:
                w = (count[0] // M.shape[1] - 1) % G
                r = sizes[w, 0]
                by = np.empty((S.shape[1], r), S.dtype)
                product(S[s], True, Z[w, :r], True, by, False)
                product(by, True, M[w, 0, :r], False, S[s], True)
            if closed[s] & PENDING:
                if closed[s] & (MULTIPLIED | WAITING):
                    product(S[s].copy(), True, S[G], False, S[s], False)
                else:
                    copy_into(S[s], S[G])
            closed[s] = MULTIPLIED
            return True
    return False


@register_jitable
def _begin(c, log):
    Z, M, sizes, S, _, count, closed = log
    s = c % len(Z)
    S[s], sizes[s], closed[s] = 0, 0, 0
    for i in range(S.shape[1]):
        S[s, i, i] = 1
    count[0] = c * M.shape[1]


@register_jitable
def sweep(V, stamps, log):
    """Bring a few of all rows forward: as many as keep pace with the log."""
    count = log[5]
    D, L, turn = len(V), log[1].shape[1], len(log[0]) - 6
    entries = L * turn  # in which each row has its turn
    _multiply_one(log)
    behind = count[0] * D // entries - count[1]
    if behind > D:  # after rows were appended
        count[1] += behind - D
        behind = np.int64(D)
    if turn * behind < min(turn, 3) * D:  # else the oldest generation might be forgotten too early
        behind = min(behind, max(FEW, behind // (128 if turn * behind < D else 32)))
    while behind > 0:
        start = count[1] % D
        stop = min(start + min(behind, 4096), D)
        bring_forward(V[start:stop], stamps[start:stop], log)
        stamps[start:stop] = count[0]
        count[1] += stop - start
        behind -= stop - start
