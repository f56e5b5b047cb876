"""The kinds of files with vectors, told by name and first line, and read and written under one name.

Read next: :mod:`ptembed.io.word2vec`.
"""

from pathlib import Path

from ptembed.io.glove import read_glove, write_glove
from ptembed.io.projector import write_projector
from ptembed.io.streams import opened
from ptembed.io.word2vec import read_word2vec, write_word2vec

__all__ = ["READERS", "WRITERS", "format_of", "read_vectors", "write_vectors"]

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


def format_of(path):
    """Tell the kind of a file: ``.bin`` is word2vec's binary form, a first line of two numbers its text, else GloVe's.

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
    return "word2vec" if len(first) == 2 and all(field.isdigit() for field in first) else "glove"


def read_vectors(path, format=None, **options):
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


def write_vectors(path, words, E, format="word2vec"):
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
