"""The files of word2vec, text and binary, which most tools read.

The first line has the number of words and of dimensions. Then comes a word a line with its numbers, or in the binary
form a word, a space and its float32 numbers. Files are byte for byte those that gensim writes; those of the original
program, which ends each vector with a line break, are read as well. A name that ends in ``.gz`` is compressed.

Source: Mikolov et al. (2013), the program word2vec. Read next: :mod:`ptembed.io.glove`.
"""

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ptembed.io.named import Named, named
from ptembed.io.streams import CutFileError, opened, refuse_spaces, vector_rows, written
from ptembed.kinds import File, Matrix

__all__ = ["read_word2vec", "write_word2vec"]

MOST_NUMBERS = 1_000_000  # of a vector: more is no header of such a file


def read_word2vec(path: File, binary: bool = False, limit: int | None = None, errors: str = "strict") -> Named:
    """Read words and vectors.

    Parameters
    ----------
    path : path
    binary : bool
    limit : int, optional
        Read only this many, the first.
    errors : {"strict", "ignore", "replace"}
        What becomes of a word that is no UTF-8, as in :meth:`bytes.decode`.

    Returns
    -------
    Named
        words : list of str, E : array of float32, shape (n, d). Of a word that is there twice, the first.

    Raises
    ------
    ValueError
        When the file is of another kind, is cut short or goes on, a word has a space, or is no UTF-8. The message
        names the line or the word.
    OSError
        When it cannot be read.

    Notes
    -----
    The header is not believed: memory grows with what has been read.
    """
    path = Path(path)
    with opened(path) as file:
        n, d = _header(file, path)
        n = n if limit is None else min(n, limit)
        rows = _binary_rows(file, path, n, d) if binary else _text_rows(file, path, n, d)
        words, E = vector_rows(rows, path, d, errors)
        if limit is None and file.read(1).strip(b"\n"):
            raise ValueError(f"{path} must end after {n} words, as its header says, and goes on: mend the header")
    return Named(words, E)


def write_word2vec(path: File, words: Iterable[str], E: Matrix, binary: bool = False) -> None:
    """Write words and vectors; an interrupted call leaves the old file.

    Parameters
    ----------
    path : path
    words : iterable of str
        Without spaces.
    E : array, shape (n, d)
        Binary files have float32, text as many digits as tell the number from its neighbours.
    binary : bool

    Raises
    ------
    TypeError, ValueError
        When words and vectors do not fit, or a word has a space. Nothing is written.
    OSError
        When the file cannot be written.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp(), "two.txt")
    >>> write_word2vec(path, ["sun", "moon"], np.array([[1, 0.5], [0, 2]]))
    >>> print(path.read_text(), end="")
    2 2
    sun 1.0 0.5
    moon 0.0 2.0
    >>> read_word2vec(path).words
    ['sun', 'moon']
    """
    words, E = named(words, E)
    refuse_spaces(words)
    E = np.ascontiguousarray(E, "float32") if binary else E.astype(np.result_type(E, "float32"), copy=False)
    head = f"{len(words)} {E.shape[1]}\n".encode()
    if binary:
        lines = (word.encode() + b" " + row.tobytes() for word, row in zip(words, E, strict=True))
    else:
        lines = (f"{word} {' '.join(map(str, row))}\n".encode() for word, row in zip(words, E, strict=True))
    written(path, head, lines)


def _header(file, path):
    line = file.readline(100)
    try:
        n, d = (int(field) for field in line.split())
    except ValueError:
        n = d = -1
    if not line.endswith(b"\n") or n < 0 or not 0 < d <= MOST_NUMBERS:
        raise ValueError(f"{path} must begin with a line of two numbers, words and dimensions, got {line[:60]!r}")
    return n, d


def _text_rows(file, path, n, d):
    for number in range(2, n + 2):
        line = file.readline().rstrip()
        if not line:
            raise CutFileError(f"{path} must have {n} words, as its header says, and ends at line {number}")
        word, *numbers = line.split(b" ")
        if len(numbers) != d:
            raise ValueError(f"{path}, line {number}: must be a word and {d} numbers, got {len(numbers) + 1} fields")
        yield number, word, numbers


def _binary_rows(file, path, n, d):
    for number in range(n):
        word = _up_to_space(file)
        vector = file.read(4 * d)
        if not word or len(vector) < 4 * d:
            raise CutFileError(f"{path} must have {n} words, as its header says, and ends in word {number + 1}")
        yield number + 1, word, np.frombuffer(vector, "<f4")


def _up_to_space(file, most=10_000):
    word = io.BytesIO()
    while (letter := file.read(1)) not in (b" ", b""):
        if word.tell() > most:
            raise ValueError(f"a word must end with a space, got {most} letters without one: is the file binary?")
        word.write(letter)
    return word.getvalue().lstrip(b"\n") if letter else b""
