r"""A factored step with heavy-ball momentum, exact, in a layer of twice the width.

Gradient descent with the velocity :math:`M` (D, d), momentum :math:`\mu` and decay :math:`r = \eta \lambda`,

.. math:: M \leftarrow \mu M - r W - \eta\, G^T H, \qquad W \leftarrow W + M,

is linear in :math:`X = [W, M] = V U + 1 \omega^T` but for the targets, with :math:`V` (D, 2 d), :math:`U = [U_W, U_M]`
(2 d, 2 d), so that the same factors follow it: with :math:`B = H^T \mathrm{diag}(g) H`,

.. math::
    U_M &\leftarrow \mu U_M - r U_W - \eta\, U_W B, \qquad U_W \leftarrow U_W + U_M \\
    U^{-1} &= \begin{bmatrix} I_W \\ I_M \end{bmatrix}, \qquad I_W \leftarrow I_W + \tfrac1\mu (\eta B + r) I_M, \qquad
    I_M \leftarrow \tfrac1\mu I_M - I_W \\
    V &\leftarrow V - \eta\, Y^T R, \qquad R = \tfrac1\mu H I_M .

No system is to be solved: the inverse exists at any learning rate. The determinant of :math:`U` falls by :math:`\mu^d`
a step. So :math:`U` as a whole becomes an entry of the log whenever its condition number is no longer a small one, in
some dozens of steps at :math:`\mu = 0.9`, and V has the columns :math:`W + \kappa M` and :math:`\kappa M` then, with
:math:`\kappa = \mu / (1 - \mu)`, of which without a gradient the former stay and the latter fall by :math:`\mu`.
:math:`Q = X^T X` and :math:`\bar x = X^T 1` follow from :math:`G X` as in :mod:`ptembed.graphs.factored_step`: in all
:math:`32\, m d^2 + 6\, m^2 d` operations.
"""

import numpy as np
from numba.extending import register_jitable

from ptembed.ops.factored_blas import as_type, loops, product
from ptembed.ops.factored_inverse import PLAIN
from ptembed.ops.factored_log import MOVED_WHOLE, close_with
from ptembed.ops.factored_minibatch import half_of_Q, not_finite, of_rows, of_rows_times, row_sums, sums, to_rows
from ptembed.ops.factored_single import NOT_FINITE

__all__ = ["MOVED_AFTER", "momentum", "move_both"]

MOVED_AFTER = 3.0
NOT_BETWEEN = "the momentum must lie in (0, 1): nothing was written"


def momentum(V, UT, Uinv, Q, omega, w_bar, where, part, H, HQ, HU, s, gA, gq, gs, eta, decay, mu):
    """Take a step but for the rows of V, in place; gives what :func:`ptembed.ops.factored_minibatch.step` gives."""
    (m, d), dtype = H.shape, H.dtype.type
    D, eta, decay, mu, U = dtype(len(V)), dtype(eta.item()), dtype(decay.item()), dtype(mu.item()), as_type(UT, H)
    om, wb, y, r = as_type(omega, H), as_type(w_bar, H), row_sums(gA), 1 - decay
    YX = of_rows_times(gA, where, part, U)
    GW, GM, F, gH = _gradient(YX, H, HQ, y, gq, gs, om, wb, mu, r)
    if not_finite(GM) or not_finite(GW) or not_finite(H):
        raise FloatingPointError(NOT_FINITE)
    if not 0 < mu < 1:
        raise ValueError(NOT_BETWEEN)
    weights = (eta + eta) * gq
    gsH, yH, by_omega, by_w_bar = sums(H, weights, s, gs, y, om[:d], eta, D)
    YYH = of_rows(gA, where, to_rows(gA, where, H, len(part)))
    T = half_of_Q(F, gH, H, YYH, GM, y, gs, gsH, yH, eta, eta * eta / 2, D)
    by_M, by_W, R = np.empty((d, d), H.dtype), np.empty((d, d), H.dtype), np.empty_like(HU)
    product(H, False, T, False, by_M, False)
    product(GW, False, H, False, by_W, False)
    product(H, True, as_type(Uinv[d:], H), False, R, False)
    # from here on it is written
    _update_Q(Q, by_M, by_W, eta, mu, r)
    _update_sums(omega, by_omega, mu, r)
    _update_sums(w_bar, by_w_bar, mu, r)
    kappa = mu / (1 - mu)
    square = _update_U(UT, _weighted(H, weights, HU), mu, r, kappa)
    square *= _update_inverse(Uinv, _weighted(H, weights, R), mu, r, kappa)
    for i in range(m):
        for c in range(2 * d):
            R[i, c] /= mu
    limit = 100.0 if H.itemsize == 4 else 1e4
    kind, kappa = (MOVED_AFTER, kappa) if np.sqrt(square) > limit * 2 * d else (float(PLAIN), 0 * kappa)
    return GW, part, to_rows(gA, where, R, len(part)), part[:0].copy(), part[:0].copy(), np.array([kind, kappa])


@loops
def _gradient(YX, H, HQ, y, gq, gs, om, wb, mu, r):
    """Give G W, mu G M - r G W, what of G W the Gram matrix needs and diag(gq) H."""
    GW, GM, F, gH = np.empty_like(H), np.empty_like(H), np.empty_like(H), np.empty_like(H)
    d = H.shape[1]
    for i in range(H.shape[0]):
        g = gq[i] + gq[i]
        for c in range(d):
            z, a = YX[i, c] + y[i] * om[c] + gs[i] * wb[c], g * HQ[i, c]
            more = g * HQ[i, d + c] + YX[i, d + c] + y[i] * om[d + c] + gs[i] * wb[d + c]
            GW[i, c], GM[i, c] = a + z, mu * more - r * (a + z)
            F[i, c], gH[i, c] = a + z + z, gq[i] * H[i, c]
    return GW, GM, F, gH


@register_jitable
def _weighted(H, weights, x):
    """Give H^T diag(weights) x."""
    right, by = np.empty_like(x), np.empty((H.shape[1], x.shape[1]), x.dtype)
    for i in range(x.shape[0]):
        for c in range(x.shape[1]):
            right[i, c] = weights[i] * x[i, c]
    product(H, False, right, False, by, False)
    return by


@loops
def _update_Q(Q, by_M, by_W, eta, mu, r):
    """By the products M^T M and W^T M with the new velocity M, of each pair of columns and its mirror image."""
    d = len(by_M)
    for i in range(d):
        for c in range(i + 1):
            WW, ic, ci, MM = Q[i, c], Q[i, d + c], Q[c, d + i], Q[d + i, d + c]
            MM = mu * mu * MM - mu * r * (ic + ci) + r * r * WW - (by_M[i, c] + by_M[c, i])
            ic, ci = mu * ic - r * WW - eta * by_W[i, c], mu * ci - r * WW - eta * by_W[c, i]
            Q[i, c] = Q[c, i] = WW + ic + ci + MM
            Q[i, d + c] = Q[d + c, i] = ic + MM
            Q[c, d + i] = Q[d + i, c] = ci + MM
            Q[d + i, d + c] = Q[d + c, d + i] = MM


@loops
def _update_sums(x, by, mu, r):
    for c in range(len(by)):
        x[len(by) + c] = mu * x[len(by) + c] - r * x[c] - by[c]
        x[c] += x[len(by) + c]


@loops
def _update_U(UT, by, mu, r, kappa):
    """Gives the sum of squares of U in the columns that V has after a move."""
    d, square = len(by), 0.0
    for i in range(d):
        for c in range(2 * d):
            M = mu * UT[d + i, c] - r * UT[i, c] - by[i, c]
            W = UT[i, c] + M
            UT[i, c], UT[d + i, c] = W, M
            square += (W + kappa * M) * (W + kappa * M) + kappa * M * kappa * M
    return square


@loops
def _update_inverse(Uinv, by, mu, r, kappa):
    """Gives the sum of squares of its inverse."""
    d, square = len(by), 0.0
    for i in range(d):
        for c in range(2 * d):
            W = Uinv[i, c] + (by[i, c] + r * Uinv[d + i, c]) / mu
            M = Uinv[d + i, c] / mu - W
            Uinv[i, c], Uinv[d + i, c] = W, M
            square += W * W + (M / kappa - W) * (M / kappa - W)
    return square


@register_jitable
def move_both(UT, Uinv, log, kappa):
    """Make ``[U_W + kappa U_M, kappa U_M]`` an entry of the log, and U what is left then."""
    d, C = len(UT) // 2, np.empty(UT.shape, log[3].dtype)
    for i in range(d):
        for c in range(2 * d):
            C[c, d + i] = kappa * UT[d + i, c]
            C[c, i] = UT[i, c] + kappa * UT[d + i, c]
    close_with(C, log)
    log[5][MOVED_WHOLE] += 1
    for i in range(2 * d):
        for c in range(2 * d):
            UT[i, c] = Uinv[i, c] = 0
    for i in range(d):
        UT[i, i], UT[i, d + i], UT[d + i, d + i] = 1, -1, 1 / kappa
        Uinv[i, i], Uinv[d + i, i], Uinv[d + i, d + i] = 1, kappa, kappa
