r"""One exact gradient step of a factored output layer, in place: the equations of :mod:`ptembed.graphs.factored_step`.

There they stand as symbols; here as one Op, with which the arrays of size m d and d d are passed over fewer times, and
which goes on where the symbols must stop (:mod:`ptembed.ops.factored_inverse`). Of the seven products of size
:math:`m d^2` it makes five, three of them as one. Where :math:`m > 0.8\, d`, :math:`H^T G G^T H` is computed from
:math:`G^T H = W H^T \mathrm{diag}(g) H + 1 (H^T g_s)^T + Y^T H` without anything of size m m, and so is :math:`R`.

Read next: :mod:`ptembed.ops.factored_inverse`.
"""

import numpy as np
from numba import njit
from numba.extending import register_jitable
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op

from ptembed import _pytensor
from ptembed.ops import factored_balance, factored_inverse, factored_log
from ptembed.ops.factored_balance import balance, move_all
from ptembed.ops.factored_inverse import DEFLATED, MOVED, inverse_rows
from ptembed.ops.factored_log import BY_DEFLATION, NOW, append

__all__ = ["NOT_FINITE", "FactoredStep", "factored_step"]

FACTORS, LOG = 7, 7  # how many arrays
TILE = 32
NOT_FINITE = "the hidden layer and its gradient must be finite, got NaN or infinity: nothing was written"


class FactoredStep(Op):
    """One step of training; see :func:`factored_step`."""

    __props__ = ("inplace",)

    def __init__(self, inplace=False):
        self.inplace = inplace
        if inplace:
            self.destroy_map = {1 + i: [i] for i in range(FACTORS + LOG)}

    @staticmethod
    def changed(node):
        """Give the inputs that the step changes."""
        return node.inputs[: FACTORS + LOG]

    def make_node(self, *inputs):
        state, H = inputs[: FACTORS + LOG], inputs[FACTORS + LOG + 3]
        return Apply(self, list(inputs), [H.type(), *[x.type() for x in state]])

    def perform(self, node, inputs, output_storage):
        state = [x if self.inplace else x.copy() for x in inputs[: FACTORS + LOG]]
        results = _step(tuple(state[:FACTORS]), tuple(state[FACTORS:]), *inputs[FACTORS + LOG :]), *state
        for storage, x in zip(output_storage, results, strict=True):
            storage[0] = x

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [shapes[FACTORS + LOG + 3], *shapes[: FACTORS + LOG]]


def factored_step(factors, log, *examples):
    r"""Train the factors by one step.

    Parameters
    ----------
    factors : sequence of seven tensors
        ``V`` (D, d), its ``stamps`` (D,), ``UT``, ``Uinv``, ``Q`` (d, d), ``omega``, ``w_bar`` (d,).
    log : sequence of seven tensors
        As in :mod:`ptembed.ops.factored_log`.
    *examples : tensors
        ``ids`` (k,), the distinct rows of the targets; ``where`` (m, K), the place of each target among them; ``part``
        (k, d), these rows, brought forward; ``H`` (m, d); ``HQ``, ``HU`` (m, d), its products with ``Q`` and ``UT``;
        ``s`` (m,); the gradients of the cost by the outputs, ``gA`` (m, K), ``gq``, ``gs`` (m,); and the scalars
        :math:`\eta` and :math:`\delta`.

    Returns
    -------
    list of tensors
        The gradient of the cost by H, shape (m, d), and the new state, in the memory of the old one.

    Raises
    ------
    FloatingPointError
        When called, if ``H`` or the gradient is not finite; nothing is written.
    """
    return FactoredStep()(*factors, *log, *examples, return_list=True)


@register_jitable
def _step(factors, log, ids, where, part, H, HQ, HU, s, gA, gq, gs, eta, decay):
    V, stamps, UT, Uinv, Q, omega, w_bar = factors
    dtype = H.dtype.type
    eta, decay, om, wb = dtype(eta.item()), dtype(decay.item()), omega.astype(H.dtype), w_bar.astype(H.dtype)
    U, Ui, H, y = UT.astype(H.dtype).T, Uinv.astype(H.dtype), np.ascontiguousarray(H), gA.sum(axis=1)
    YW = _of_rows(gA, where, part) @ U
    GW, F, gH, bad = _gradient(YW, H, HQ, y, gq, gs, om, wb)
    if bad:
        raise FloatingPointError(NOT_FINITE)
    gsH, yH, YH = gs @ H, y @ H, _to_rows(gA, where, H, len(part))
    S, half, many = (eta + eta) * gq, eta * eta / dtype(2), 5 * len(H) > 4 * H.shape[1]
    if many:
        GGH, HGGH = np.zeros_like(H), _gram(H, gH, YW, y, om, wb, Q.astype(H.dtype), YH, gsH, yH, dtype(len(V)))
    else:
        GGH, HGGH = _symmetrised(F @ gH.T) @ H + _of_rows(gA, where, YH), np.zeros_like(H[:0])
    by_omega, by_w_bar = (S * (H @ om)) @ H + eta * gsH, (S * s) @ H + eta * (dtype(len(V)) * gsH + yH)
    kind, X, S, XU, R = inverse_rows(H, S, HU, Ui, U, decay)
    right = _right_side(S, XU, R, GW, GGH, y, gs, gsH, yH, eta * decay, dtype(0) if many else half, dtype(len(V)))
    # from here on it is written
    _update(UT, Uinv, Q, X.T @ right, decay)
    if many:
        Q += half * _symmetrised(HGGH)  # an error that is not symmetric would grow
    for c in range(len(omega)):
        omega[c], w_bar[c] = decay * omega[c] - by_omega[c], decay * w_bar[c] - by_w_bar[c]
    if kind == MOVED:
        part = part @ UT.astype(H.dtype).T
        move_all(UT, Uinv, log)
    elif kind == DEFLATED:
        z, y_log = S[len(H) :].copy().reshape(-1, 1) * XU[len(H) :], R[len(H) :].copy()
        part = part + (part @ z.T) @ y_log
        append(z, y_log, log)
        log[5][BY_DEFLATION] += 1
    new = _to_rows(gA, where, R, len(part))
    for i in range(len(ids)):
        for c in range(len(om)):
            V[ids[i], c] = part[i, c] - eta * new[i, c]
        stamps[ids[i]] = log[5][NOW]
    balance(UT, Uinv, V, stamps, log)
    return GW


@register_jitable
def _gradient(YW, H, HQ, y, gq, gs, om, wb):
    """Give G W, what of it the Gram matrix needs, diag(gq) H, and whether anything is not finite."""
    GW, F, gH, bad = np.empty_like(H), np.empty_like(H), np.empty_like(H), False
    for i in range(len(H)):
        for c in range(H.shape[1]):
            z = YW[i, c] + y[i] * om[c] + gs[i] * wb[c]
            a = (gq[i] + gq[i]) * HQ[i, c]
            GW[i, c], F[i, c], gH[i, c] = a + z, a + z + z, gq[i] * H[i, c]
            bad |= not (np.isfinite(GW[i, c]) and np.isfinite(H[i, c]))
    return GW, F, gH, bad


@register_jitable
def _gram(H, gH, YW, y, om, wb, Q, YH, b, yH, D):
    """Give H^T G G^T H, with G^T H = W B + 1 b^T + Y^T H: O(m d^2 + d^3), less than by G G^T where m is almost d."""
    B = H.T @ (gH + gH)
    BM = B @ ((YW + y.reshape(-1, 1) * om).T @ H)
    out, wB = (B @ Q) @ B + YH.T @ YH, wb @ B
    for i in range(len(out)):
        for c in range(len(out)):
            out[i, c] += BM[i, c] + BM[c, i] + (wB[i] + D * b[i] + yH[i]) * b[c] + b[i] * (wB[c] + yH[c])
    return out


@register_jitable
def _symmetrised(N):
    for i in range(len(N)):
        for j in range(i + 1):
            N[i, j] = N[j, i] = N[i, j] + N[j, i]
    return N


@register_jitable
def _right_side(S, XU, R, GW, GGH, y, gs, gsH, yH, first, second, D):
    """Give what H^T is multiplied by for U^T, U^-1 and Q, side by side."""
    d = XU.shape[1]
    right = np.zeros((len(S), 3 * d), R.dtype)
    for i in range(len(S)):
        for c in range(d):
            right[i, c], right[i, d + c] = S[i] * XU[i, c], S[i] * R[i, c]
    for i in range(len(GW)):
        for c in range(d):
            more = gs[i] * (D * gsH[c] + yH[c]) + y[i] * gsH[c]
            right[i, 2 * d + c] = first * GW[i, c] - second * (GGH[i, c] + more)
    return right


@register_jitable
def _of_rows(gA, where, rows):
    """Give the sum of ``gA_ik rows_c`` over the targets c of each example, (m, d)."""
    out = np.zeros((len(gA), rows.shape[1]), rows.dtype)
    for i in range(len(gA)):
        for k in range(gA.shape[1]):
            for c in range(rows.shape[1]):
                out[i, c] += gA[i, k] * rows[where[i, k], c]
    return out


@register_jitable
def _to_rows(gA, where, x, k):
    """Give the sum of ``gA_ik x_i`` over the examples i of each of k targets, (k, d)."""
    out = np.zeros((k, x.shape[1]), x.dtype)
    for i in range(len(gA)):
        for j in range(gA.shape[1]):
            for c in range(x.shape[1]):
                out[where[i, j], c] += gA[i, j] * x[i, c]
    return out


@register_jitable
def _update(UT, Uinv, Q, by, decay):
    d = len(UT)
    for i in range(d):
        for c in range(d):
            UT[i, c] = decay * UT[i, c] - by[i, c]
            Uinv[i, c] = (Uinv[i, c] + by[i, d + c]) / decay
    for a in range(0, d, TILE):
        for b in range(0, d, TILE):
            for i in range(a, min(a + TILE, d)):
                for c in range(b, min(b + TILE, d)):
                    Q[i, c] = decay * decay * Q[i, c] - (by[i, 2 * d + c] + by[c, 2 * d + i])


@_pytensor.numba_kernel(FactoredStep, factored_balance, factored_inverse, factored_log)
def factored_step_kernel(op, node):
    inplace = op.inplace

    @njit
    def factored_step(*arrays):
        factors, log = arrays[:7], arrays[7:14]
        if not inplace:
            factors, log = _copied(factors), _copied(log)
        GW = _step(factors, log, *arrays[14:])
        return (GW, *factors, *log)

    return factored_step


@register_jitable
def _copied(x):
    return x[0].copy(), x[1].copy(), x[2].copy(), x[3].copy(), x[4].copy(), x[5].copy(), x[6].copy()
