r"""Losses of embeddings and classifiers, one number for each example; take their sum or their mean.

Read next: :mod:`ptembed.graphs.updates`.
"""

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.type import integer_dtypes

from ptembed.kinds import Symbol

__all__ = ["class_weights", "cross_entropy", "pair_logistic", "triplet"]

EFFECTIVE = 0.999


def pair_logistic(x: Symbol, positive: Symbol, negative: Symbol) -> Symbol:
    r"""Logistic loss of a pair that belongs together against one that does not (Rendle et al., 2009, BPR).

    .. math:: \log\left(1 + e^{x \cdot n - x \cdot p}\right)

    Parameters
    ----------
    x, positive, negative : tensors, shape (..., d)
        What broadcasts does.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> pair_logistic(np.ones(2), np.ones(2), np.ones(2)).eval().round(6)
    np.float64(0.693147)
    """
    x, positive, negative = map(pt.as_tensor, (x, positive, negative))
    return pt.softplus((x * (negative - positive)).sum(axis=-1))


def triplet(x: Symbol, positive: Symbol, negative: Symbol, margin: Symbol = 1.0) -> Symbol:
    r"""Hinge loss of squared distances (Weinberger & Saul, 2009; Schroff et al., 2015, eq. 2).

    .. math:: \max\left(0, \lVert x - p \rVert^2 - \lVert x - n \rVert^2 + \alpha\right)

    Parameters
    ----------
    x, positive, negative : tensors, shape (..., d)
    margin : float
        :math:`\alpha \ge 0`

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> triplet(np.zeros(2), np.array([1.0, 0.0]), np.array([0.0, 1.0]), margin=0.5).eval()
    array(0.5)
    """
    x, positive, negative = map(pt.as_tensor, (x, positive, negative))
    near, far = ((other - x) ** 2 for other in (positive, negative))
    return pt.maximum((near - far).sum(axis=-1) + np.asarray(margin, x.type.dtype), np.zeros((), x.type.dtype))


def cross_entropy(logits: Symbol, y: Symbol, weights: Symbol = None, smoothing: Symbol = 0.0) -> Symbol:
    r"""Cross-entropy of a softmax, with penalties for classes and smoothed labels.

    .. math:: -w_y \left[(1 - \epsilon) \log p_y + \tfrac{\epsilon}{C} \sum_c \log p_c\right],
              \qquad p = \mathrm{softmax}(z)

    Smoothing is that of Szegedy et al., 2016, section 7.

    Parameters
    ----------
    logits : tensor, shape (m, C) or (C,)
        :math:`z`
    y : int vector, shape (m,), or int scalar
        The classes, in ``[0, C)``.
    weights : vector, shape (C,), optional
        :math:`w`, what an example of each class counts; see :func:`class_weights`.
    smoothing : float
        :math:`\epsilon \in [0, 1)`

    Returns
    -------
    vector, shape (m,), or scalar

    Raises
    ------
    TypeError
        When ``y`` does not hold integers, one for each row of ``logits``.
    ValueError
        When ``smoothing`` is out of range.
    IndexError
        When called with a class that there is not.

    Examples
    --------
    >>> cross_entropy(np.zeros((2, 4)), [0, 3], weights=[1.0, 1.0, 1.0, 2.0]).eval().round(4)
    array([1.3863, 2.7726])
    """
    logits, y = pt.as_tensor(logits), pt.as_tensor(y)
    if y.type.dtype not in integer_dtypes or y.type.ndim != logits.type.ndim - 1:
        raise TypeError(f"y must hold one class number for each row of the logits, got {y.type} for {logits.type}")
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing must lie in [0, 1), got {smoothing}")
    log_p = pt.special.log_softmax(logits, axis=-1)
    chosen = log_p[y] if y.type.ndim == 0 else log_p[pt.arange(y.shape[0]), y]
    if smoothing:
        epsilon = np.asarray(smoothing, logits.type.dtype)
        chosen = (1 - epsilon) * chosen + epsilon * log_p.sum(axis=-1) / logits.shape[-1].astype(logits.type.dtype)
    return -chosen if weights is None else -chosen * pt.as_tensor(weights).astype(logits.type.dtype)[y]


def class_weights(y: Symbol, kind: str = "log", n_classes: Symbol = None) -> np.ndarray:
    r"""Give what an example of each class is to count, from how many there are.

    With :math:`N` examples, :math:`N_y` of class :math:`y` and :math:`C` classes:

    =============== ===================================== =================================
    kind            weight                                source
    =============== ===================================== =================================
    ``"log"``       :math:`\log(N / N_y)`                 inverse document frequency
    ``"inverse"``   :math:`N / N_y`
    ``"balanced"``  :math:`N / (C N_y)`                   King & Zeng, 2001
    ``"sqrt"``      :math:`\sqrt{N / N_y}`
    ``"effective"`` :math:`(1-\beta)/(1-\beta^{N_y})`,    Cui et al., 2019, eq. 2;
                    scaled to the mean 1                  :math:`\beta = 0.999`
    =============== ===================================== =================================

    Parameters
    ----------
    y : array of int, shape (N,)
        Class numbers in ``[0, C)``.
    kind : str
    n_classes : int, optional
        :math:`C`; one more than the largest class if not given.

    Returns
    -------
    ndarray of float64, shape (C,)

    Raises
    ------
    TypeError
        When ``y`` does not hold integers.
    ValueError
        When ``kind`` is another, a class is out of range, or has no example.

    Examples
    --------
    >>> class_weights([0, 0, 0, 1]).round(3), class_weights([0, 0, 0, 1], "balanced").round(3)
    (array([0.288, 1.386]), array([0.667, 2.   ]))
    """
    y = np.asarray(y)
    if y.dtype.kind not in "iu" or y.ndim != 1:
        raise TypeError(f"y must be a vector of class numbers, got {y.dtype} of {y.ndim} dimensions")
    if kind not in FORMULAS:
        raise ValueError(f"kind must be one of {', '.join(FORMULAS)}, got {kind!r}")
    C = n_classes or int(y.max(initial=-1)) + 1
    if y.size and not 0 <= y.min() <= y.max() < C:
        raise ValueError(f"y must lie in [0, {C}), got {y.min()} to {y.max()}")
    counts = np.bincount(y, minlength=C)
    if not C:
        raise ValueError("y must have an example, got none")
    if not counts.all():
        raise ValueError(f"each class must have an example, got none of class {int(counts.argmin())}: leave it out")
    return FORMULAS[kind](len(y), counts.astype("float64"))


def _effective(N, counts):
    weights = (1 - EFFECTIVE) / (1 - EFFECTIVE**counts)
    return weights / weights.mean()


FORMULAS = {
    "log": lambda N, counts: np.log(N / counts),
    "inverse": lambda N, counts: N / counts,
    "balanced": lambda N, counts: N / (len(counts) * counts),
    "sqrt": lambda N, counts: np.sqrt(N / counts),
    "effective": _effective,
}
