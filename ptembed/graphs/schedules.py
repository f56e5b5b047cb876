r"""Learning rates that change with the number of steps taken, as symbolic scalars.

A schedule is an expression of a step counter. The counter is a shared variable that the user's updates move, so that
nothing
is hidden and a checkpoint holds it::

    t = step_counter()
    updates = adam(loss, params, learning_rate=cosine(1e-3, t, 10_000)) | {t: t + 1}

Schedules compute in float64, whatever ``floatX`` is; an optimizer casts them to the dtype of what it updates.

Read next: :mod:`ptembed.ops.distinct`.
"""

import math
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt

from ptembed.kinds import Symbol

__all__ = ["constant", "cosine", "exponential_decay", "inverse_time", "step_counter", "step_decay", "warm_up"]


def step_counter(start: int = 0) -> Any:
    """Make the shared int64 scalar that counts steps; give ``{t: t + 1}`` to the updates to move it.

    Examples
    --------
    >>> t = step_counter()
    >>> step = pytensor.function([], exponential_decay(1.0, t, 0.5), updates={t: t + 1})
    >>> [float(step()) for _ in range(3)]
    [1.0, 0.5, 0.25]
    """
    return pytensor.shared(np.asarray(start, dtype="int64"), name="t")


def constant(rate: Symbol) -> Symbol:
    r"""Give :math:`\eta_0`, for use where a schedule is wanted, as :func:`warm_up` does.

    Parameters
    ----------
    rate : float or symbolic scalar
        :math:`\eta_0`

    Returns
    -------
    float64 scalar expression
    """
    return _float64(rate)


def step_decay(rate: Symbol, t: Symbol, factor: Symbol, every: Symbol) -> Symbol:
    r"""Give :math:`\eta_0 \gamma^{\lfloor t / s \rfloor}`: a fall by the same factor every so many steps.

    Parameters
    ----------
    rate : float or symbolic scalar
        :math:`\eta_0`
    t : int scalar
        The step counter.
    factor : float or symbolic scalar
        :math:`\gamma \in (0, 1]`
    every : int
        :math:`s \ge 1`, in steps.

    Returns
    -------
    float64 scalar expression
    """
    _check_steps(every=every)
    return _float64(rate) * _float64(factor) ** pt.floor(_float64(t) / every)


def exponential_decay(rate: Symbol, t: Symbol, factor: Symbol, every: int = 1) -> Symbol:
    r"""Give :math:`\eta_0 \gamma^{t / s}`: the same factor every so many steps, smoothly.

    Parameters
    ----------
    rate, t, factor, every
        As for :func:`step_decay`.

    Returns
    -------
    float64 scalar expression
    """
    _check_steps(every=every)
    return _float64(rate) * _float64(factor) ** (_float64(t) / every)


def inverse_time(rate: Symbol, t: Symbol, decay: Symbol, power: Symbol = 1.0) -> Symbol:
    r"""Give :math:`\eta_0 / (1 + \kappa t)^p` (Robbins & Monro, 1951, for :math:`p = 1`).

    Parameters
    ----------
    rate : float or symbolic scalar
        :math:`\eta_0`
    t : int scalar
        The step counter.
    decay : float or symbolic scalar
        :math:`\kappa \ge 0`, per step.
    power : float or symbolic scalar
        :math:`p > 0`

    Returns
    -------
    float64 scalar expression
    """
    return _float64(rate) / (1 + _float64(decay) * t) ** _float64(power)


def cosine(rate: Symbol, t: Symbol, steps: Symbol, last: Symbol = 0.0) -> Symbol:
    r"""Give half a cosine wave from :math:`\eta_0` to :math:`\eta_T` (Loshchilov & Hutter, 2017, eq. 5, one period).

    .. math:: \eta_T + \tfrac12 (\eta_0 - \eta_T) \left(1 + \cos(\pi \min(t, T) / T)\right)

    Parameters
    ----------
    rate, last : float or symbolic scalar
        :math:`\eta_0` and :math:`\eta_T`
    t : int scalar
        The step counter.
    steps : int
        :math:`T \ge 1`; from there on the rate stays.

    Returns
    -------
    float64 scalar expression
    """
    _check_steps(steps=steps)
    rate, last = _float64(rate), _float64(last)
    return last + 0.5 * (rate - last) * (1 + pt.cos(_float64(math.pi) * pt.minimum(_float64(t) / steps, 1.0)))


def warm_up(schedule: Symbol, t: Symbol, steps: Symbol) -> Symbol:
    r"""Scale a schedule by :math:`\min(1, (t + 1) / T)`: the first :math:`T` steps rise to it in equal parts.

    Parameters
    ----------
    schedule : float or scalar expression
        Of the same ``t``, where it depends on one.
    t : int scalar
        The step counter.
    steps : int
        :math:`T \ge 1`

    Returns
    -------
    float64 scalar expression

    Examples
    --------
    >>> [round(float(warm_up(0.4, t, 4).eval()), 9) for t in range(6)]
    [0.1, 0.2, 0.3, 0.4, 0.4, 0.4]
    """
    _check_steps(steps=steps)
    return _float64(schedule) * pt.minimum((_float64(t) + 1) / steps, 1.0)


def _float64(x):
    return pt.cast(pt.as_tensor(x), "float64") if isinstance(x, pt.TensorVariable) else pt.constant(x, dtype="float64")


def _check_steps(**counts):
    for name, steps in counts.items():
        if isinstance(steps, int | float) and not steps >= 1:
            raise ValueError(f"{name} must be at least 1 step, got {steps}")
