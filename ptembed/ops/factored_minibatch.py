r"""A factored step of many examples: the equations of :mod:`ptembed.graphs.factored_step`, in place.

Of the seven products of size :math:`m d^2` three are made as one. Where :math:`m > 0.8\, d`, :math:`H^T G G^T H` is
computed from :math:`G^T H = W H^T \mathrm{diag}(g) H + 1 (H^T g_s)^T + Y^T H` without anything of size m m, and so is
:math:`R`.

Read next: :mod:`ptembed.ops.factored_inverse`.
"""

import numpy as np
from numba.extending import register_jitable

from ptembed.ops.factored_blas import as_type, loops, product, sum_of_products
from ptembed.ops.factored_inverse import inverse_rows, many, times_rows
from ptembed.ops.factored_single import NOT_FINITE

__all__ = ["half_of_Q", "not_finite", "of_rows", "of_rows_times", "row_sums", "step", "sums", "to_rows"]


def step(V, UT, Uinv, Q, omega, w_bar, where, part, H, HQ, HU, s, gA, gq, gs, eta, decay):
    """Take a step but for the rows of V, in place.

    Gives the gradient by H, shape (m, d), and for :func:`ptembed.ops.factored_step.settle` the
    rows of the targets and by what they change, (k,
    d), the directions that a deflated step has lost, z and y (r, d), the kind of the step, and how much U may have
    shrunk.
    """
    (m, d), dtype = H.shape, H.dtype.type
    D, eta, decay, U = dtype(len(V)), dtype(eta.item()), dtype(decay.item()), as_type(UT, H)
    om, wb, y = as_type(omega, H), as_type(w_bar, H), row_sums(gA)
    YW = of_rows_times(gA, where, part, U)
    GW, F, gH = _gradient(YW, H, HQ, y, gq, gs, om, wb)
    if not_finite(GW) or not_finite(H):
        raise FloatingPointError(NOT_FINITE)
    weights = (eta + eta) * gq
    gsH, yH, by_omega, by_w_bar = sums(H, weights, s, gs, y, om, eta, D)
    YH, by_Q = to_rows(gA, where, H, len(part)), np.zeros((0, 0), H.dtype)
    if many(H):
        by_Q = np.zeros((d, d), H.dtype)
        _gram(H, gH, YW, y, om, wb, as_type(Q, H), YH, gsH, yH, D, eta * eta, by_Q)
        T = YW
        _combine(GW, eta * decay, T)
    else:
        T = half_of_Q(F, gH, H, of_rows(gA, where, YH), GW, y, gs, gsH, yH, eta * decay, eta * eta / 2, D)
    kind, X, S, XU, R, drift = inverse_rows(H, weights, HU, as_type(Uinv, H), U, decay)
    # from here on it is written
    by = _by_factors(X, S, XU, R, T)
    _update_U(UT, Uinv, by, decay)
    _update_Q(Q, by, by_Q, decay * decay)
    for c in range(d):
        omega[c], w_bar[c] = decay * omega[c] - by_omega[c], decay * w_bar[c] - by_w_bar[c]
    lost = np.empty_like(XU[m:])
    times_rows(XU[m:], S[m:], lost)
    return GW, part, to_rows(gA, where, R, len(part)), lost, R[m:].copy(), np.array([kind, drift])


@loops
def _gradient(YW, H, HQ, y, gq, gs, om, wb):
    """Give G W, what of it the Gram matrix needs and diag(gq) H."""
    GW, F, gH = np.empty_like(H), np.empty_like(H), np.empty_like(H)
    for i in range(H.shape[0]):
        g = gq[i] + gq[i]
        for c in range(H.shape[1]):
            F[i, c] = YW[i, c] + y[i] * om[c] + gs[i] * wb[c]
        for c in range(H.shape[1]):
            GW[i, c] = F[i, c] + g * HQ[i, c]
        for c in range(H.shape[1]):
            F[i, c] += GW[i, c]
        for c in range(H.shape[1]):
            gH[i, c] = gq[i] * H[i, c]
    return GW, F, gH


@register_jitable
def not_finite(x):
    """Whether anything is NaN or infinite; not of ``loops``, which may take x - x for zero."""
    count = 0
    for i in range(x.shape[0]):
        for c in range(x.shape[1]):
            count += x[i, c] - x[i, c] != 0
    return count > 0


@loops
def sums(H, weights, s, gs, y, om, eta, D):
    """Give gs H, y H, and by what omega and w_bar change."""
    gsH, yH, by_omega, by_w_bar = np.zeros_like(om), np.zeros_like(om), np.zeros_like(om), np.zeros_like(om)
    for i in range(H.shape[0]):
        Ho = H.dtype.type(0)
        for c in range(H.shape[1]):
            Ho += H[i, c] * om[c]
        for c in range(H.shape[1]):
            gsH[c] += gs[i] * H[i, c]
            yH[c] += y[i] * H[i, c]
            by_omega[c] += weights[i] * Ho * H[i, c]
            by_w_bar[c] += weights[i] * s[i] * H[i, c]
    for c in range(len(om)):
        by_omega[c] += eta * gsH[c]
        by_w_bar[c] += eta * (D * gsH[c] + yH[c])
    return gsH, yH, by_omega, by_w_bar


@register_jitable
def half_of_Q(F, gH, H, YYH, GW, y, gs, gsH, yH, first, second, D):
    """Give T = first G W - second G G^T H, but with 2 N for N + N^T in it: T^T H + H^T T is the same."""
    N, T = np.empty((len(H), len(H)), H.dtype), np.empty_like(H)
    product(F, True, gH, True, N, False)
    product(N, True, H, False, T, False)
    for i in range(H.shape[0]):
        for c in range(H.shape[1]):
            more = gs[i] * (D * gsH[c] + yH[c]) + y[i] * gsH[c]
            T[i, c] = first * GW[i, c] - second * (T[i, c] + T[i, c] + YYH[i, c] + more)
    return T


@register_jitable
def _gram(H, gH, YW, y, om, wb, Q, YH, b, yH, D, factor, out):
    """Give -factor H^T G G^T H, with G^T H = W B + 1 b^T + Y^T H: O(m d^2 + d^3), less than by G G^T for m almost d."""
    B, BQ, Z = np.empty_like(out), np.empty_like(out), np.empty_like(H)
    product(H, False, gH, False, B, False)
    for i in range(H.shape[0]):
        for c in range(H.shape[1]):
            Z[i, c] = -factor * (YW[i, c] + y[i] * om[c])
    product(H, False, Z, False, BQ, False)
    for i in range(len(B)):
        for c in range(len(B)):
            B[i, c] += B[i, c]
    sum_of_products(B, BQ, True, out)
    product(B, True, Q, False, BQ, False)
    for i in range(len(B)):
        for c in range(len(B)):
            BQ[i, c] *= -factor
    product(BQ, True, B, False, out, True)
    product(YH, False, YH, False, BQ, False)
    wB = np.zeros_like(wb)
    for i in range(len(wb)):
        for c in range(len(wb)):
            wB[c] += wb[i] * B[i, c]
    for i in range(len(out)):
        for c in range(len(out)):
            out[i, c] -= factor * (BQ[i, c] + (wB[i] + D * b[i] + yH[i]) * b[c] + b[i] * (wB[c] + yH[c]))


@loops
def _combine(x, factor, out):
    for i in range(x.shape[0]):
        for c in range(x.shape[1]):
            out[i, c] = factor * x[i, c]


@loops
def row_sums(x):
    out = np.zeros(x.shape[0], x.dtype)
    for i in range(x.shape[0]):
        for c in range(x.shape[1]):
            out[i] += x[i, c]
    return out


@register_jitable
def _by_factors(X, S, XU, R, T):
    """Give X^T S (X U^T), X^T S R and H^T T, side by side; H are the first rows of X."""
    right, by = _beside(S, XU, R, T), np.empty((X.shape[1], 3 * X.shape[1]), R.dtype)
    product(X, False, right, False, by, False)
    return by


@loops
def _beside(S, XU, R, T):
    d = XU.shape[1]
    right = np.empty((len(S), 3 * d), R.dtype)
    for i in range(len(S)):
        for c in range(d):
            right[i, c] = S[i] * XU[i, c]
        for c in range(d):
            right[i, d + c] = S[i] * R[i, c]
        for c in range(d):
            right[i, 2 * d + c] = T[i, c] if i < len(T) else 0
    return right


@register_jitable
def of_rows_times(gA, where, part, U):
    """Give Y V U: by the product of what there is less of, examples or targets."""
    if len(part) < len(gA):
        W = np.empty((len(part), len(U)), part.dtype)
        product(part, True, U, True, W, False)
        return of_rows(gA, where, W)
    YW = np.empty((len(gA), len(U)), part.dtype)
    product(of_rows(gA, where, part), True, U, True, YW, False)
    return YW


@loops
def of_rows(gA, where, rows):
    """Give the sum of ``gA_ik rows_c`` over the targets c of each example, (m, d)."""
    out = np.zeros((gA.shape[0], rows.shape[1]), rows.dtype)
    for i in range(gA.shape[0]):
        for k in range(gA.shape[1]):
            g, j = gA[i, k], where[i, k]
            for c in range(rows.shape[1]):
                out[i, c] += g * rows[j, c]
    return out


@loops
def to_rows(gA, where, x, k):
    """Give the sum of ``gA_ik x_i`` over the examples i of each of k targets, (k, d)."""
    out = np.zeros((k, x.shape[1]), x.dtype)
    for i in range(gA.shape[0]):
        for j in range(gA.shape[1]):
            g, row = gA[i, j], where[i, j]
            for c in range(x.shape[1]):
                out[row, c] += g * x[i, c]
    return out


@loops
def _update_U(UT, Uinv, by, decay):
    d = len(UT)
    for i in range(d):
        for c in range(d):
            UT[i, c] = decay * UT[i, c] - by[i, c]
        for c in range(d):
            Uinv[i, c] += by[i, d + c]
        if decay != 1:
            for c in range(d):
                Uinv[i, c] /= decay


@loops
def _update_Q(Q, by, more, decay):
    """By what ``by`` has for it and its transpose, and the lower triangle ``more``, where it is not empty."""
    d = len(Q)
    for i in range(d):
        for c in range(d):
            Q[i, c] = decay * Q[i, c] - (by[i, 2 * d + c] + by[c, 2 * d + i])
    for i in range(len(more)):
        for c in range(len(more)):
            Q[i, c] -= more[max(i, c), min(i, c)]
