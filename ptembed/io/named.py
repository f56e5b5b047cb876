"""Words and their vectors, checked: what every reader gives and every writer takes."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

__all__ = ["Named", "named"]


class Named(NamedTuple):
    """Words, and the vector of each as a row.

    Attributes
    ----------
    words : list of str
    E : array, shape (n, d)
    """

    words: list[str]
    E: np.ndarray


def named(words: Iterable[str], E: Sequence | np.ndarray) -> Named:
    """Check words and vectors.

    Parameters
    ----------
    words : iterable of str
    E : array, shape (n, d)

    Raises
    ------
    TypeError
        When a word is no str, or the vectors are no matrix of numbers.
    ValueError
        When there are more words than vectors or fewer, a word is empty or there twice, or a number is not finite.

    Examples
    --------
    >>> named(["a", "a"], [[1.0], [2.0]])
    Traceback (most recent call last):
    ValueError: a word must be there once, got 'a' twice: leave one out
    """
    words, E = list(words), np.asarray(E)
    if E.ndim != 2 or E.dtype.kind not in "fiu":
        raise TypeError(f"vectors must be a matrix of numbers, one row a word, got {E.ndim} dimensions of {E.dtype}")
    if len(words) != len(E):
        raise ValueError(f"there must be one vector a word, got {len(words)} words and {len(E)} vectors")
    strange = next((word for word in words if not isinstance(word, str)), None)
    if strange is not None:
        raise TypeError(f"a word must be a str, got {strange!r}: give str(word)")
    if "" in words:
        raise ValueError("a word must have a letter, got an empty one: leave it out")
    if len(set(words)) < len(words):
        raise ValueError(f"a word must be there once, got {_twice(words)!r} twice: leave one out")
    if not np.isfinite(E).all():
        raise ValueError(f"vectors must be finite, got NaN or infinity for {words[_not_finite(E)]!r}: leave it out")
    return Named(words, E)


def _twice(words):
    seen: set[str] = set()
    return next(word for word in words if word in seen or seen.add(word))


def _not_finite(E):
    return int(np.flatnonzero(~np.isfinite(E).all(axis=1))[0])
