r"""Keep the small factor well-conditioned: find the directions in which it has shrunk, and log them.

Steps multiply :math:`U` by matrices :math:`P` that shrink a few directions, mostly that of the mean of the hidden
layer, by :math:`1 - \rho` each; :math:`\kappa(U)` would grow as :math:`(1 - \rho)^{-n}`, and with it the error of
:math:`W`. The left singular vectors :math:`x` of the smallest singular values of :math:`U` are followed by two steps of
the subspace iteration on :math:`U^{-1}`, :math:`O(d^2)`, whenever steps of training may have made them smaller by a
factor of 4. Where one is smaller than the mean by more than a limit,

.. math:: U \leftarrow (I + z y^T)^{-1} U = (I - x x^T) U + \tau\, x\, v^T, \qquad v = \frac{U^{-1} x}{\lVert U^{-1} x
    \rVert}, \quad z = -x, \quad y^T = \frac{\tau\, v^T U^{-1} - x^T}{\tau \lVert U^{-1} x \rVert},

makes it :math:`\tau`, the mean, and the entry :math:`I + z y^T` goes to the log of :math:`V`. That is exact for any
:math:`x`; how good a singular vector it is decides only how much :math:`\kappa` falls. So what is near to the span of
the directions that the log has is taken to be in it. After that, :math:`U^{-1}` is refined by the step of Newton and
Schulz, along :math:`v`, where steps of training make its error larger, and in some of its rows, others each time.

Where too many directions have shrunk at once, :math:`U` itself becomes an entry.

Read next: :mod:`ptembed.ops.factored_step`.
"""

import numpy as np
from numba.extending import register_jitable

from ptembed.ops.factored_blas import as_type, copy_into, loops, product
from ptembed.ops.factored_log import (
    CORRECTED,
    DRIFT,
    MOVED_WHOLE,
    REFINED,
    append_within,
    close_with,
    coordinates,
    make_room,
    sweep,
)

__all__ = ["balance", "follow", "keep_balance", "move_all"]

LIMIT, DUE = 3.0, 2.0  # the mean by a direction of U: what it may become, and from what on it is logged with others
TINY, HUGE = 1e-6, 1e6  # of the scale of U, which decay changes
WAIT = 0.7  # growth of log kappa before directions are followed again
UNIT = 1e-6  # of count[DRIFT]
NEAR = 0.1  # the squared part of a direction that may be outside of the log's span
ROWS = 64  # of the inverse, refined with a correction


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
        for least in (0.0, 0.5):  # once leaves too much of the larger ones
            _take_out(X, i)
            size = np.sqrt(_dot(X[i], X[i]))
            if not least < size < np.inf:  # but for rounding, it was one of the larger ones
                _take_another(X, i)
                size = np.sqrt(_dot(X[i], X[i]))
            _add(X[i], 1 / size - 1, X[i])
    return sizes


@register_jitable
def _take_out(X, i):
    """Make row ``i`` of ``X`` orthogonal to those before it, which are orthonormal."""
    for j in range(i):
        _add(X[i], -_dot(X[i], X[j]), X[j])


@register_jitable
def _take_another(X, i):
    """Make row ``i`` of ``X`` what an axis has outside of the rows before it; of that axis which has most."""
    best, least = 0, np.inf
    for c in range(X.shape[1]):
        taken = 0.0
        for j in range(i):
            taken += X[j, c] * X[j, c]
        if taken < least:
            best, least = c, taken
    for c in range(X.shape[1]):
        X[i, c] = c == best
    _take_out(X, i)


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
        due += size * scale > DUE
    lost = scale < TINY or scale > HUGE
    if not (most > LIMIT or lost):
        return
    if (due == len(X) and len(X) > 1) or lost:
        move_all(UT, Uinv, log)
        return
    count[CORRECTED] += 1
    for i in range(len(X)):
        if by_inverse[i] * scale > DUE:
            outside = NEAR if by_inverse[i] * scale > LIMIT else 1.0
            _make_larger(UT, Uinv, X[i], scale, outside, log)
    refine(UT, Uinv, count, X)


@register_jitable
def _make_larger(UT, Uinv, x, scale, outside, log):
    make_room(0, log)
    d, a = len(x), np.zeros((1, log[0].shape[1]), x.dtype)
    copy_into(a[0], coordinates(x, outside, log))
    if not _dot(a[0], a[0]) > 0:
        return
    x, v, y, by_y = _of_coordinates(a[0], log), np.zeros(d), np.zeros(d), np.empty((1, d), x.dtype)
    for i in range(d):
        v[i] = _dot(Uinv[i], x)
    size = np.sqrt(_dot(v, v))
    if not size * scale > DUE:
        return
    for i in range(d):
        _add(y, v[i] / (size * size), Uinv[i])
    for c in range(d):
        by_y[0, c] = x[c] / (scale * size) - y[c]
    append_within(a, by_y, log)
    y = by_y[0].astype(UT.dtype)
    by = 1 + _dot(y, x)
    for i in range(d):
        _add(UT[i], -_dot(UT[i], y) / by, x)
        _add(Uinv[i], _dot(Uinv[i], x), y)
    for c in range(d):
        v[c] /= size
    _refine_along(UT, Uinv, v)


@register_jitable
def _of_coordinates(a, log):
    """Give the vector of length 1 with coordinates ``a``, which are scaled to it."""
    Z, s = log[0], (log[5][0] // log[1].shape[1]) % len(log[0])
    x = np.zeros(Z.shape[2])
    a /= np.sqrt(_dot(a, a))
    for j in range(len(a)):
        _add(x, a[j], Z[s, j])
    return x


@register_jitable
def _refine_along(UT, Uinv, v):
    """Make ``Uinv`` U the identity along ``v``, where each step of training has made an error of it larger."""
    d = len(v)
    w, rest, by = np.zeros(d), np.empty(d), np.zeros(d)
    for i in range(d):
        _add(w, v[i], Uinv[i])
    for i in range(d):
        rest[i] = _dot(UT[i], w) - v[i]
        _add(by, rest[i], Uinv[i])
    for i in range(d):
        _add(Uinv[i], -v[i], by)


@register_jitable
def refine(UT, Uinv, count, like):
    """Make some rows of ``Uinv``, others each time, closer to the inverse of U: one step of Newton and Schulz."""
    start = count[REFINED] % len(UT)
    stop = min(start + ROWS, len(UT))
    rows = Uinv[start:stop]
    rest = np.empty_like(rows)
    product(rows, True, UT, True, rest, False)
    for i in range(len(rest)):
        rest[i, start + i] -= 1
    small = as_type(rest, like)
    by = np.empty_like(small)
    product(small, True, as_type(Uinv, like), False, by, False)
    for i in range(len(rows)):
        _add(rows[i], -1.0, by[i])
    count[REFINED] += stop - start


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
