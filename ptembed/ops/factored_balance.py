r"""Keep the small factor well-conditioned: find the directions in which it has shrunk, and log them.

Steps multiply :math:`U` by matrices :math:`P` that shrink a few directions, mostly that of the mean of the hidden
layer, by :math:`1 - \rho` each; :math:`\kappa(U)` would grow as :math:`(1 - \rho)^{-n}`, and with it the error of
:math:`W`. The left singular vectors :math:`x` of the smallest singular values of :math:`U` are followed by two steps of
the subspace iteration on :math:`U^{-1}` with each step of training, :math:`O(d^2)`. Where one is smaller than the mean
by more than a limit,

.. math:: U \leftarrow (I + z y^T)^{-1} U = (I - x x^T) U + \tau\, x\, v^T, \qquad v = \frac{U^{-1} x}{\lVert U^{-1} x
    \rVert}, \quad z = -x, \quad y^T = \frac{\tau\, v^T U^{-1} - x^T}{\tau \lVert U^{-1} x \rVert},

makes it :math:`\tau`, the mean, and the entry :math:`I + z y^T` goes to the log of :math:`V`. That is exact for any
:math:`x`; how good a singular vector it is decides only how much :math:`\kappa` falls. After that :math:`U^{-1}` is
refined by the step of Newton and Schulz.

Where too many directions have shrunk at once, :math:`U` itself becomes an entry.

Read next: :mod:`ptembed.ops.factored_step`.
"""

import numpy as np
from numba.extending import register_jitable

from ptembed.ops.factored_log import CORRECTED, MOVED_WHOLE, append, close_with, sweep

__all__ = ["balance", "follow", "keep_balance", "move_all"]

LIMIT = 8.0  # how small a direction of U may become, by the mean
TINY, HUGE = 1e-6, 1e6  # of the scale of U, which decay changes


@register_jitable
def balance(UT, Uinv, V, stamps, log):
    """Follow what has become small, log what is too small, and let some rows of ``V`` catch up."""
    Ui = Uinv.astype(V.dtype)
    follow(log[4], Ui)
    by_inverse = follow(log[4], Ui)
    keep_balance(UT, Uinv, log, by_inverse)
    sweep(V, stamps, log)


@register_jitable
def follow(X, Uinv):
    """Bring orthonormal rows ``X`` (r, d) closer to the last left singular vectors of U; gives ``|Uinv x|`` of each."""
    shrunk = X @ Uinv.T
    X[:] = shrunk @ Uinv
    for i in range(len(X)):
        for _ in range(2):  # once leaves too much of the larger ones
            for j in range(i):
                X[i] -= (X[i] @ X[j]) * X[j]
            X[i] /= np.sqrt(X[i] @ X[i])
    return np.sqrt((shrunk * shrunk).sum(axis=1))


@register_jitable
def keep_balance(UT, Uinv, log, by_inverse):
    """Log the directions followed that have become too small; ``by_inverse`` (r,) is what :func:`follow` gave."""
    X, count = log[4], log[5]
    flat = UT.ravel()
    scale = np.sqrt((flat @ flat) / len(UT))
    spread = by_inverse * scale
    if not (spread.max() > LIMIT or scale < TINY or scale > HUGE):
        return
    due = np.flatnonzero(spread > LIMIT / 2)
    if (len(due) == len(X) and len(X) > 1) or scale < TINY or scale > HUGE:
        move_all(UT, Uinv, log)
        return
    count[CORRECTED] += 1
    for i in due:
        _make_larger(UT, Uinv, X[i], scale, log)
    refine(UT, Uinv)


@register_jitable
def _make_larger(UT, Uinv, x, scale, log):
    left = x.astype(UT.dtype)
    v = Uinv @ left
    size = np.sqrt(v @ v)
    if not size * scale > LIMIT / 2:
        return
    y = (v @ Uinv) / (size * size) - left / (scale * size)
    append(-x.reshape(1, -1), y.astype(x.dtype).reshape(1, -1), log)
    z, y = -left, y.astype(x.dtype).astype(UT.dtype)
    UT -= np.outer((UT @ y) / (1 + y @ z), z)
    Uinv += np.outer(Uinv @ z, y)


@register_jitable
def refine(UT, Uinv):
    """Make ``Uinv`` the inverse of U more closely, in place: one step of Newton and Schulz."""
    rest = UT.T @ Uinv
    for i in range(len(rest)):
        rest[i, i] -= 1
    Uinv -= Uinv @ rest


@register_jitable
def move_all(UT, Uinv, log):
    """Make U an entry of the log, and then the identity."""
    close_with(np.ascontiguousarray(UT.T).astype(log[3].dtype), log)
    log[5][MOVED_WHOLE] += 1
    UT[:], Uinv[:] = 0, 0
    for i in range(len(UT)):
        UT[i, i], Uinv[i, i] = 1, 1
