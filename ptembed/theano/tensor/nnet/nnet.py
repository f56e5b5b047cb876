"""Softmax, rectifiers and cross-entropies."""

import pytensor.tensor as pt

__all__ = ["binary_crossentropy", "categorical_crossentropy", "relu", "softmax"]


def softmax(c):
    r"""Row-wise :math:`e^{c_{ij}} / \sum_k e^{c_{ik}}`.

    Parameters
    ----------
    c : vector or matrix
        A vector of length n counts as a 1 x n matrix, and so does the result.

    Raises
    ------
    ValueError
        For an array of another rank or without floats.
    """
    c = pt.as_tensor_variable(c)
    if c.type.ndim not in (1, 2) or not c.dtype.startswith("float"):
        raise ValueError(f"x must be 1-d or 2-d tensor of floats. Got {c.type}")
    return pt.special.softmax(pt.atleast_2d(c), axis=-1)


def relu(x, alpha=0):
    """``x`` where it is positive, ``alpha * x`` elsewhere."""
    if alpha == 0:
        return 0.5 * (x + abs(x))
    alpha = pt.as_tensor_variable(alpha)
    return 0.5 * (1 + alpha) * x + 0.5 * (1 - alpha) * abs(x)


def binary_crossentropy(output, target):
    r"""Elementwise :math:`-(t \log o + (1 - t) \log(1 - o))`."""
    return -(target * pt.log(output) + (1.0 - target) * pt.log(1.0 - output))


def categorical_crossentropy(coding_dist, true_dist):
    r"""Row-wise :math:`-\sum_j t_{ij} \log c_{ij}`.

    Parameters
    ----------
    coding_dist : matrix
        The probabilities c that the model gives, a row for each case.
    true_dist : matrix like ``coding_dist``, or int vector
        The true probabilities t, or the number of the true class.

    Returns
    -------
    vector

    Raises
    ------
    TypeError
        If ``true_dist`` has neither the rank of ``coding_dist`` nor one less.
    """
    coding_dist, true_dist = pt.as_tensor_variable(coding_dist), pt.as_tensor_variable(true_dist)
    if true_dist.ndim == coding_dist.ndim:
        return -pt.sum(true_dist * pt.log(coding_dist), axis=coding_dist.ndim - 1)
    if true_dist.ndim == coding_dist.ndim - 1:
        return -pt.log(coding_dist)[pt.arange(true_dist.shape[0]), true_dist]
    raise TypeError("rank mismatch between coding and true distributions")
