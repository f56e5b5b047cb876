r"""Optimizers with one learning rate for all rows, and those that divide it by past gradients.

Each builder takes a loss (or gradients), what to update (:class:`~ptembed.graphs.rows.Rows`, dense shared variables,
or a list of any number of both) and gives a plain dict ``{shared variable: new value}`` for ``pytensor.function``.
All are lazy: see :mod:`ptembed.graphs.lazy`, where the options ``guard`` and ``constraint`` are described too.

In all formulas :math:`g` is the gradient by a row read (repeats added), :math:`\eta` the learning rate, and what is
said of a row holds of a dense parameter as a whole.

Read next: :mod:`ptembed.graphs.adam`, :mod:`ptembed.graphs.norms`, :mod:`ptembed.graphs.schedules`.
"""

import numbers
from typing import Any

import numpy as np
import pytensor.tensor as pt

from ptembed.graphs.lazy import lazily, per_row
from ptembed.kinds import Symbol

__all__ = ["adadelta", "adagrad", "ftrl", "momentum", "nesterov", "rmsprop", "rowwise_adagrad", "sgd"]


def sgd(loss: Symbol, params: Symbol, learning_rate: Symbol, **options: Any) -> dict[Any, Any]:
    r"""Stochastic gradient descent.

    .. math:: w \leftarrow w - \eta\, g

    Parameters
    ----------
    loss : scalar expression, or list of gradients
        One gradient for each of ``params``; see :func:`ptembed.graphs.lazy.gradients`.
    params : Rows, shared variable, or list of both
        The loss must be built on the ``values`` of the rows.
    learning_rate : float or symbolic scalar
        :math:`\eta \ge 0`
    **options
        ``guard`` and ``constraint``, see :func:`ptembed.graphs.lazy.lazily`.

    Returns
    -------
    dict
        Each shared variable and its new value.

    Raises
    ------
    TypeError, ValueError
        See :func:`ptembed.graphs.lazy.lazily`; they hold for all optimizers.

    Examples
    --------
    >>> import pytensor
    >>> from ptembed.graphs import rows
    >>> W = pytensor.shared(np.ones((3, 2)), name="W")
    >>> r = rows(W, [2, 2])
    >>> _ = pytensor.function([], updates=sgd(r.values.sum(), r, 0.25))()
    >>> W.get_value()
    array([[1. , 1. ],
           [1. , 1. ],
           [0.5, 0.5]])
    """

    def formula(w, g, learning_rate):
        return w - learning_rate * g

    return lazily(formula, loss, params, {}, learning_rate=learning_rate, **options)


def momentum(
    loss: Symbol, params: Symbol, learning_rate: Symbol, momentum: Symbol = 0.9, **options: Any
) -> dict[Any, Any]:
    r"""Gradient descent with momentum (Polyak, 1964).

    .. math::
        v &\leftarrow \mu v - \eta\, g \\
        w &\leftarrow w + v

    Parameters
    ----------
    loss, params, **options
        As for :func:`sgd`.
    learning_rate : float or symbolic scalar
        :math:`\eta \ge 0`
    momentum : float or symbolic scalar
        :math:`\mu \in [0, 1)`

    Returns
    -------
    dict
        Each shared variable and its new value; history ``v``.
    """

    def formula(w, g, v, learning_rate, momentum):
        v = momentum * v - learning_rate * g
        return w + v, v

    return lazily(formula, loss, params, {"v": 0}, learning_rate=learning_rate, momentum=momentum, **options)


def nesterov(
    loss: Symbol, params: Symbol, learning_rate: Symbol, momentum: Symbol = 0.9, **options: Any
) -> dict[Any, Any]:
    r"""Gradient descent with Nesterov's momentum (Nesterov, 1983; the form of Bengio et al., 2013, eq. 7).

    .. math::
        v &\leftarrow \mu v - \eta\, g \\
        w &\leftarrow w + \mu v - \eta\, g

    Parameters
    ----------
    loss, params, **options
        As for :func:`sgd`.
    learning_rate : float or symbolic scalar
        :math:`\eta \ge 0`
    momentum : float or symbolic scalar
        :math:`\mu \in [0, 1)`

    Returns
    -------
    dict
        Each shared variable and its new value; history ``v``.
    """

    def formula(w, g, v, learning_rate, momentum):
        v = momentum * v - learning_rate * g
        return w + momentum * v - learning_rate * g, v

    return lazily(formula, loss, params, {"v": 0}, learning_rate=learning_rate, momentum=momentum, **options)


def adagrad(
    loss: Symbol, params: Symbol, learning_rate: Symbol = 0.01, epsilon: Symbol = 1e-10, **options: Any
) -> dict[Any, Any]:
    r"""Adagrad (Duchi, Hazan & Singer, 2011, diagonal form).

    .. math::
        a &\leftarrow a + g^2 \\
        w &\leftarrow w - \eta\, g / (\sqrt a + \epsilon)

    Parameters
    ----------
    loss, params, **options
        As for :func:`sgd`.
    learning_rate : float or symbolic scalar
        :math:`\eta \ge 0`
    epsilon : float
        :math:`\epsilon \ge 0`, added outside of the root.

    Returns
    -------
    dict
        Each shared variable and its new value; history ``a``.
    """

    def formula(w, g, a, learning_rate, epsilon):
        a = a + g**2
        return w - learning_rate * g / (pt.sqrt(a) + epsilon), a

    return lazily(formula, loss, params, {"a": 0}, learning_rate=learning_rate, epsilon=epsilon, **options)


def rowwise_adagrad(
    loss: Symbol, params: Symbol, learning_rate: Symbol = 0.01, epsilon: Symbol = 1e-10, **options: Any
) -> dict[Any, Any]:
    r"""Adagrad with one history number a row (Naumov et al., 2019, the optimizer of DLRM).

    .. math::
        a &\leftarrow a + \tfrac1d \sum_j g_j^2 \\
        w &\leftarrow w - \eta\, g / (\sqrt a + \epsilon)

    The history takes :math:`N` numbers in place of :math:`N d`. A dense parameter has rows too: along its first axis.

    Parameters
    ----------
    loss, params, **options
        As for :func:`sgd`.
    learning_rate : float or symbolic scalar
        :math:`\eta \ge 0`
    epsilon : float
        :math:`\epsilon \ge 0`, added outside of the root.

    Returns
    -------
    dict
        Each shared variable and its new value; history ``a``, shape (N,).
    """

    def formula(w, g, a, learning_rate, epsilon):
        a = a + (pt.mean(g**2, axis=tuple(range(1, g.type.ndim)), keepdims=True) if g.type.ndim > 1 else g**2)
        return w - learning_rate * g / (pt.sqrt(a) + epsilon), a

    return lazily(formula, loss, params, {"a": per_row()}, learning_rate=learning_rate, epsilon=epsilon, **options)


def rmsprop(
    loss: Symbol,
    params: Symbol,
    learning_rate: Symbol = 1e-3,
    rho: Symbol = 0.9,
    epsilon: Symbol = 1e-8,
    centered: bool = False,
    **options: Any,
) -> dict[Any, Any]:
    r"""RMSprop (Tieleman & Hinton, 2012, lecture 6.5); centred: Graves, 2013, eqs. 38-45, without momentum.

    .. math::
        v &\leftarrow \rho\, v + (1 - \rho)\, g^2 \\
        w &\leftarrow w - \eta\, g / (\sqrt v + \epsilon)

    Centred, the root is taken of :math:`v - m^2`, where :math:`m \leftarrow \rho\, m + (1 - \rho)\, g`.

    Parameters
    ----------
    loss, params, **options
        As for :func:`sgd`.
    learning_rate : float or symbolic scalar
        :math:`\eta \ge 0`
    rho : float or symbolic scalar
        :math:`\rho \in [0, 1)`, the decay of the averages.
    epsilon : float
        :math:`\epsilon \ge 0`, added outside of the root.
    centered : bool
        Whether to take the variance of the gradient in place of its second moment.

    Returns
    -------
    dict
        Each shared variable and its new value; history ``v``, centred also ``m``.
    """

    def formula(w, g, v, m=None, *, learning_rate, rho, epsilon):
        v = rho * v + (1 - rho) * g**2
        if m is None:
            return w - learning_rate * g / (pt.sqrt(v) + epsilon), v
        m = rho * m + (1 - rho) * g
        variance = pt.maximum(v - m**2, 0)  # rounding may leave it below 0
        return w - learning_rate * g / (pt.sqrt(variance) + epsilon), v, m

    histories = {"v": 0, "m": 0} if centered else {"v": 0}
    return lazily(formula, loss, params, histories, learning_rate=learning_rate, rho=rho, epsilon=epsilon, **options)


def adadelta(
    loss: Symbol,
    params: Symbol,
    learning_rate: Symbol = 1.0,
    rho: Symbol = 0.95,
    epsilon: Symbol = 1e-6,
    **options: Any,
) -> dict[Any, Any]:
    r"""Adadelta (Zeiler, 2012, algorithm 1), with a learning rate.

    .. math::
        v &\leftarrow \rho\, v + (1 - \rho)\, g^2 \\
        \delta &= g\, \sqrt{u + \epsilon} / \sqrt{v + \epsilon} \\
        u &\leftarrow \rho\, u + (1 - \rho)\, \delta^2 \\
        w &\leftarrow w - \eta\, \delta

    Parameters
    ----------
    loss, params, **options
        As for :func:`sgd`.
    learning_rate : float or symbolic scalar
        :math:`\eta \ge 0`; the paper has 1.
    rho : float or symbolic scalar
        :math:`\rho \in [0, 1)`, the decay of the averages.
    epsilon : float
        :math:`\epsilon > 0`, added inside of the roots: with 0 nothing ever moves.

    Returns
    -------
    dict
        Each shared variable and its new value; histories ``v``, ``u``.
    """

    def formula(w, g, v, u, learning_rate, rho, epsilon):
        v = rho * v + (1 - rho) * g**2
        delta = g * pt.sqrt(u + epsilon) / pt.sqrt(v + epsilon)
        u = rho * u + (1 - rho) * delta**2
        return w - learning_rate * delta, v, u

    histories = {"v": 0, "u": 0}
    return lazily(formula, loss, params, histories, learning_rate=learning_rate, rho=rho, epsilon=epsilon, **options)


def ftrl(
    loss: Symbol,
    params: Symbol,
    learning_rate: Symbol = 0.1,
    beta: Symbol = 1.0,
    l1: Symbol = 0.0,
    l2: Symbol = 0.0,
    **options: Any,
) -> dict[Any, Any]:
    r"""FTRL-proximal (McMahan et al., 2013, algorithm 1): sparse solutions from online gradients.

    .. math::
        z &\leftarrow z + g - \left(\sqrt{n + g^2} - \sqrt n\right) w / \alpha \\
        n &\leftarrow n + g^2 \\
        w &\leftarrow \begin{cases} 0 & |z| \le \lambda_1 \\
            -\left(z - \operatorname{sign}(z)\, \lambda_1\right) / \left((\beta + \sqrt n)/\alpha + \lambda_2\right)
            & \text{otherwise}\end{cases}

    Here :math:`w` is a function of its histories, and the paper begins at :math:`w = z = 0`. For a matrix that does not
    begin at 0, :math:`z` begins where the formula gives the matrix.

    Parameters
    ----------
    loss, params, **options
        As for :func:`sgd`.
    learning_rate : float
        :math:`\alpha > 0`, a number: a rate that changes has no meaning here.
    beta : float
        :math:`\beta \ge 0`
    l1, l2 : float
        :math:`\lambda_1, \lambda_2 \ge 0`

    Returns
    -------
    dict
        Each shared variable and its new value; histories ``z``, ``n``.

    Raises
    ------
    TypeError
        When a hyper-parameter is symbolic.
    ValueError
        When ``learning_rate`` is not positive.
    """
    hyper = {"learning_rate": learning_rate, "beta": beta, "l1": l1, "l2": l2}
    for name, value in hyper.items():
        if not isinstance(value, numbers.Real):
            raise TypeError(f"{name} of ftrl must be a number, got {value!r}")
    if learning_rate <= 0:
        raise ValueError(f"learning_rate of ftrl must be positive, got {learning_rate}")

    def start(W):
        return (-np.sign(W) * (np.abs(W) * (beta / learning_rate + l2) + l1)).astype(W.dtype)

    def formula(w, g, z, n, learning_rate, beta, l1, l2):
        z = z + g - (pt.sqrt(n + g**2) - pt.sqrt(n)) * w / learning_rate
        n = n + g**2
        shrunk = pt.sign(z) * pt.maximum(abs(z) - l1, 0)
        return -shrunk / ((beta + pt.sqrt(n)) / learning_rate + l2), z, n

    return lazily(formula, loss, params, {"z": start, "n": 0}, **hyper, **options)
