"""The kinds of files with vectors, told by name and first line, and read and written under one name.

Read next: :mod:`ptembed.io.word2vec`.
"""

import codecs
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ptembed.io.glove import read_glove, write_glove
from ptembed.io.named import Named
from ptembed.io.projector import write_projector
from ptembed.io.streams import opened
from ptembed.io.word2vec import read_word2vec, write_word2vec
from ptembed.kinds import File, Matrix

__all__ = ["READERS", "WRITERS", "format_of", "read_vectors", "write_vectors"]

START = 1000  # bytes by which a file is judged

READERS = {
    "word2vec": read_word2vec,
    "word2vec-binary": lambda path, **options: read_word2vec(path, binary=True, **options),
    "glove": read_glove,
}
WRITERS = {
    "word2vec": write_word2vec,
    "word2vec-binary": lambda path, words, E: write_word2vec(path, words, E, binary=True),
    "glove": write_glove,
    "projector": write_projector,
}


def format_of(path: File) -> str:
    """Tell the kind of a file by its name and start.

    ``.bin`` is word2vec's binary form, and so is what has bytes that are no text after a first line of two numbers;
    with text after it, it is word2vec's text form, and without such a line GloVe's.

    Raises
    ------
    OSError
        When it cannot be read.
    """
    path = Path(path)
    if ".bin" in path.suffixes:
        return "word2vec-binary"
    with opened(path) as file:
        first = file.readline(1000).split()
        if len(first) != 2 or not all(field.isdigit() for field in first):
            return "glove"
        return "word2vec" if _is_text(file.read(START).partition(b" ")[2]) else "word2vec-binary"


def _is_text(part):
    """Tell whether bytes are UTF-8, but for a letter that is cut, without control characters."""
    try:
        letters = codecs.getincrementaldecoder("utf8")().decode(part)
    except UnicodeDecodeError:
        return False
    return not any(letter < " " and not letter.isspace() for letter in letters)


def read_vectors(path: File, format: str | None = None, **options: Any) -> Named:
    """Read words and vectors of a file of any kind.

    Parameters
    ----------
    path : path
    format : {"word2vec", "word2vec-binary", "glove"}, optional
        By :func:`format_of` if not given.
    **options
        ``limit`` and ``errors``, see :func:`ptembed.io.word2vec.read_word2vec`.

    Returns
    -------
    Named

    Raises
    ------
    ValueError
        For another format, or a file that is not of it.
    OSError
        When it cannot be read.
    """
    return _chosen(READERS, format or format_of(path))(path, **options)


def write_vectors(path: File, words: Iterable[str], E: Matrix, format: str = "word2vec") -> None:
    """Write words and vectors; ``projector`` makes a folder, the others a file.

    Parameters
    ----------
    path : path
    words : iterable of str
    E : array, shape (n, d)
    format : {"word2vec", "word2vec-binary", "glove", "projector"}

    Raises
    ------
    TypeError, ValueError
        For another format, or words and vectors that do not fit.
    OSError
        When it cannot be written.
    """
    _chosen(WRITERS, format)(path, words, E)


def _chosen(table, format):
    if format not in table:
        raise ValueError(f"format must be one of {', '.join(table)}, got {format!r}")
    return table[format]
