"""Streams of words and their numbers: opened, turned into a matrix, written whole."""

import contextlib
import gzip
import warnings
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ptembed.io.named import named
from ptembed.kinds import File
from ptembed.whole_files import write_whole

__all__ = ["CutFileError", "opened", "refuse_spaces", "vector_rows", "written"]

GZIP = b"\x1f\x8b\x08"  # how each such file begins
PART = 10_000  # rows turned into numbers at a time
LONGEST = 400  # letters of a number: NumPy takes as much memory for each as the longest needs


class CutFileError(ValueError):
    """A file that ends before its end."""


@contextlib.contextmanager
def opened(path: File) -> Iterator[Any]:
    """Open a file for reading bytes, compressed or not by its name or its start, for a ``with`` block.

    Raises
    ------
    CutFileError
        In the block, when a compressed file is not whole.
    OSError
        When it cannot be read.
    """
    try:
        with gzip.open(path, "rb") if _compressed(path) else open(path, "rb") as file:
            yield file
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise CutFileError(f"{path} must be a whole compressed file, and is not: {error}") from error


def _compressed(path):
    if Path(path).suffix == ".gz":
        return True
    with open(path, "rb") as file:
        return file.read(len(GZIP)) == GZIP


def written(path: File, head: bytes, lines: Iterable[bytes]) -> None:
    """Write the head and the lines, all bytes; compressed if the name says so."""

    def write(file):
        if Path(path).suffix != ".gz":
            file.write(head)
            file.writelines(lines)
            return
        with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as zipped:
            zipped.write(head)
            zipped.writelines(lines)

    write_whole(path, write)


def vector_rows(rows: Iterable[Any], path: File, d: int, errors: str) -> tuple[list[str], np.ndarray]:
    """Gather rows ``(number, word, numbers)`` in a list of words and a float32 matrix of ``d`` columns.

    Raises
    ------
    ValueError
        When a number is none or is not finite, or a word is no UTF-8.
    """
    words: dict[str, None] = {}
    parts, part, twice = [np.empty((0, d), "float32")], [], 0
    for number, word, numbers in rows:
        name = _decoded(word, path, number, errors)
        if name in words:
            twice += 1
            continue
        words[name] = None
        part.append((number, numbers))
        if len(part) == PART:
            parts.append(_matrix(part, path))
            part = []
    if part:
        parts.append(_matrix(part, path))
    if twice:
        warnings.warn(f"{path} has {twice} words that were there before: the first vector is taken", stacklevel=3)
    return list(words), named(words, np.concatenate(parts)).E


def refuse_spaces(words: Iterable[str]) -> None:
    """Refuse words that would not be read again: those with white space.

    Raises
    ------
    ValueError
    """
    spaced = next((word for word in words if word.split() != [word]), None)
    if spaced is not None:
        raise ValueError(f"a word must have no white space in such a file, got {spaced!r}: put _ for it")


def _decoded(word, path, number, errors):
    try:
        return word.decode("utf8", errors)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path}, word of line {number}: must be UTF-8, got {word[:60]!r}: pass errors='replace'"
        ) from error


def _matrix(part, path):
    rows = [numbers for _, numbers in part]
    for number, numbers in part:
        if isinstance(numbers, list) and max(map(len, numbers)) > LONGEST:
            raise ValueError(f"{path}, line {number}: a number must have at most {LONGEST} letters, got more")
    try:
        return np.array(rows).astype("float32")
    except ValueError:
        number, wrong = next((number, field) for number, fields in part for field in fields if not _is_number(field))
        raise ValueError(f"{path}, line {number}: must have numbers after the word, got {wrong[:60]!r}") from None


def _is_number(field):
    try:
        np.array(field).astype("float32")
    except ValueError:
        return False
    return True
