"""Vectors as pandas frames, the words as index, and back.

Read next: :mod:`ptembed.io.keyed_vectors`.
"""

from collections.abc import Iterable
from typing import Any

from ptembed.extras import needs
from ptembed.io.named import Named, named
from ptembed.kinds import Matrix

__all__ = ["from_frame", "to_frame"]


def to_frame(words: Iterable[str], E: Matrix) -> Any:
    """Give a ``pandas.DataFrame`` of shape (n, d), its index the words.

    Raises
    ------
    TypeError, ValueError
        When words and vectors do not fit.
    ImportError
        Where pandas is not installed.
    """
    words, E = named(words, E)
    return needs("pandas", "frames").DataFrame(E, index=words)


def from_frame(frame: Any) -> Named:
    """Give the words and vectors of a frame: its index and its numbers.

    Raises
    ------
    TypeError, ValueError
        When the index has what is no str or is there twice, or a column has what is no number.
    """
    return named(frame.index, frame.to_numpy())
