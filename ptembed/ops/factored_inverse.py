r"""The inverse in a factored step, and what there is instead of it where it does not exist.

A step multiplies U by :math:`P = \delta I - H^T S H`, and is one of

* *plain*: :math:`R = H (U P)^{-1} = (\delta I - H H^T S)^{-1} H U^{-1}` by Woodbury's formula;
* *deflated*, where that has grown since :math:`P` is almost singular: with :math:`x_i` the eigenvectors of :math:`H^T S
  H` for those eigenvalues :math:`\lambda_i` that are almost :math:`\delta`,

  .. math:: U P = (I - \sum_i \lambda_i\, U x_i\, y_i^T)\, U', \qquad U' = U (P + \sum_i \lambda_i x_i x_i^T), \quad
      y_i^T = x_i^T U'^{-1},

  a plain step with :math:`(x_i, -\lambda_i)` as further examples, and an entry in the log of V, singular or not;
* *moved*, where neither does: :math:`U P` becomes an entry as a whole, and U the identity, so that :math:`R = H`.

All three are exact.

Read next: :mod:`ptembed.ops.factored_balance`.
"""

import numpy as np
from numba.extending import register_jitable

__all__ = ["DEFLATED", "MOVED", "PLAIN", "inverse_rows"]

PLAIN, DEFLATED, MOVED = range(3)
GROWTH = 16.0  # of the squared norm of R in a plain step, at most
MOST = 8  # directions deflated in a step


@register_jitable
def inverse_rows(H, S, HU, Ui, U, decay):
    """Choose the kind of step.

    Gives it, then the examples ``H`` (m, d), ``S`` (m,) and ``HU`` (m, d) with the further ones of a deflated step, and
    ``R`` of all of them.
    """
    HUi = H @ Ui
    R = _solved(H, S, HUi, decay) if len(H) <= len(Ui) else _solved_by_columns(H, S, Ui, decay)
    if not _has_grown(R, HUi, decay):
        return PLAIN, H, S, HU, R
    x, values = _almost_lost(H, S, decay)
    if 0 < len(x) <= MOST:
        X, more, XU = _joined(H, x), np.append(S, -values), _joined(HU, x @ U.T)
        XUi = X @ Ui
        R = _solved(X, more, XUi, decay)
        if not _has_grown(R, XUi, decay):
            return DEFLATED, X, more, XU, R
    return MOVED, H, S, HU, H


@register_jitable
def _solved(H, S, HUi, decay):
    B = (H @ H.T) * -S
    for i in range(len(B)):
        B[i, i] += decay
    try:
        R = np.linalg.inv(B) @ HUi  # faster than to solve for d columns; where it matters, R has grown
    except Exception:  # exactly singular
        R = np.full_like(HUi, np.inf)
    return R


@register_jitable
def _solved_by_columns(H, S, Ui, decay):
    """The same, as H P^-1 U^-1: with d unknowns in place of m."""
    P = H.T @ (-S.reshape(-1, 1) * H)
    for i in range(len(P)):
        P[i, i] += decay
    try:
        R = H @ np.linalg.solve(P, Ui)
    except Exception:
        R = np.full_like(H, np.inf)
    return R


@register_jitable
def _has_grown(R, HUi, decay):
    by_R, by_HUi = R.ravel(), HUi.ravel()
    return not (by_R @ by_R) * decay * decay <= GROWTH * (by_HUi @ by_HUi)


@register_jitable
def _almost_lost(H, S, decay):
    """Give the eigenvectors (r, d) of H^T S H whose eigenvalues are almost ``decay``, and these; none for an S < 0."""
    if S.min() < 0:
        return H[:0].copy(), S[:0].copy()
    root = np.sqrt(S).reshape(-1, 1) * H
    values, vectors = np.linalg.eigh(root @ root.T)
    near = np.flatnonzero(np.abs(values / decay - 1) < 0.5)
    x = np.ascontiguousarray(vectors[:, near].T) @ root
    values = values[near]
    return x / np.sqrt(values).reshape(-1, 1), values


@register_jitable
def _joined(a, b):
    both = np.empty((len(a) + len(b), a.shape[1]), a.dtype)
    both[: len(a)], both[len(a) :] = a, b
    return both
