r"""Pooling as loops over the numbers that each window holds, compiled by Numba.

A pooling is described by an int64 matrix with a column for each pooled dimension: its length, the length of the result,
the window's, the stride's, and the padding's. The loops are over three pooled dimensions, so there are three columns at
least; a dimension of one number does nothing. Arrays are (n, D0, D1, D2), results (n, Z0, Z1, Z2).

For each place in the window there is one pass over a row of the result, and the compiler turns most of them into vector
instructions. Numbers are taken in the order in which they lie in memory. Windows of 2 x 2 side by side, the usual ones,
have loops of their own. Indices are unsigned: signed ones are tested for being negative, number by number, which no
vector instruction does.

Each routine has the arguments of the one with the same name in :mod:`ptembed.ops.pooling_passes`.
"""

import numpy as np
from numba import njit

__all__ = [
    *("counts", "description"),
    *("pool_max", "pool_mean", "pool_mean_padded", "pool_sum", "rop_max"),
    *("grad_max", "grad_mean", "grad_mean_padded", "grad_sum", "grad_grad_max"),
]

NOT_ONE_EACH = "window, stride and padding must have a number for each pooled dimension"
WINDOW = "the window and the stride must be 1 or more in each dimension"
PADDING = "the padding must be 0 or more, smaller than the window, and 0 with ignore_border=False"
EMPTY = "there must be something to pool, but a pooled dimension has length 0"

routine = njit(nogil=True, cache=True)
U = np.uint64
BLOCK = 512  # results whose pairs are written at once: they stay in the first-level cache


@njit
def description(lengths, window, stride, pad, ignore_border, empty):
    """Describe a pooling, and check it; plain Python as ``description.py_func``.

    Parameters
    ----------
    lengths, window, stride, pad : int vectors, shape (nd,)
        Of the pooled dimensions.
    ignore_border : bool
        Whether windows that reach over the end are left out.
    empty : bool
        Whether a window may hold nothing but padding.

    Returns
    -------
    int64 matrix, shape (5, max(nd, 3))

    Raises
    ------
    ValueError
        For vectors of another length, and windows that cannot be.
    """
    nd = len(lengths)
    if len(window) != nd or len(stride) != nd or len(pad) != nd:
        raise ValueError(NOT_ONE_EACH)
    spec = np.ones((5, max(nd, 3)), np.int64)
    spec[4] = 0
    for i in range(nd):
        D, w, s, p = np.int64(lengths[i]), np.int64(window[i]), np.int64(stride[i]), np.int64(pad[i])
        if w < 1 or s < 1:
            raise ValueError(WINDOW)
        if p < 0 or (p >= w and not empty) or (p > 0 and not ignore_border):
            raise ValueError(PADDING)
        if D == 0 and (p > 0 or not ignore_border):
            raise ValueError(EMPTY)
        if ignore_border:
            Z = max(0, (D + 2 * p - w) // s + 1)
        else:
            Z = (D - 1) // s + 1 if s >= w else max(0, (D - 1 - w) // s + 1) + 1
        c = spec.shape[1] - nd + i
        spec[0, c], spec[1, c], spec[2, c], spec[3, c], spec[4, c] = D, Z, w, s, p
    return spec


@njit
def counts(spec, padded):
    """How many numbers each window holds, with the padding or without: float64, one for each number of a result."""
    each = np.ones(1)
    for i in range(spec.shape[1]):
        D, Z, w, s, p = spec[0, i], spec[1, i], spec[2, i], spec[3, i], spec[4, i]
        more = np.empty(len(each) * Z)
        for j in range(len(more)):
            at = j % Z * s
            more[j] = each[j // Z] * (w if padded else min(at + w, D + p) - max(at, p))
        each = more
    return each


def over_windows(step, backwards=False):
    """Make the loop of ``step(x, v, z, y, i, o)`` over the numbers i and the numbers o of a result they count for.

    ``x, v`` are rows of arrays, ``z, y`` of results. The places in a row of the window come one after the other, or
    ``backwards``: then what is added to one number of an array comes in the order of the results.
    """

    @njit
    def run(spec, x, v, z, y):
        (_, D0, D1, D2), (n, Z0, Z1, Z2) = x.shape, z.shape
        w0, w1, w2 = spec[2, 0], spec[2, 1], spec[2, 2]
        s0, s1, s2 = spec[3, 0], spec[3, 1], spec[3, 2]
        p0, p1, p2 = spec[4, 0], spec[4, 1], spec[4, 2]
        first, last = np.empty(w2, np.int64), np.empty(w2, np.int64)
        for k in range(w2):  # the windows of a row that have place k inside
            first[k] = max(0, -((k - p2) // s2))
            last[k] = max(first[k], min(Z2, (D2 - 1 + p2 - k) // s2 + 1))
        for sample in range(n):
            for i in range(Z0):
                for j in range(Z1):
                    Z, Y = z[sample, i, j], y[sample, i, j]
                    for a in range(max(i * s0 - p0, 0), min(i * s0 - p0 + w0, D0)):
                        for b in range(max(j * s1 - p1, 0), min(j * s1 - p1 + w1, D1)):
                            X, V = x[sample, a, b], v[sample, a, b]
                            for place in range(w2):
                                k = w2 - 1 - place if backwards else place
                                number, o = U(first[k] * s2 + k - p2), U(first[k])
                                for m in range(U(last[k] - first[k])):
                                    step(X, V, Z, Y, number + m * U(s2), o + m)

    return run


@njit
def keep_larger(X, V, Z, Y, i, o):
    x, z = X[i], Z[o]
    Z[o] = x if x > z else z


@njit
def keep_both(X, V, Z, Y, i, o):
    x, v, z, y = X[i], V[i], Z[o], Y[o]
    Z[o] = x if x > z else z
    Y[o] = v if x > z else y


@njit
def add_up(X, V, Z, Y, i, o):
    Z[o] += X[i]


@njit
def add_where_largest(X, V, Z, Y, i, o):
    x, v, z, y = X[i], V[i], Z[o], Y[o]
    Y[o] = y + v if x == z else y


@njit
def spread(X, V, Z, Y, i, o):
    V[i] += Y[o]


@njit
def spread_to_largest(X, V, Z, Y, i, o):
    x, v, z, y = X[i], V[i], Z[o], Y[o]
    V[i] = v + y if x == z else v


find_largest, follow_largest = over_windows(keep_larger), over_windows(keep_both)
add_all, add_all_largest = over_windows(add_up), over_windows(add_where_largest)
spread_all, spread_largest = over_windows(spread, True), over_windows(spread_to_largest, True)


@njit
def first_of_each(spec, x):
    """Give the first number of each window."""
    n, Z0, Z1, Z2 = len(x), spec[1, 0], spec[1, 1], spec[1, 2]
    s0, s1, s2 = spec[3, 0], spec[3, 1], spec[3, 2]
    p0, p1, p2 = spec[4, 0], spec[4, 1], spec[4, 2]
    z = np.empty((n, Z0, Z1, Z2), x.dtype)
    for sample in range(n):
        for i in range(Z0):
            for j in range(Z1):
                X, Z = x[sample, max(i * s0 - p0, 0), max(j * s1 - p1, 0)], z[sample, i, j]
                for k in range(Z2):
                    Z[k] = X[max(k * s2 - p2, 0)]
    return z


@njit
def is_pairs(spec):
    """Whether the windows are 2 x 2 side by side, none over the end."""
    pairs = spec.shape[1] == 3 and spec[0, 0] == 1
    for i in (1, 2):
        pairs &= spec[2, i] == 2 and spec[3, i] == 2 and spec[4, i] == 0 and 2 * spec[1, i] <= spec[0, i]
    return pairs


@njit
def larger_of_pairs(x):
    """What :func:`find_largest` finds in windows of 2 x 2."""
    n, _, H, W = x.shape
    z = np.empty((n, 1, H // 2, W // 2), x.dtype)
    one, two = U(1), U(2)
    for sample in range(n):
        for r in range(H // 2):
            a, b, Z = x[sample, 0, 2 * r], x[sample, 0, 2 * r + 1], z[sample, 0, r]
            for j in range(U(W // 2)):
                c = a[two * j]
                c = a[two * j + one] if a[two * j + one] > c else c
                c = b[two * j] if b[two * j] > c else c
                Z[j] = b[two * j + one] if b[two * j + one] > c else c
    return z


@njit
def spread_pairs(x, z, g):
    """What :func:`spread_largest` gives for windows of 2 x 2.

    Rows may be short, so results are written twice over, side by side, for a block of rows at once: then each line of
    ``x`` has them in its own places. Arrays of an even height are as one, of all their lines.
    """
    (n, _, H, W), (_, _, Zh, Zw) = x.shape, z.shape
    gx = np.empty(x.shape, x.dtype)
    if (2 * Zh, 2 * Zw) != (H, W):
        gx[...] = 0
    if 2 * Zh == H:
        n, H, Zh = 1, n * H, n * Zh
    X, Z, G, V = x.reshape(-1), z.reshape(-1), g.reshape(-1), gx.reshape(-1)
    rows = max(1, BLOCK // max(Zw, 1))
    largest, gradient = np.empty(2 * rows * Zw, z.dtype), np.empty(2 * rows * Zw, g.dtype)
    for sample in range(n):
        for r in range(0, Zh, rows):
            height, o = min(rows, Zh - r), (sample * Zh + r) * Zw
            write_twice(Z[o : o + height * Zw], largest)
            write_twice(G[o : o + height * Zw], gradient)
            spread_lines(X, V, largest, gradient, U((sample * H + 2 * r) * W), U(W), U(height), U(2 * Zw))
    return gx


@njit
def write_twice(a, b):
    """Write each number of ``a`` to two places of ``b``."""
    one, two = U(1), U(2)
    for j in range(U(len(a))):
        b[two * j] = a[j]
        b[two * j + one] = a[j]


@njit
def spread_lines(X, V, z, g, start, W, height, width):
    """Give each number of ``height`` pairs of lines what ``g`` has, if it is what ``z`` has; lines are ``W`` apart.

    One line at a time, as two may overlap for all that the compiler knows, which would then use no vectors.
    """
    zero, one = X.dtype.type(0), U(1)
    for line in range(U(2) * height):
        i, o = start + line * W, (line >> one) * width
        for k in range(width):
            x, largest, gradient = X[i + k], z[o + k], g[o + k]
            V[i + k] = gradient if x == largest else zero


@njit
def divided(spec, z, padded):
    """Give ``z``, a result, divided by how many numbers each window holds."""
    each, y = counts(spec, padded).astype(z.dtype), np.empty(z.shape, z.dtype)
    Z, Y = z.reshape((len(z), len(each))), y.reshape((len(z), len(each)))
    for sample in range(len(z)):
        for j in range(len(each)):
            Y[sample, j] = Z[sample, j] / each[j]
    return y


@routine
def pool_max(spec, x, _x, _y):
    if is_pairs(spec):
        return larger_of_pairs(x)
    z = first_of_each(spec, x)
    find_largest(spec, x, x, z, z)
    return z


@routine
def pool_sum(spec, x, _x, _y):
    z = np.zeros((len(x), spec[1, 0], spec[1, 1], spec[1, 2]), x.dtype)
    add_all(spec, x, x, z, z)
    return z


@routine
def pool_mean(spec, x, _x, _y):
    return divided(spec, pool_sum(spec, x, x, x), False)


@routine
def pool_mean_padded(spec, x, _x, _y):
    return divided(spec, pool_sum(spec, x, x, x), True)


@routine
def rop_max(spec, x, v, _v):
    z, y = first_of_each(spec, x), first_of_each(spec, v)
    follow_largest(spec, x, v, z, y)
    return y


@routine
def grad_max(spec, x, z, g):
    if is_pairs(spec):
        return spread_pairs(x, z, g)
    gx = np.zeros(x.shape, x.dtype)
    spread_largest(spec, x, gx, z, g)
    return gx


@routine
def grad_sum(spec, x, g, _g):
    gx = np.zeros(x.shape, x.dtype)
    spread_all(spec, x, gx, g, g)
    return gx


@routine
def grad_mean(spec, x, g, _g):
    return grad_sum(spec, x, divided(spec, g, False), g)


@routine
def grad_mean_padded(spec, x, g, _g):
    return grad_sum(spec, x, divided(spec, g, True), g)


@routine
def grad_grad_max(spec, x, z, v):
    y = np.zeros(z.shape, x.dtype)
    add_all_largest(spec, x, v, z, y)
    return y
