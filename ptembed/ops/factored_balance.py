r"""Keep the small factor well-conditioned: find the directions in which it has shrunk, and log them.

Steps multiply :math:`U` by matrices :math:`P` that shrink a few directions, mostly that of the mean of the hidden
layer, by :math:`1 - \rho` each; :math:`\kappa(U)` would grow as :math:`(1 - \rho)^{-n}`, and with it the error of
:math:`W`. The left singular vectors :math:`x` of the smallest singular values of :math:`U` are followed by two steps of
the subspace iteration on :math:`U^{-1}`, :math:`O(d^2)`, whenever steps of training may have made them smaller by a
factor of 4. Where one is smaller than the mean by more than a limit,

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

from ptembed.ops.factored_blas import as_type, loops, product
from ptembed.ops.factored_log import CORRECTED, DRIFT, MOVED_WHOLE, append, close_with, sweep

__all__ = ["balance", "follow", "keep_balance", "move_all"]

LIMIT = 3.0  # how small a direction of U may become, by the mean
TINY, HUGE = 1e-6, 1e6  # of the scale of U, which decay changes
WAIT = 0.7  # growth of log kappa before directions are followed again
UNIT = 1e-6  # of count[DRIFT]


@register_jitable
def balance(UT, Uinv, V, stamps, log, drift):
    r"""Follow what has become small, log what is too small, and let some rows of ``V`` catch up.

    ``drift`` bounds by how much :math:`\log \kappa(U)` has grown in a step; infinity to follow at once.
    """
    count = log[5]
    count[DRIFT] += np.int64(min(drift, WAIT) / UNIT)
    if count[DRIFT] >= WAIT / UNIT:
        count[DRIFT] = 0
        Ui = as_type(Uinv, V)
        follow(log[4], Ui)
        by_inverse = follow(log[4], Ui)
        keep_balance(UT, Uinv, log, by_inverse)
    sweep(V, stamps, log)


@register_jitable
def follow(X, Uinv):
    """Bring orthonormal rows ``X`` (r, d) closer to the last left singular vectors of U; gives ``|Uinv x|`` of each."""
    shrunk, sizes = np.empty_like(X), np.empty(len(X), X.dtype)
    product(X, True, Uinv, True, shrunk, False)
    product(shrunk, True, Uinv, False, X, False)
    for i in range(len(X)):
        sizes[i] = np.sqrt(_dot(shrunk[i], shrunk[i]))
        for _ in range(2):  # once leaves too much of the larger ones
            for j in range(i):
                _add(X[i], -_dot(X[i], X[j]), X[j])
            _add(X[i], 1 / np.sqrt(_dot(X[i], X[i])) - 1, X[i])
    return sizes


@register_jitable
def keep_balance(UT, Uinv, log, by_inverse):
    """Log the directions followed that have become too small; ``by_inverse`` (r,) is what :func:`follow` gave."""
    X, count, square = log[4], log[5], 0.0
    for i in range(len(UT)):
        square += _dot(UT[i], UT[i])
    scale = np.sqrt(square / len(UT))
    most, due = 0.0, 0
    for size in by_inverse:
        most = max(most, size * scale)
        due += size * scale > LIMIT / 2
    lost = scale < TINY or scale > HUGE
    if not (most > LIMIT or lost):
        return
    if (due == len(X) and len(X) > 1) or lost:
        move_all(UT, Uinv, log)
        return
    count[CORRECTED] += 1
    for i in range(len(X)):
        if by_inverse[i] * scale > LIMIT / 2:
            _make_larger(UT, Uinv, X[i], scale, log)
    refine(UT, Uinv, X)


@register_jitable
def _make_larger(UT, Uinv, x, scale, log):
    d = len(x)
    v, y, z = np.zeros(d), np.zeros(d), np.empty((2, d), x.dtype)
    for i in range(d):
        for c in range(d):
            v[i] += Uinv[i, c] * x[c]
    size = np.sqrt(_dot(v, v))
    if not size * scale > LIMIT / 2:
        return
    for i in range(d):
        _add(y, v[i] / (size * size), Uinv[i])
    for c in range(d):
        z[0, c], z[1, c] = -x[c], y[c] - x[c] / (scale * size)
    append(z[:1], z[1:], log)
    z, y = z[0].astype(UT.dtype), z[1].astype(UT.dtype)
    by = 1 + _dot(y, z)
    for i in range(d):
        _add(UT[i], -_dot(UT[i], y) / by, z)
        _add(Uinv[i], _dot(Uinv[i], z), y)


@register_jitable
def refine(UT, Uinv, like):
    """Make ``Uinv`` the inverse of U more closely, in place: one step of Newton and Schulz."""
    rest = np.empty_like(UT)
    product(UT, False, Uinv, False, rest, False)
    for i in range(len(rest)):
        rest[i, i] -= 1
    small = as_type(rest, like)
    by = np.empty_like(small)
    product(as_type(Uinv, like), True, small, False, by, False)
    for i in range(len(UT)):
        _add(Uinv[i], -1.0, by[i])


@register_jitable
def move_all(UT, Uinv, log):
    """Make U an entry of the log, and then the identity."""
    U = np.empty(UT.shape, log[3].dtype)
    for i in range(len(UT)):
        for c in range(len(UT)):
            U[c, i] = UT[i, c]
    close_with(U, log)
    log[5][MOVED_WHOLE] += 1
    for i in range(len(UT)):
        for c in range(len(UT)):
            UT[i, c] = Uinv[i, c] = 1 if i == c else 0


@loops
def _dot(a, b):
    total = 0.0
    for c in range(len(a)):
        total += a[c] * b[c]
    return total


@loops
def _add(a, factor, b):
    for c in range(len(a)):
        a[c] += factor * b[c]
