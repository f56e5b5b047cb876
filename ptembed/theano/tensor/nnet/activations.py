"""Rectifiers and other elementwise functions, and the table of what a classifier confuses."""

import pytensor.tensor as pt

from ptembed.theano.tensor.nnet.sigm import in_floats

__all__ = ["confusion_matrix", "elu", "relu", "selu", "softsign"]


def relu(x, alpha=0):
    """``x`` where it is positive, ``alpha * x`` elsewhere; the gradient at 0 is the mean of both slopes.

    Parameters
    ----------
    x : array
    alpha : number or array that broadcasts to x, optional
        The slope below 0.
    """
    if isinstance(alpha, int | float) and alpha == 0:
        return 0.5 * (x + abs(x))
    alpha = pt.as_tensor_variable(alpha)
    return 0.5 * (1 + alpha) * x + 0.5 * (1 - alpha) * abs(x)


def elu(x, alpha=1):
    """``x`` where it is positive, ``alpha * (exp(x) - 1)`` elsewhere (Clevert et al. 2016, eq. 15)."""
    return pt.switch(x > 0, x, alpha * pt.expm1(x))


def selu(x):
    """A scaled :func:`elu` that keeps mean 0 and variance 1 (Klambauer et al. 2017, eq. 2 and 14)."""
    return 1.0507009873554804934193349852946 * elu(x, 1.6732632423543772848170429916717)


def softsign(x):
    """Give ``x / (1 + |x|)``, for ints in floats."""
    x = in_floats(x)
    return x / (1 + abs(x))


def confusion_matrix(actual, pred):
    """Count how often each class is taken for each.

    Parameters
    ----------
    actual, pred : vector of n classes
        Any numbers.

    Returns
    -------
    list of (matrix of int64, vector)
        In row i and column j, how often ``pred`` is ``order[j]`` where ``actual`` is ``order[i]``; and ``order``, the
        sorted classes.

    Raises
    ------
    ValueError
        If one of them is not a vector.
    """
    if actual.ndim != 1:
        raise ValueError("actual must be 1-d tensor variable")
    if pred.ndim != 1:
        raise ValueError("pred must be 1-d tensor variable")
    order = pt.unique(pt.concatenate([actual, pred]))
    is_actual, is_pred = (pt.eq(v[:, None], order).astype("int64") for v in (actual, pred))
    return [pt.dot(is_actual.T, is_pred), order]
