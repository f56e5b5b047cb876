"""What people said of words: pairs with a score, and analogies.

Pairs are those of WordSim-353 and SimLex-999 as gensim ships them, a pair and a number a line, separated by tabs,
spaces or commas. Analogies are those of Mikolov et al. (2013), four words a line below headings that begin with a
colon. Lines that begin with ``#`` are passed over.

Read next: :mod:`ptembed.evaluate`.
"""

import math

from ptembed.io.streams import opened
from ptembed.kinds import File

__all__ = ["read_analogies", "read_pairs"]


def read_pairs(path: File, lowercase: bool = True) -> list[tuple[str, str, float]]:
    """Read pairs of words with the score that people gave them.

    Returns
    -------
    list of (str, str, float)

    Raises
    ------
    ValueError
        When a line is no pair with a finite number, or the file is no UTF-8.
    OSError
        When it cannot be read.
    """
    pairs: list[tuple[str, str, float]] = []
    for number, fields in _lines(path, lowercase):
        if len(fields) < 3 or not _is_number(fields[2]):
            if not pairs:
                continue  # a heading
            raise ValueError(f"{path}, line {number}: must be two words and a number, got {' '.join(fields)!r}")
        if not math.isfinite(score := float(fields[2])):
            raise ValueError(f"{path}, line {number}: a score must be finite, got {fields[2]}: leave the pair out")
        pairs.append((fields[0], fields[1], score))
    if not pairs:
        raise ValueError(f"{path} must have lines of two words and a number, got none")
    return pairs


def read_analogies(path: File, lowercase: bool = True) -> dict[str, list[tuple[str, str, str, str]]]:
    """Read analogies by their headings.

    Returns
    -------
    dict of str to list of (str, str, str, str)

    Raises
    ------
    ValueError
        When a line is no heading and no four words, or the file is no UTF-8.
    OSError
        When it cannot be read.
    """
    found: dict[str, list[tuple[str, str, str, str]]] = {}
    heading = ""
    for number, fields in _lines(path, lowercase):
        if fields[0].startswith(":"):
            heading = " ".join(fields)[1:].strip()
        elif len(fields) == 4:
            found.setdefault(heading, []).append((fields[0], fields[1], fields[2], fields[3]))
        else:
            raise ValueError(f"{path}, line {number}: must be four words or a heading, got {' '.join(fields)!r}")
    if not found:
        raise ValueError(f"{path} must have lines of four words, got none")
    return found


def _lines(path, lowercase):
    with opened(path) as lines:
        for number, line in enumerate(lines, 1):
            try:
                text = line.decode("utf8")
            except UnicodeDecodeError as error:
                raise ValueError(f"{path}, line {number}: must be UTF-8, {error.reason}") from error
            fields = (text.lower() if lowercase else text).replace(",", " ").split()
            if fields and not fields[0].startswith("#"):
                yield number, fields


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True
