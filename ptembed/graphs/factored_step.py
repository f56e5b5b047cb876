r"""The equations of a factored output layer: forward, the gradient below, the exact update.

Of :math:`m` examples, :math:`H` (m, d) is the hidden layer and :math:`O = H W^T` (m, D) the outputs, which are never
formed. A cost that is a function of the outputs at the targets :math:`A` (m, K), of :math:`q_i = \lVert o_i
\rVert^2` and of :math:`s_i = \sum_j o_{ij}` has by the outputs the gradient

.. math:: G = \mathrm{diag}(g) O + g_s 1^T + Y, \qquad g = 2\, \partial L / \partial q, \quad
    g_s = \partial L / \partial s,

with :math:`Y` (m, D) zero but for :math:`\partial L / \partial A` at the targets. With :math:`W = V U + 1 \omega^T`,
:math:`Q = W^T W`, :math:`\bar w = W^T 1` and :math:`y = Y 1`:

.. math::
    A_{ik} &= (H U^T)_i \cdot V_{c_{ik}} + h_i \cdot \omega, \qquad q_i = h_i^T Q\, h_i, \qquad
    s_i = h_i \cdot \bar w \\
    G W &= \mathrm{diag}(g) H Q + Z, \qquad Z = Y V U + y\, \omega^T + g_s \bar w^T

Gradient descent, :math:`W \leftarrow \delta W - \eta\, G^T H` with the decay :math:`\delta = 1 - \eta \lambda`, is then

.. math::
    U &\leftarrow U (\delta I - H^T S H), \qquad S = \mathrm{diag}(\eta g) \\
    R &= H U_\text{new}^{-1} = (\delta I - H H^T S)^{-1} H U^{-1}, \qquad
    U^{-1} \leftarrow (U^{-1} + H^T S R) / \delta \\
    V &\leftarrow V - \eta\, Y^T R \\
    Q &\leftarrow \delta^2 Q - T^T H - H^T T, \qquad
    T = \eta\, \delta\, G W - \tfrac{\eta^2}{2} G G^T H \\
    G G^T &= N + N^T + Y Y^T + D\, g_s g_s^T + g_s y^T + y\, g_s^T, \qquad
    N = (\tfrac12 \mathrm{diag}(g) H Q + Z)\, H^T \mathrm{diag}(g)

:math:`\omega` and :math:`\bar w` follow in the same way. :math:`R` is Woodbury's formula with the rows of :math:`V`
folded in, two products of size :math:`m d^2` fewer than the paper's. In all there are seven of them. The equations
stand here as symbols; what trains is one Op of the same meaning.

Read next: :mod:`ptembed.ops.factored_step`.
"""

from typing import Any, NamedTuple

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.graph.traversal import ancestors
from pytensor.raise_op import CheckAndRaise

from ptembed import ops, rewrites  # noqa: F401  registers the rewrites
from ptembed.kinds import Symbol
from ptembed.ops.factored_product import times
from ptembed.ops.factored_solve import solve
from ptembed.ops.factored_step import NOT_FINITE, factored_step
from ptembed.ops.sparse_products import compressed_dot, pair_dots, transposed_dot

__all__ = ["Reading", "SingularFactorsError", "Training", "read"]


class SingularFactorsError(FloatingPointError):
    """The factors of a layer would become singular in a step."""


each_once = CheckAndRaise(ValueError, "the targets of an example must be distinct: merge them, or fill up with others")
of_each_example = CheckAndRaise(ValueError, "idx must have one row for each example of the hidden layer")
all_finite = CheckAndRaise(FloatingPointError, NOT_FINITE)
not_singular = CheckAndRaise(
    SingularFactorsError,
    "the step would make the factors singular, nothing was written: call stabilise after each step, "
    "and if it was called, lower the learning rate",
)


class Training(NamedTuple):
    """How a layer trains, and what is below it.

    Attributes
    ----------
    gradient : matrix, shape (m, d)
        Of the cost by the hidden layer, for ``pytensor.grad(None, params, known_grads={H: gradient})``: one product
        less than plain ``pytensor.grad(cost, params)``, which is as right. What is computed from it is written only
        after all checks of the step.
    updates : dict
        Each factor and its new value.
    """

    gradient: pt.TensorVariable
    updates: dict


class Reading(NamedTuple):
    """What a factored layer gives for a hidden layer and targets.

    Attributes
    ----------
    A : matrix, shape (m, K)
        The outputs at the targets.
    q : vector, shape (m,)
        The sum of the squares of all outputs of an example.
    s : vector, shape (m,)
        The sum of all outputs of an example.
    """

    A: pt.TensorVariable
    q: pt.TensorVariable
    s: pt.TensorVariable
    layer: object
    H: pt.TensorVariable
    HQ: pt.TensorVariable
    HU: pt.TensorVariable
    ids: pt.TensorVariable
    part: pt.TensorVariable
    where: pt.TensorVariable
    starts: pt.TensorVariable

    @property
    def sums(self) -> Any:
        """``A, q, s``: the arguments of a spherical loss."""
        return self.A, self.q, self.s

    def train(
        self,
        cost: Symbol,
        learning_rate: Symbol,
        l2: Symbol = 0.0,
        optimizer: str = "sgd",
        fused: bool = True,
        momentum: Symbol = None,
    ) -> Any:
        r"""Give the exact gradient step.

        Parameters
        ----------
        cost : scalar expression
            Which reads the layer by ``A``, ``q`` and ``s`` only. Without these updates, it is an evaluation.
        learning_rate : float or symbolic scalar
            :math:`\eta \ge 0`; it may change from step to step.
        l2 : float or symbolic scalar
            :math:`\lambda \ge 0`, for :math:`\tfrac\lambda2 \lVert W \rVert^2` added to the cost, over all rows of
            :math:`W`, and over the bias where there is one; :math:`\eta \lambda < 1`.
        optimizer : str
            ``"sgd"``; any other is refused with the reason.
        fused : bool
            Whether the step is one Op, which goes on where P is singular and keeps the factors well-conditioned, or
            made of symbols, to be read and to be tested against: then
            :meth:`~ptembed.graphs.factored.FactoredOutput.stabilise` is to be called after each.
        momentum : float or symbolic scalar, optional
            :math:`\mu` in (0, 1), for a layer made with ``momentum=True``: heavy-ball momentum, :math:`M \leftarrow \mu
            M - \eta (G^T H + \lambda W)` and :math:`W \leftarrow W + M`, exact.

        Returns
        -------
        Training

        Raises
        ------
        NotImplementedError
            For another optimizer, or momentum that is not fused.
        TypeError
            When the cost or a number is no scalar.
        ValueError
            When the cost does not depend on the layer, or reads its factors by another way, or a number is out of
            range, or momentum is given and the layer made without, or the other way round; when called, if an example
            has a target twice, or if there is not one row of targets for each.
        IndexError
            When called with a target that there is not.
        SingularFactorsError
            When called, if a step of symbols would make the factors singular; it is a ``FloatingPointError``.
        FloatingPointError
            When called, if the hidden layer or its gradient is not finite.
        """
        _check_optimizer(optimizer)
        gradients = _gradients(self, cost)
        eta, penalty = (_number(self, x) for x in (learning_rate, l2))
        numbers = [eta, 1 - eta * penalty, *_momentum(self, momentum, fused)]
        step = _fused if fused else _step
        return step(self, *gradients, *numbers)


def read(layer: Any, H: Symbol, idx: Symbol) -> Any:
    """Compute what a spherical loss needs, :math:`O(m d^2 + m K d)`.

    Parameters
    ----------
    layer : FactoredOutput
    H : matrix, shape (m, d)
        The hidden layer, of the dtype of the layer.
    idx : int matrix, shape (m, K), or vector, shape (m,)
        The targets of each example, distinct. A vector is one target each. An example with fewer than K is filled up
        by any other outputs, to which the loss gives the value 0.

    Returns
    -------
    Reading

    Raises
    ------
    TypeError
        When ``H`` is no matrix of the layer's dtype or ``idx`` no matrix or vector of integers.
    """
    H, idx = _hidden(layer, H), _targets(idx)
    ids, where = ops.distinct(idx.ravel(), layer.V.shape[0])
    part = layer.current(ids)
    H = of_each_example(H, pt.eq(idx.shape[0], H.shape[0]))
    m, K = H.shape[0], idx.shape[1]
    where, starts = _distinct(where.reshape(idx.shape)).ravel(), pt.arange(m + 1) * K
    parts = layer.UT, layer.Q, layer.omega, layer.w_bar
    UT, Q, omega, w_bar = (pt.cast(x[: layer.d] if layer.momentum else x, H.type.dtype) for x in parts)
    HQ, HU = times(H, Q), times(H, UT)
    HW = HQ[:, : layer.d] if layer.momentum else HQ
    A = pair_dots(where, starts, HU, part).reshape((m, K)) + (H @ omega)[:, None]
    return Reading(A, (HW * H).sum(axis=1), H @ w_bar, layer, H, HQ, HU, ids, part, where, starts)


def _step(out, gA, gq, gs, eta, decay):
    layer, H, V = out.layer, out.H, out.part
    UT, Uinv, omega, w_bar = (pt.cast(x, H.type.dtype) for x in (layer.UT, layer.Uinv, layer.omega, layer.w_bar))
    y, k, D = gA.ravel(), V.shape[0], pt.cast(layer.V.shape[0], H.type.dtype)
    g, yb = 2 * gq, gA.sum(axis=1)
    Z = compressed_dot(y, out.where, out.starts, V, k) @ UT.T
    Z += pt.outer(yb, omega) + pt.outer(gs, w_bar)
    gQ = g[:, None] * out.HQ
    GW = gQ + Z
    H = all_finite(H, pt.isfinite(GW).all() & pt.isfinite(H).all())
    # G G^T H
    N = (gQ / 2 + Z) @ (g[:, None] * H).T
    YH = transposed_dot(y, out.where, out.starts, H, k)
    gsH, ybH = gs @ H, yb @ H
    GGH = (N + N.T) @ H + compressed_dot(y, out.where, out.starts, YH, k)
    GGH += pt.outer(gs, D * gsH + ybH) + pt.outer(yb, gsH)
    T = eta * decay * GW - eta**2 / 2 * GGH
    TH = T.T @ H
    # the factors
    S = (eta * g)[:, None]
    R = solve(decay * pt.eye(H.shape[0], dtype=H.type.dtype) - (H @ H.T) * S.T, H @ Uinv)
    R = not_singular(R, pt.isfinite(R).all())
    by_U, by_Uinv = H.T @ (S * out.HU), (S * H).T @ R
    by_omega, by_w_bar = (S[:, 0] * (H @ omega)) @ H + eta * gsH, (S[:, 0] * out.s) @ H + eta * (D * gsH + ybH)
    part = V - eta * transposed_dot(y, out.where, out.starts, R, k)
    check = _invertible(decay * layer.UT - by_U, (layer.Uinv + by_Uinv) / decay, H.type.dtype)
    # what is computed from the old factors may overwrite them, so not before the check
    held = ops.together([GW, part, *layer.factors[1:]], [check, by_U, by_Uinv, TH, by_omega, by_w_bar])
    GW, part, UT, Uinv, Q, omega, w_bar = held
    updates = {
        layer.V: pt.set_subtensor(layer.V[out.ids], part),
        layer.log.stamps: pt.set_subtensor(layer.log.stamps[out.ids], pt.cast(layer.log.arrays[5][0], "int32")),
        layer.UT: decay * UT - by_U,
        layer.Uinv: (Uinv + by_Uinv) / decay,
        layer.Q: decay**2 * Q - TH - TH.T,
        layer.omega: decay * omega - by_omega,
        layer.w_bar: decay * w_bar - by_w_bar,
    }
    return Training(_below(layer, GW), updates)


def _fused(out, gA, gq, gs, *numbers):
    layer = out.layer
    factors = layer.V, layer.log.stamps, *layer.factors[1:]
    where = out.where.reshape(gA.shape)
    examples = out.ids, where, out.part, out.H, out.HQ, out.HU, out.s, gA, gq, gs, *numbers
    GW, *state = factored_step(factors, layer.log.arrays, *examples)
    return Training(_below(layer, GW), dict(zip([*factors, *layer.log.arrays], state, strict=True)))


def _below(layer, GW):
    return GW[:, :-1] if layer.bias else GW


def _invertible(UT, Uinv, dtype):
    """Give a bound of the condition number of U, by norms, where it is in range; else stop."""
    limit = np.asarray(np.finfo(dtype).eps ** -0.5, UT.type.dtype)
    bound = pt.sqrt((UT**2).sum() * (Uinv**2).sum()) - UT.shape[0].astype(UT.type.dtype) + 2
    return not_singular(bound, bound < limit)


def _hidden(layer, H):
    H = pt.as_tensor(H)
    dtype = layer.V.type.dtype
    if H.type.ndim != 2 or H.type.dtype != dtype:
        raise TypeError(f"the hidden layer must be a matrix of {dtype} as the factors are, got {H.type}: cast it")
    return pt.concatenate([H, pt.ones((H.shape[0], 1), dtype=dtype)], axis=1) if layer.bias else H


def _targets(idx):
    idx = pt.as_tensor(idx)
    if idx.type.ndim not in (1, 2):
        raise TypeError(f"idx must be a matrix of row numbers, or a vector of one for each example, got {idx.type}")
    return idx[:, None] if idx.type.ndim == 1 else idx


def _distinct(where):
    if where.type.shape[1] == 1:
        return where
    ordered = pt.sort(where, axis=1)
    return each_once(where, pt.neq(ordered[:, 1:], ordered[:, :-1]).all())


def _gradients(out, cost):
    cost = pt.as_tensor(cost)
    if cost.type.ndim != 0:
        raise TypeError(f"the cost must be a scalar, got {cost.type}: take its sum or its mean")
    found = set(ancestors([cost], blockers=out.sums))
    others = [x for x in out.layer.state if x in found]
    if others:
        raise ValueError(f"the cost must read the layer by A, q and s only, got another read of {others[0]}")
    if found.isdisjoint(out.sums):
        raise ValueError("the cost must depend on the layer, got one without its A, q and s")
    gradients = pytensor.grad(cost, out.sums, disconnected_inputs="ignore")
    return [pt.cast(g, out.H.type.dtype) for g in gradients]  # a loss may be computed in float64


def _number(out, x):
    symbolic = isinstance(x, pt.TensorVariable)
    x = x if symbolic else np.asarray(x, out.H.type.dtype)
    if x.ndim != 0:
        raise TypeError(f"the learning rate and l2 must be scalars, got {x}")
    if not symbolic and not x >= 0:
        raise ValueError(f"the learning rate and l2 must not be negative, got {x}")
    return pt.cast(x, out.H.type.dtype)


def _momentum(out, momentum, fused):
    if (momentum is not None) != out.layer.momentum:
        made, got = ("with", "none") if out.layer.momentum else ("without", f"{momentum}")
        raise ValueError(
            f"momentum must be given for a layer that was made with it and for no other, got {got} for one {made} it: "
            "see FactoredOutput.from_dense(W, b, momentum=True)"
        )
    if momentum is None:
        return []
    if not fused:
        raise NotImplementedError("momentum is in the fused step only: leave fused=True")
    if not isinstance(momentum, pt.TensorVariable) and not 0 < momentum < 1:
        raise ValueError(f"the momentum must lie in (0, 1), got {momentum}: without it, make the layer without")
    return [_number(out, momentum)]


def _check_optimizer(optimizer):
    if optimizer != "sgd":
        name = getattr(optimizer, "__name__", optimizer)
        raise NotImplementedError(
            f"a factored layer trains by gradient descent, got {name}: a history of each weight (Adagrad, RMSprop, "
            f"Adam) changes all of W in a way that no product of factors follows; use them for the layers below, with "
            f"the gradient that train gives. For momentum, make the layer with momentum=True and train(momentum=0.9)"
        )
