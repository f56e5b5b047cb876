r"""The inverse in a factored step, and what there is instead of it where it does not exist.

A step multiplies U by :math:`P = \delta I - H^T S H`, and is one of

* *plain*: :math:`R = H (U P)^{-1} = (\delta I - H H^T S)^{-1} H U^{-1}` by Woodbury's formula;
* *deflated*, where that has grown since :math:`P` is almost singular: with :math:`x_i` the eigenvectors of :math:`H^T S
  H` for those eigenvalues :math:`\lambda_i` that are almost :math:`\delta`,

  .. math:: U P = (I - \sum_i \lambda_i\, U x_i\, y_i^T)\, U', \qquad U' = U (P + \sum_i \lambda_i x_i x_i^T), \quad
      y_i^T = x_i^T U'^{-1},

  a plain step with :math:`(x_i, -\lambda_i)` as further examples, and an entry in the log of V, singular or not;
* *moved*, where neither does: :math:`U P` becomes an entry as a whole, and U the identity, so that :math:`R = H`.

All three are exact. Where :math:`S` is positive and :math:`P` too, as with ordinary learning rates, the system is
solved by Cholesky's factors of :math:`\delta I - S^{1/2} H H^T S^{1/2}`, else by those of Gauss. Where :math:`m > 0.8\,
d`, :math:`P` itself is factored.

Read next: :mod:`ptembed.ops.factored_balance`.
"""

import numpy as np
from numba.extending import register_jitable

from ptembed.ops.factored_blas import (
    cholesky,
    copy_into,
    eigenvectors,
    gram,
    loops,
    lu,
    lu_solve_rows,
    product,
    solve_rows,
)

__all__ = ["DEFLATED", "MOVED", "PLAIN", "by_lu", "inverse_rows", "many", "times_rows"]

PLAIN, DEFLATED, MOVED = range(3)
GROWTH = 16.0  # of the squared norm of R in a plain step, at most
MOST = 8  # directions deflated in a step
ALIKE = 16.0  # the largest of S by the smallest, where rows may be divided by its root


@register_jitable
def many(H):
    """Whether there are so many examples that (d, d) matrices are the smaller ones."""
    return 5 * H.shape[0] > 4 * H.shape[1]


@register_jitable
def inverse_rows(H, S, HU, Ui, UT, decay):
    r"""Choose the kind of step.

    Gives it, then the examples ``H`` (m, d), ``S`` (m,) and ``HU`` (m, d) with the further ones of a deflated step,
    ``R`` of all of them, and a bound of :math:`\log \kappa(P)`; infinity where none is known.
    """
    HUi = np.empty_like(H)
    product(H, True, Ui, False, HUi, False)
    R, drift = _solved_by_columns(H, S, Ui, decay) if many(H) else _solved(H, S, HUi, decay)
    if not _has_grown(R, HUi, decay):
        return PLAIN, H, S, HU, R, drift
    x, values = _almost_lost(H, S, decay)
    if 0 < len(x) <= MOST:
        xU = np.empty_like(x)
        product(x, True, UT, False, xU, False)
        X, XU, more = _joined(H, x), _joined(HU, xU), np.empty(len(H) + len(x), S.dtype)
        for i in range(len(more)):
            more[i] = S[i] if i < len(H) else -values[i - len(H)]
        XUi = np.empty_like(X)
        product(X, True, Ui, False, XUi, False)
        R, _ = _solved(X, more, XUi, decay)
        if not _has_grown(R, XUi, decay):
            return DEFLATED, X, more, XU, R, np.inf
    return MOVED, H, S, HU, H, np.inf


@register_jitable
def _solved(H, S, HUi, decay):
    m, B, R, root = len(H), np.empty((len(H), len(H)), H.dtype), np.empty_like(H), np.sqrt(np.abs(S))
    if S.min() * ALIKE > S.max():
        times_rows(H, root, R)
        gram(R, B)
        for i in range(m):
            for j in range(i + 1):
                B[i, j] = (decay if i == j else 0) - B[i, j]
        if cholesky(B):
            times_rows(HUi, root, R)
            solve_rows(B, R)
            times_rows(R, 1 / root, R)
            return R, _spread(B, decay)
    product(H, True, H, True, B, False)
    for i in range(m):
        for j in range(m):
            B[i, j] = (decay if i == j else 0) - B[i, j] * S[j]
    copy_into(R, HUi)
    return by_lu(B, R), np.inf


@register_jitable
def _solved_by_columns(H, S, Ui, decay):
    """The same, as H P^-1 U^-1: with d unknowns in place of m."""
    d, R, PUi = len(Ui), np.empty_like(H), Ui.copy()
    P, drift = _shrinking(H, S, decay), np.inf
    if cholesky(P):
        drift = _spread(P, decay)
        solve_rows(P, PUi)
    else:
        P = _shrinking(H, S, decay)
        for i in range(d):
            for j in range(i):
                P[j, i] = P[i, j]
        PUi = by_lu(P, PUi)
    product(H, True, PUi, False, R, False)
    return R, drift


@register_jitable
def _shrinking(H, S, decay):
    SH, P = np.empty_like(H), np.empty((H.shape[1], H.shape[1]), H.dtype)
    times_rows(H, S, SH)
    product(H, False, SH, False, P, False)
    for i in range(len(P)):
        for j in range(len(P)):
            P[i, j] = (decay if i == j else 0) - P[i, j]
    return P


@register_jitable
def by_lu(B, R):
    pivots = np.empty(len(B), np.int32)
    if lu(B, pivots):
        lu_solve_rows(B, pivots, R)
    else:
        R[:] = np.inf
    return R


@register_jitable
def _spread(L, decay):
    """Bound the log of decay over the smallest eigenvalue of L L^T, all of them at most decay, by that of all."""
    total = 0.0
    for i in range(len(L)):
        total -= np.log(L[i, i] * L[i, i] / decay)
    return total


@loops
def times_rows(x, by, out):
    for i in range(x.shape[0]):
        for c in range(x.shape[1]):
            out[i, c] = by[i] * x[i, c]


@loops
def _has_grown(R, HUi, decay):
    by_R, by_HUi = 0.0, 0.0
    for i in range(R.shape[0]):
        for c in range(R.shape[1]):
            by_R += R[i, c] * R[i, c]
            by_HUi += HUi[i, c] * HUi[i, c]
    return not by_R * decay * decay <= GROWTH * by_HUi


@register_jitable
def _almost_lost(H, S, decay):
    """Give the eigenvectors (r, d) of H^T S H whose eigenvalues are almost ``decay``, and these; none for an S < 0."""
    root, B, values = np.empty_like(H), np.empty((len(H), len(H)), H.dtype), np.empty_like(S)
    if S.min() < 0:
        return root[:0], values[:0]
    times_rows(H, np.sqrt(S), root)
    gram(root, B)
    eigenvectors(B, values)
    r = 0
    for i in range(len(values)):
        if np.abs(values[i] / decay - 1) < 0.5:
            values[r] = values[i]
            copy_into(B[r], B[i])
            r += 1
    x = np.empty((r, H.shape[1]), H.dtype)
    product(B[:r], True, root, False, x, False)
    times_rows(x, 1 / np.sqrt(values[:r]), x)
    return x, values[:r]


@register_jitable
def _joined(a, b):
    both = np.empty((len(a) + len(b), a.shape[1]), a.dtype)
    copy_into(both[: len(a)], a)
    copy_into(both[len(a) :], b)
    return both
