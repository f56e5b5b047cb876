r"""Draws from any distribution over n things, in constant time each.

The table of Walker (1977), built in :math:`O(n)` by Vose (1991): the distribution is cut into :math:`n` columns of
equal height, each shared by at most two things. A draw picks a column, then one of its two things by a biased coin.

Read next: :mod:`ptembed.train.samplers`.
"""

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["AliasTable"]


class AliasTable:
    """A table to draw from ``n`` things by their weights.

    Parameters
    ----------
    weights : array, shape (n,)
        Not negative, not all zero; they need not sum to 1.

    Attributes
    ----------
    keep : float64 array, shape (n,)
        The probability that a draw of column ``i`` gives ``i``.
    other : int64 array, shape (n,)
        What it gives else.

    Raises
    ------
    ValueError
        When the weights are no vector of finite numbers, one is negative, or none is positive.

    Notes
    -----
    A. J. Walker, An efficient method for generating discrete random variables with general distributions, ACM TOMS 3
    (1977). M. D. Vose, A linear algorithm for generating random numbers with a given distribution, IEEE TSE 17 (1991).

    Examples
    --------
    >>> table = AliasTable([1, 0, 3])
    >>> table.probabilities()
    array([0.25, 0.  , 0.75])
    >>> table.draw(np.random.default_rng(0), (2, 4))
    array([[2, 2, 2, 0],
           [0, 2, 2, 0]])
    """

    def __init__(self, weights: ArrayLike) -> None:
        w = _checked(weights)
        self.keep, self.other = _build(w * (len(w) / w.sum()))

    def __len__(self):
        return len(self.keep)

    def draw(self, rng: np.random.Generator, shape: int | tuple[int, ...]) -> np.ndarray:
        """Draw an int64 array of ``shape`` with a ``numpy.random.Generator``."""
        column = rng.integers(len(self), size=shape)
        return np.where(rng.random(shape) < self.keep[column], column, self.other[column])

    def probabilities(self) -> np.ndarray:
        """Give the distribution that the table holds, shape (n,)."""
        p = self.keep.copy()
        np.add.at(p, self.other, 1 - self.keep)
        return p / len(p)


def _checked(weights):
    weights = np.asarray(weights, "float64")
    if weights.ndim != 1 or not np.isfinite(weights).all():
        raise ValueError(f"weights must be a vector of finite numbers, got shape {weights.shape}")
    if (weights < 0).any() or not weights.sum() > 0:
        raise ValueError("weights must not be negative and not all zero: drop what has none")
    return weights


def _build(height):
    """Fill columns of height 1: each that is too low from one that is too high (Vose, 1991)."""
    keep, other = np.ones(len(height)), np.arange(len(height))
    height = height.tolist()  # the loop runs over plain numbers, faster than over an array
    low = [i for i, h in enumerate(height) if h < 1]
    high = [i for i, h in enumerate(height) if h >= 1]
    while low and high:
        i, j = low.pop(), high[-1]
        keep[i], other[i] = height[i], j
        height[j] -= 1 - height[i]
        if height[j] < 1:
            low.append(high.pop())
    return keep, other
