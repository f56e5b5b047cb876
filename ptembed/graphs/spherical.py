r"""Losses of the spherical family: of a few outputs, the sum of all, and the sum of their squares.

With :math:`o = W h`, :math:`D` outputs for an example, a loss is spherical where it is a function

.. math:: L = F(A, q, s), \qquad A_k = o_{c_k}, \quad q = \sum_j o_j^2, \quad s = \sum_j o_j

of the outputs at the targets :math:`c_1, \ldots, c_K` and of these two sums (Vincent, de Brébisson & Bouthillier,
2015).
Then :class:`~ptembed.graphs.factored.FactoredOutput` has the loss, and its exact gradient by :math:`W` and by
:math:`h`, without :math:`o`. Each function here gives such an :math:`F` on symbols; any other of one's own is as good.

A softmax is not in the family: its normaliser :math:`\sum_j e^{o_j}` is no function of :math:`q` and :math:`s`. For the
quality to expect, see de Brébisson & Vincent, 2016, *An Exploration of Softmax Alternatives Belonging to the Spherical
Loss Family*: a softmax remains better where perplexity over many words is what counts.

Read next: :mod:`ptembed.graphs.factored`.
"""

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
import pytensor.tensor as pt

from ptembed.kinds import Symbol

__all__ = ["log_softmax", "of_outputs", "spherical_softmax", "squared_error", "taylor_softmax", "z_loss"]


def squared_error(y: Symbol = 1.0) -> Callable[..., Any]:
    r"""Squared error against targets that are zero but for a few.

    .. math:: \sum_j (o_j - y_j)^2 = q - 2 \sum_k A_k y_k + \sum_k y_k^2

    Parameters
    ----------
    y : matrix, shape (m, K), or float
        The targets at the K places; zero at those that only fill up.

    Returns
    -------
    callable
        From ``A`` (m, K), ``q`` (m,) and ``s`` (m,) to the losses, shape (m,).

    Examples
    --------
    >>> of_outputs(squared_error([[3.0]]), np.array([[1.0, 5.0]]), np.array([[1]])).eval()
    array([5.])
    """

    def loss(A, q, s):
        values = _values(y, A)
        return q + (values * (values - 2 * A)).sum(axis=1)

    return loss


def spherical_softmax(D: int, y: Symbol = 1.0, epsilon: Symbol = 1e-2) -> Callable[..., Any]:
    r"""Log of a softmax with squares in place of exponentials.

    .. math:: -\sum_k y_k \log \frac{A_k^2 + \epsilon}{q + D \epsilon}

    Parameters
    ----------
    D : int
        How many outputs there are.
    y : matrix, shape (m, K), or float
        What each target counts.
    epsilon : float
        :math:`\epsilon > 0`; results depend on it a good deal.

    Returns
    -------
    callable
        As for :func:`squared_error`.

    Raises
    ------
    ValueError
        When ``epsilon`` is not positive.

    Examples
    --------
    >>> of_outputs(spherical_softmax(2, epsilon=1.0), np.array([[1.0, 1.0]]), np.array([[0]])).eval().round(6)
    array([0.693147])
    """
    _check_positive(epsilon=epsilon)

    def loss(A, q, s):
        total = q + _like(D * epsilon, A)
        return _summed(y, A, pt.log(total)[:, None] - pt.log(A**2 + _like(epsilon, A)))

    return loss


def taylor_softmax(D: int, y: Symbol = 1.0) -> Callable[..., Any]:
    r"""Log of a softmax with the Taylor expansion of the second order in place of exponentials.

    .. math:: -\sum_k y_k \log \frac{1 + A_k + A_k^2 / 2}{D + s + q / 2}

    Parameters
    ----------
    D, y
        As for :func:`spherical_softmax`.

    Returns
    -------
    callable
        As for :func:`squared_error`.

    Examples
    --------
    >>> of_outputs(taylor_softmax(3), np.array([[0.0, 2.0, 0.0]]), np.array([[1]])).eval().round(6)
    array([0.336472])
    """

    def loss(A, q, s):
        total = _like(D, A) + s + q / 2
        return _summed(y, A, pt.log(total)[:, None] - pt.log(1 + A + A**2 / 2))

    return loss


def z_loss(D: int, y: Symbol = 1.0, a: Symbol = 1.0, b: Symbol = 0.0, epsilon: Symbol = 1e-6) -> Callable[..., Any]:
    r"""Softplus of how far a target is below the others, in standard deviations (de Brébisson & Vincent, 2016).

    .. math:: \sum_k \frac{y_k}{a} \log\left(1 + e^{a (b - z_k)}\right),
        \qquad z_k = \frac{A_k - \mu}{\sigma}, \quad \mu = \frac{s}{D}, \quad \sigma^2 = \frac{q}{D} - \mu^2

    Parameters
    ----------
    D, y
        As for :func:`spherical_softmax`.
    a : float
        :math:`a > 0`, how sharp the margin is.
    b : float
        How many standard deviations a target is to be above the mean.
    epsilon : float
        The least :math:`\sigma`, positive: where all outputs of an example are equal, there is none.

    Returns
    -------
    callable
        As for :func:`squared_error`.

    Raises
    ------
    ValueError
        When ``a`` or ``epsilon`` is not positive.

    Examples
    --------
    >>> of_outputs(z_loss(2), np.array([[1.0, 3.0]]), np.array([[1]])).eval().round(6)
    array([0.313262])
    """
    _check_positive(a=a, epsilon=epsilon)

    def loss(A, q, s):
        mean = s / _like(D, A)
        variance = pt.maximum(q / _like(D, A) - mean**2, _like(epsilon**2, A))
        z = (A - mean[:, None]) / pt.sqrt(variance)[:, None]
        return _summed(y, A, pt.softplus(_like(a, A) * (_like(b, A) - z)) / _like(a, A))

    return loss


def log_softmax(*args: Symbol, **kwargs: Any) -> NoReturn:
    """Refuse: a plain log-softmax is not spherical.

    Raises
    ------
    NotImplementedError
        Always, with the reason and what to use.
    """
    raise NotImplementedError(
        "a log-softmax needs the sum of exp(o) over all outputs, which is no function of their sum and the sum of "
        "their squares, so a factored layer cannot have its exact gradient: use taylor_softmax, spherical_softmax or "
        "z_loss, or a dense layer with ptembed.graphs.losses.cross_entropy"
    )


def of_outputs(loss: Symbol, o: Symbol, idx: Symbol) -> Symbol:
    """Compute a spherical loss from outputs held in full, :math:`O(m D)`: to compare, or for a dense layer.

    Parameters
    ----------
    loss : callable
        From ``A``, ``q`` and ``s`` to the losses.
    o : matrix, shape (m, D)
        All outputs.
    idx : int matrix, shape (m, K)
        The targets.

    Returns
    -------
    vector, shape (m,)

    Examples
    --------
    >>> of_outputs(lambda A, q, s: q - s, np.array([[1.0, 3.0]]), np.array([[1]])).eval()
    array([6.])
    """
    o, idx = pt.as_tensor(o), pt.as_tensor(idx)
    A = o[pt.arange(o.shape[0])[:, None], idx]
    return loss(A, (o**2).sum(axis=1), o.sum(axis=1))


def _summed(y, A, losses):
    return (_values(y, A) * losses).sum(axis=1)


def _values(y, A):
    return pt.cast(y, A.type.dtype) if isinstance(y, pt.TensorVariable) else np.asarray(y, A.type.dtype)


def _like(number, A):
    return np.asarray(number, A.type.dtype)


def _check_positive(**numbers):
    for name, number in numbers.items():
        if not number > 0:
            raise ValueError(f"{name} must be positive, got {number}")
