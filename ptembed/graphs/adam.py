r"""Adam and its relatives: averages of the gradient and of its square, corrected for their start at 0.

Each row counts its own steps :math:`t`, so that the correction of a rare row is that of its own first steps. The
powers of a decay rate near 1 are taken as :math:`1 - \beta^t = -\operatorname{expm1}(t \ln \beta)`, which keeps all
digits in float32. The counts are floats in the dtype of the matrix: in float32 they stop at :math:`2^{24}`, long
after the correction is 1.

Each optimizer takes the arguments of :func:`ptembed.graphs.updates.sgd` and gives the same kind of dict.

Read next: :mod:`ptembed.graphs.norms`.
"""

import math
from typing import Any

import pytensor.tensor as pt

from ptembed.graphs.lazy import PerStep, lazily
from ptembed.kinds import Symbol

__all__ = ["adam", "adamax", "adamw", "amsgrad", "nadam"]


def _moments(g, m, v, beta1, beta2):
    return beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2


def _log(beta):
    if isinstance(beta, float):
        return math.log(beta) if beta > 0 else -math.inf
    return pt.log(beta)


def _correction(beta, t):
    return -pt.expm1(t * _log(beta))


def adam(
    loss: Symbol,
    params: Symbol,
    learning_rate: Symbol = 1e-3,
    beta1: Symbol = 0.9,
    beta2: Symbol = 0.999,
    epsilon: Symbol = 1e-8,
    **options: Any,
) -> dict[Any, Any]:
    r"""Adam (Kingma & Ba, 2015, algorithm 1).

    .. math::
        m &\leftarrow \beta_1 m + (1 - \beta_1)\, g \\
        v &\leftarrow \beta_2 v + (1 - \beta_2)\, g^2 \\
        w &\leftarrow w - \eta\, \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}

    Parameters
    ----------
    loss, params, **options
        As for :func:`ptembed.graphs.updates.sgd`.
    learning_rate : float or symbolic scalar
        :math:`\eta \ge 0`
    beta1, beta2 : float or symbolic scalar
        :math:`\beta_1, \beta_2 \in [0, 1)`, the decay of the averages.
    epsilon : float
        :math:`\epsilon \ge 0`, added outside of the root.

    Returns
    -------
    dict
        Each shared variable and its new value; histories ``m``, ``v`` and ``t``, the steps of each row, shape
        (N,), or of a dense parameter.

    Examples
    --------
    >>> import numpy as np, pytensor
    >>> from ptembed.graphs import rows
    >>> W = pytensor.shared(np.ones((3, 2)), name="W")
    >>> r = rows(W, [2])
    >>> updates = adam(r.values.sum(), r, 0.5)
    >>> _ = pytensor.function([], updates=updates)()
    >>> {shared.name: shared.get_value()[2].round(6).tolist() for shared in updates}
    {'W': [0.5, 0.5], 'W_m': [0.1, 0.1], 'W_v': [0.001, 0.001], 'W_t': 1.0}
    """

    def formula(w, g, m, v, t, learning_rate, beta1, beta2, epsilon):
        t = t + 1
        m, v = _moments(g, m, v, beta1, beta2)
        scale = pt.sqrt(v / _correction(beta2, t)) + epsilon
        return w - learning_rate / _correction(beta1, t) * m / scale, m, v, t

    hyper = {"learning_rate": learning_rate, "beta1": beta1, "beta2": beta2, "epsilon": epsilon}
    return lazily(formula, loss, params, {"m": 0, "v": 0, "t": PerStep()}, **hyper, **options)


def amsgrad(
    loss: Symbol,
    params: Symbol,
    learning_rate: Symbol = 1e-3,
    beta1: Symbol = 0.9,
    beta2: Symbol = 0.999,
    epsilon: Symbol = 1e-8,
    **options: Any,
) -> dict[Any, Any]:
    r"""AMSGrad (Reddi, Kale & Kumar, 2018, algorithm 2), with Adam's correction for the start.

    Adam, with the largest :math:`v` so far, :math:`u \leftarrow \max(u, v)`, in the place of :math:`v` under the root.

    Parameters
    ----------
    loss, params, learning_rate, beta1, beta2, epsilon, **options
        As for :func:`adam`.

    Returns
    -------
    dict
        Each shared variable and its new value; histories ``m``, ``v``, ``u`` and ``t``, the steps of each row.
    """

    def formula(w, g, m, v, u, t, learning_rate, beta1, beta2, epsilon):
        t = t + 1
        m, v = _moments(g, m, v, beta1, beta2)
        u = pt.maximum(u, v)
        scale = pt.sqrt(u / _correction(beta2, t)) + epsilon
        return w - learning_rate / _correction(beta1, t) * m / scale, m, v, u, t

    hyper = {"learning_rate": learning_rate, "beta1": beta1, "beta2": beta2, "epsilon": epsilon}
    return lazily(formula, loss, params, {"m": 0, "v": 0, "u": 0, "t": PerStep()}, **hyper, **options)


def adamw(
    loss: Symbol,
    params: Symbol,
    learning_rate: Symbol = 1e-3,
    beta1: Symbol = 0.9,
    beta2: Symbol = 0.999,
    epsilon: Symbol = 1e-8,
    weight_decay: Symbol = 0.01,
    **options: Any,
) -> dict[Any, Any]:
    r"""AdamW (Loshchilov & Hutter, 2019, algorithm 2): Adam, after a decay that its averages do not see.

    First :math:`w \leftarrow w - \eta \lambda w`, then a step of :func:`adam`. Only rows that are read decay.

    Parameters
    ----------
    loss, params, learning_rate, beta1, beta2, epsilon, **options
        As for :func:`adam`.
    weight_decay : float or symbolic scalar
        :math:`\lambda \ge 0`

    Returns
    -------
    dict
        Each shared variable and its new value; histories as of :func:`adam`.
    """

    def formula(w, g, m, v, t, learning_rate, beta1, beta2, epsilon, weight_decay):
        t = t + 1
        m, v = _moments(g, m, v, beta1, beta2)
        scale = pt.sqrt(v / _correction(beta2, t)) + epsilon
        return w - learning_rate * (weight_decay * w + m / _correction(beta1, t) / scale), m, v, t

    hyper = {"learning_rate": learning_rate, "beta1": beta1, "beta2": beta2, "epsilon": epsilon}
    histories = {"m": 0, "v": 0, "t": PerStep()}
    return lazily(formula, loss, params, histories, **hyper, weight_decay=weight_decay, **options)


def adamax(
    loss: Symbol,
    params: Symbol,
    learning_rate: Symbol = 2e-3,
    beta1: Symbol = 0.9,
    beta2: Symbol = 0.999,
    epsilon: Symbol = 1e-8,
    **options: Any,
) -> dict[Any, Any]:
    r"""Adamax (Kingma & Ba, 2015, algorithm 2): the largest gradient in place of a second moment.

    .. math::
        m &\leftarrow \beta_1 m + (1 - \beta_1)\, g \\
        u &\leftarrow \max(\beta_2 u, |g| + \epsilon) \\
        w &\leftarrow w - \frac{\eta}{1 - \beta_1^t}\, m / u

    Parameters
    ----------
    loss, params, learning_rate, beta1, beta2, **options
        As for :func:`adam`.
    epsilon : float
        :math:`\epsilon \ge 0`, added to the gradient; the paper has 0, which divides 0 by 0 where a gradient is 0.

    Returns
    -------
    dict
        Each shared variable and its new value; histories ``m``, ``u`` and ``t``, the steps of each row.
    """

    def formula(w, g, m, u, t, learning_rate, beta1, beta2, epsilon):
        t = t + 1
        m = beta1 * m + (1 - beta1) * g
        u = pt.maximum(beta2 * u, abs(g) + epsilon)
        return w - learning_rate / _correction(beta1, t) * m / u, m, u, t

    hyper = {"learning_rate": learning_rate, "beta1": beta1, "beta2": beta2, "epsilon": epsilon}
    return lazily(formula, loss, params, {"m": 0, "u": 0, "t": PerStep()}, **hyper, **options)


def nadam(
    loss: Symbol,
    params: Symbol,
    learning_rate: Symbol = 2e-3,
    beta1: Symbol = 0.9,
    beta2: Symbol = 0.999,
    epsilon: Symbol = 1e-8,
    momentum_decay: Symbol = 0.004,
    **options: Any,
) -> dict[Any, Any]:
    r"""Adam with Nesterov's momentum (Dozat, 2016, algorithm 2), its momentum warmed up.

    With :math:`\mu_t = \beta_1 (1 - \tfrac12\, 0.96^{t \psi})` and :math:`p` the product of all of them so far,

    .. math::
        m &\leftarrow \beta_1 m + (1 - \beta_1)\, g \\
        v &\leftarrow \beta_2 v + (1 - \beta_2)\, g^2 \\
        n &= \frac{1 - \mu_t}{1 - p_t}\, g + \frac{\mu_{t+1}}{1 - p_t\,\mu_{t+1}}\, m \\
        w &\leftarrow w - \eta\, \frac{n}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}

    Parameters
    ----------
    loss, params, learning_rate, beta1, beta2, epsilon, **options
        As for :func:`adam`.
    momentum_decay : float or symbolic scalar
        :math:`\psi \ge 0`

    Returns
    -------
    dict
        Each shared variable and its new value; histories ``m``, ``v``, ``p`` and ``t``, the last two one number a row.
    """

    def formula(w, g, m, v, p, t, learning_rate, beta1, beta2, epsilon, momentum_decay):
        def mu(t):
            return beta1 * (1 - 0.5 * pt.exp(t * (momentum_decay * math.log(0.96))))

        t = t + 1
        p = p * mu(t)
        m, v = _moments(g, m, v, beta1, beta2)
        ahead = (1 - mu(t)) / (1 - p) * g + mu(t + 1) / (1 - p * mu(t + 1)) * m
        return w - learning_rate * ahead / (pt.sqrt(v / _correction(beta2, t)) + epsilon), m, v, p, t

    hyper = {"learning_rate": learning_rate, "beta1": beta1, "beta2": beta2, "epsilon": epsilon}
    histories = {"m": 0, "v": 0, "p": PerStep(1.0), "t": PerStep()}
    return lazily(formula, loss, params, histories, **hyper, momentum_decay=momentum_decay, **options)
