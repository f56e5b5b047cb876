r"""A factored step of a single example, :math:`m = 1`: a few passes over the small factors, in their own dtype.

With one example there is nothing for a product of matrices to share, and a step is as long as it takes to read and
write :math:`U`, :math:`U^{-1}` and :math:`Q`: :math:`10\, d^2` numbers, of which this reads and writes no copy. The
equations are those of :mod:`ptembed.graphs.factored_step`, where :math:`S`, :math:`G G^T` and the system for :math:`R`
are scalars.
"""

import numpy as np

from ptembed.ops.factored_blas import loops
from ptembed.ops.factored_inverse import PLAIN

__all__ = ["NOT_FINITE", "REFUSED", "single"]

REFUSED = -1.0
GROWTH = 16.0  # of the squared norm of R, at most, as in factored_inverse
NOT_FINITE = "the hidden layer and its gradient must be finite, got NaN or infinity: nothing was written"


def single(V, UT, Uinv, Q, omega, w_bar, where, part, H, HQ, HU, s, gA, gq, gs, eta, decay):
    """Take a step but for the rows of V; gives what :func:`ptembed.ops.factored_step.step` gives.

    The kind of the step is ``REFUSED``, and nothing is written, where P is almost singular.
    """
    d, h, eta, decay = H.shape[1], H[0], eta.item(), decay.item()
    GW, change, notes = np.empty_like(H), np.zeros_like(part), np.array([PLAIN, np.inf])
    S, y, R, YW = 2 * eta * gq[0], gA[0].sum(), _inverse_row(Uinv, h), _times_targets(UT, gA[0], where[0], part)
    square, Hz, Ho, total = 0.0, 0.0, 0.0, 0.0
    for c in range(d):
        z, a = YW[c] + y * omega[c] + gs[0] * w_bar[c], 2 * gq[0] * HQ[0, c]
        GW[0, c] = a + z
        Hz += (a / 2 + z) * h[c]
        square += h[c] * h[c]
        Ho += h[c] * omega[c]
        total += (a + z - (a + z)) + (h[c] - h[c])
    if not total == 0:
        raise FloatingPointError(NOT_FINITE)
    by = decay - S * square
    if not by * by * GROWTH >= decay * decay:
        notes[0] = REFUSED
        return GW, part, change, part[:0].copy(), part[:0].copy(), notes
    GG = 4 * gq[0] * Hz + (gA[0] * gA[0]).sum() + len(V) * gs[0] * gs[0] + 2 * gs[0] * y
    T = np.empty_like(R)
    for c in range(d):
        R[c] /= by
        T[c] = eta * decay * GW[0, c] - eta * eta / 2 * GG * h[c]
        omega[c] = decay * omega[c] - (S * Ho + eta * gs[0]) * h[c]
        w_bar[c] = decay * w_bar[c] - (S * s[0] + eta * (len(V) * gs[0] + y)) * h[c]
    _update_by_one(UT, Uinv, Q, h, HU[0], R, T, S, decay)
    for k in range(gA.shape[1]):
        for c in range(d):
            change[where[0, k], c] = gA[0, k] * R[c]
    if by > 0:
        notes[1] = max(0.0, np.log(decay / by))
    return GW, part, change, part[:0].copy(), part[:0].copy(), notes


@loops
def _inverse_row(Uinv, h):
    out = np.zeros(len(h), Uinv.dtype)
    for i in range(len(h)):
        for c in range(len(h)):
            out[c] += h[i] * Uinv[i, c]
    return out


@loops
def _times_targets(UT, gA, where, part):
    v, out = np.zeros(part.shape[1], part.dtype), np.zeros(part.shape[1], UT.dtype)
    for k in range(len(gA)):
        for c in range(len(v)):
            v[c] += gA[k] * part[where[k], c]
    for i in range(len(v)):
        for c in range(len(v)):
            out[i] += UT[i, c] * v[c]
    return out


@loops
def _update_by_one(UT, Uinv, Q, h, HU, R, T, S, decay):
    for i in range(len(h)):
        f, t = S * h[i], T[i]
        for c in range(len(h)):
            UT[i, c] = decay * UT[i, c] - f * HU[c]
            Uinv[i, c] = (Uinv[i, c] + f * R[c]) / decay
            Q[i, c] = decay * decay * Q[i, c] - (h[i] * T[c] + t * h[c])
