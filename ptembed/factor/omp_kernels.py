"""The loops of orthogonal matching pursuit.

Both see a row through its products with the atoms alone, ``a`` (K,), and the atoms through their Gram matrix G (K, K).
The Cholesky factor of the chosen part of G is kept packed, row t from place t (t + 1) / 2 on, in float64: it is small,
and its errors are multiplied by how much alike the atoms are.

Read next: :mod:`ptembed.factor.omp`.
"""

from typing import Any

import numpy as np
from numba import njit
from numba.extending import overload

from ptembed.factor.count_kernels import grown
from ptembed.factor.products import LOOSE

__all__ = ["correlate", "pursue", "pursue_nonnegative"]

CHUNK = 32  # numbers among which the largest is looked for at once
AT_FIRST = 16  # atoms for which there is room at first


@njit(nogil=True, cache=True, fastmath=LOOSE)
def correlate(indptr: Any, indices: Any, data: Any, B: Any, start: Any, stop: Any, A: Any) -> None:
    """Write rows ``start`` to ``stop`` of the product of a CSR matrix with ``B`` into ``A``, from its first row on."""
    for i in range(start, stop):
        a, q, end = A[i - start], indptr[i], indptr[i + 1]
        a[:] = 0
        while q + 4 <= end:
            v0, v1, v2, v3 = data[q], data[q + 1], data[q + 2], data[q + 3]
            b0, b1, b2, b3 = B[indices[q]], B[indices[q + 1]], B[indices[q + 2]], B[indices[q + 3]]
            for c in range(len(a)):
                a[c] += (v0 * b0[c] + v1 * b1[c]) + (v2 * b2[c] + v3 * b3[c])
            q += 4
        while q < end:
            v0, b0 = data[q], B[indices[q]]
            for c in range(len(a)):
                a[c] += v0 * b0[c]
            q += 1


@njit(nogil=True, cache=True, fastmath=LOOSE)
def pursue(
    A: Any,
    squares: Any,
    G: Any,
    goals: Any,
    limits: Any,
    atoms: Any,
    values: Any,
    counts: Any,
    dependent: Any,
    errors: Any,
) -> None:
    """Choose atoms for each row, and their weights.

    The atoms' products with the residual are taken forward by those with one direction more, that of the chosen atom
    after what lies along those before is taken away: t K operations for the t-th atom, on arrays in the first cache,
    and one row of G is read.

    Parameters
    ----------
    A : array, shape (m, K)
        The products of the rows with the atoms; spoiled.
    squares, goals : float64 arrays, shape (m,)
        Of the rows, and of the residuals that are wanted.
    G : array, shape (K, K)
    limits : pair of float
        Products below the first one times the lengths of row and atom are rounding; an atom is in the span of others
        when the share of its square that is not falls below the second one.
    atoms, values : int32 and float arrays, shape (m, T)
        Set: the chosen, in order, and their weights.
    counts, dependent : int32 arrays, shape (m,)
        Set: how many there are; the first atom that was left out for being in the span of the chosen, -1 for none.
    errors : float64 array, shape (m,)
        Set: the squares of the residuals.
    """
    K, most, longest = len(G), atoms.shape[1], longest_atom(G)
    L, P = np.empty(AT_FIRST * AT_FIRST), np.empty(min(most, AT_FIRST) * K, A.dtype)
    y, s, left_out = np.empty(most), np.empty(most), np.empty(K, np.int32)
    for i in range(len(A)):
        a, chosen, left, t, n_left = A[i], atoms[i], squares[i], 0, 0
        low, dependent[i] = limits[0] * np.sqrt(squares[i]) * longest, -1
        while t < most and left > goals[i]:
            j = largest(a, True)
            if j < 0 or abs(a[j]) <= low:
                break
            if len(L) < (t + 1) * (t + 2) // 2:
                L = grown(L, (t + 1) * (t + 2) // 2)
            if not append(L, G, chosen, t, j, limits[1]):
                dependent[i] = j if dependent[i] < 0 else dependent[i]
                left_out[n_left], n_left, a[j] = j, n_left + 1, 0
                continue
            chosen[t] = j
            y[t] = a[j] / diagonal(L, t)
            left -= y[t] * y[t]
            t += 1
            if t < most:
                if len(P) < t * K:
                    P = grown(P, t * K)
                go_on(a, G[j], L, P, t - 1, y[t - 1])
                clear(a, chosen, t)
                clear(a, left_out, n_left)
        counts[i], errors[i] = t, max(left, 0.0)
        substitute_back(L, y, t, s)
        values[i, :t] = s[:t]


@njit(nogil=True, cache=True, fastmath=LOOSE)
def pursue_nonnegative(
    A: Any,
    squares: Any,
    G: Any,
    goals: Any,
    limits: Any,
    atoms: Any,
    values: Any,
    counts: Any,
    dependent: Any,
    errors: Any,
) -> None:
    """Choose atoms for each row whose weights are all positive; the arguments are those of :func:`pursue`.

    Weights that would become negative go to zero, and their atoms are no longer among the chosen: the active sets of
    Lawson and Hanson.
    """
    K, most, longest = len(G), atoms.shape[1], longest_atom(G)
    L, a = np.empty(AT_FIRST * AT_FIRST), np.empty(K, A.dtype)
    y, s, g, left_out = np.empty(most), np.empty(most), np.empty(most), np.empty(K, np.int32)
    for i in range(len(A)):
        chosen, left, t, n_left, rounds = atoms[i], squares[i], 0, 0, 0
        low, dependent[i] = limits[0] * np.sqrt(squares[i]) * longest, -1
        a[:] = A[i]
        while t < most and left > goals[i] and rounds < 10 * K:
            rounds += 1
            j = largest(a, False)
            if j < 0 or a[j] <= low:
                break
            if len(L) < (t + 1) * (t + 2) // 2:
                L = grown(L, (t + 1) * (t + 2) // 2)
            if append(L, G, chosen, t, j, limits[1]):
                chosen[t], g[t] = j, 0
                t = refit(A[i], G, L, chosen, t + 1, y, s, g)
            else:
                dependent[i] = j if dependent[i] < 0 else dependent[i]
            if t == 0 or not (chosen[:t] == j).any():
                left_out[n_left], n_left = j, n_left + 1
            left = squares[i]
            for u in range(t):
                left -= y[u] * y[u]
            take_away(a, A[i], G, chosen, g, t)
            clear(a, left_out, n_left)
        counts[i], errors[i] = t, max(left, 0.0)
        values[i, :t] = g[:t]


@njit(nogil=True, cache=True)
def longest_atom(G):
    """Give the length of the longest atom."""
    longest = 0.0
    for j in range(len(G)):
        longest = max(longest, np.float64(G[j, j]))
    return np.sqrt(longest)


def bits(a):
    """View floats as integers: those of positive floats have their order, and their largest is sought many at once."""


@overload(bits, inline="always")
def view_as_integers(a):
    kind = np.int32 if a.dtype.bitwidth == 32 else np.int64
    return lambda a: a.view(kind)


@njit(nogil=True, cache=True)
def largest(a, of_size):
    """Give the first place of the largest number, or of that of the largest size; -1 if it is not positive."""
    b = bits(a)
    most = np.iinfo(b.dtype).max
    mask = b.dtype.type(most if of_size else -1)
    best = largest_in(b, mask, 0, len(b))
    if best > 0:
        for start in range(0, len(b), CHUNK):
            stop = min(start + CHUNK, len(b))
            if largest_in(b, mask, start, stop) == best:
                for c in range(start, stop):
                    if b[c] & mask == best:
                        return c
    return -1


@njit(nogil=True, cache=True)
def largest_in(b, mask, start, stop):
    """Give the largest number of a range, -1 if there is none from 0 on."""
    best = b.dtype.type(-1)
    for c in range(start, stop):
        best = max(best, b[c] & mask)
    return best


@njit(nogil=True, cache=True)
def clear(a, places, t):
    """Set ``a`` to zero at the first ``t`` places."""
    for u in range(t):
        a[places[u]] = 0


@njit(nogil=True, cache=True)
def append(L, G, chosen, t, j, limit):
    """Write row ``t`` of the Cholesky factor, for atom ``j``; gives whether it is not in the span of the chosen."""
    row = t * (t + 1) // 2
    square = np.float64(G[j, j])
    for u in range(t):
        above = u * (u + 1) // 2
        w = np.float64(G[j, chosen[u]])
        for v in range(u):
            w -= L[row + v] * L[above + v]
        w /= L[above + u]
        L[row + u] = w
        square -= w * w
    if square <= limit * G[j, j]:
        return False
    L[row + t] = np.sqrt(square)
    return True


@njit(nogil=True, cache=True, fastmath=LOOSE)
def go_on(a, line, L, P, t, y):
    """Write into ``P`` the products of the atoms with direction ``t``, and take what goes along it from ``a``.

    Directions have the length that the Cholesky factor has on its diagonal: so nothing need be divided by it.
    """
    K, row, kind = len(a), t * (t + 1) // 2, a.dtype.type
    p, u = P[t * K : (t + 1) * K], 0
    if t % 2:
        l0, p0, u = kind(L[row] / L[0]), P[:K], 1
        for c in range(K):
            p[c] = line[c] - l0 * p0[c]
    else:
        p[:] = line
    while u < t:
        l0, l1 = kind(L[row + u] / diagonal(L, u)), kind(L[row + u + 1] / diagonal(L, u + 1))
        p0, p1 = P[u * K : (u + 1) * K], P[(u + 1) * K : (u + 2) * K]
        for c in range(K):
            p[c] -= l0 * p0[c] + l1 * p1[c]
        u += 2
    step = kind(y / diagonal(L, t))
    for c in range(K):
        a[c] -= step * p[c]


@njit(nogil=True, cache=True)
def diagonal(L, t):
    """Give the number of the packed factor on the diagonal."""
    return L[t * (t + 1) // 2 + t]


@njit(nogil=True, cache=True)
def substitute_back(L, y, t, out):
    """Solve Lᵀ out = y, of ``t`` numbers."""
    for u in range(t - 1, -1, -1):
        w = y[u]
        for v in range(u + 1, t):
            w -= L[v * (v + 1) // 2 + u] * out[v]
        out[u] = w / diagonal(L, u)


@njit(nogil=True, cache=True)
def refit(a, G, L, chosen, t, y, s, g):
    """Move the weights ``g`` to the least squares over positive ones; gives how many atoms are left."""
    while t > 0:
        for u in range(t):
            row, w = u * (u + 1) // 2, np.float64(a[chosen[u]])
            for v in range(u):
                w -= L[row + v] * y[v]
            y[u] = w / diagonal(L, u)
        substitute_back(L, y, t, s)
        step, first = 1.0, -1
        for u in range(t):
            if s[u] <= 0 and g[u] <= step * (g[u] - s[u]):
                step, first = (g[u] / (g[u] - s[u]) if g[u] > 0 else 0.0), u
        if first < 0:
            g[:t] = s[:t]
            return t
        kept = 0
        for u in range(t):
            moved = g[u] + step * (s[u] - g[u])
            if u != first and moved > 0:
                chosen[kept], g[kept] = chosen[u], moved
                kept += 1
        t = kept
        for u in range(t):
            append(L, G, chosen, u, chosen[u], 0.0)
    return t


@njit(nogil=True, cache=True, fastmath=LOOSE)
def take_away(a, full, G, chosen, g, t):
    """Write the products of the atoms with the residual into ``a``; those of the chosen are zero."""
    a[:] = full
    for u in range(t):
        weight, line = a.dtype.type(g[u]), G[chosen[u]]
        for c in range(len(a)):
            a[c] -= weight * line[c]
    clear(a, chosen, t)
