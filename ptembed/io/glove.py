"""The text files of GloVe: a word a line with its numbers, and no header.

Published files have words with spaces in them, such as ``. . .``: the last d fields are the numbers, where d is what
the first line has.

Source: Pennington, Socher and Manning (2014), the program glove. Read next: :mod:`ptembed.io.projector`.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ptembed.io.named import Named, named
from ptembed.io.streams import opened, refuse_spaces, vector_rows, written
from ptembed.kinds import File, Matrix

__all__ = ["read_glove", "write_glove"]


def read_glove(path: File, limit: int | None = None, errors: str = "strict") -> Named:
    """Read words and vectors.

    Parameters
    ----------
    path : path
    limit : int, optional
        Read only this many, the first.
    errors : {"strict", "ignore", "replace"}
        What becomes of a word that is no UTF-8.

    Returns
    -------
    Named
        words : list of str, E : array of float32, shape (n, d).

    Raises
    ------
    ValueError
        When a line has fewer numbers than the first, or what is no number.
    OSError
        When the file cannot be read.
    """
    path = Path(path)
    with opened(path) as file:
        first = file.readline().split()
        if len(first) < 2:
            raise ValueError(f"{path} must begin with a word and its numbers, got a line of {len(first)} fields")
    with opened(path) as file:
        d = len(first) - 1
        return Named(*vector_rows(_rows(file, path, d, limit), path, d, errors))


def write_glove(path: File, words: Iterable[str], E: Matrix) -> None:
    """Write words and vectors; an interrupted call leaves the old file.

    Parameters
    ----------
    path : path
    words : iterable of str
        Without spaces.
    E : array, shape (n, d)

    Raises
    ------
    TypeError, ValueError
        When words and vectors do not fit, or a word has a space. Nothing is written.
    OSError
        When the file cannot be written.
    """
    words, E = named(words, E)
    refuse_spaces(words)
    E = E.astype(np.result_type(E, "float32"), copy=False)
    written(path, b"", (f"{word} {' '.join(map(str, row))}\n".encode() for word, row in zip(words, E, strict=True)))


def _rows(file, path, d, limit):
    for number, line in enumerate(file, 1):
        if limit is not None and number > limit:
            return
        word, *numbers = line.rstrip().rsplit(b" ", d)
        if len(numbers) != d:
            raise ValueError(f"{path}, line {number}: must be a word and {d} numbers, got {len(numbers) + 1} fields")
        yield number, word, numbers
