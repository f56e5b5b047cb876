"""Words as numbers: the vocabulary of a stream of texts, and the texts as tokens and offsets.

A vocabulary is a dictionary of words and their numbers, the most frequent first, ties in the order of their first use.
Counting takes one pass and memory for the distinct words; where these are too many, rare ones are forgotten on the way,
as word2vec does it. Texts become one array of numbers and one of offsets: text ``i`` is
``tokens[offsets[i]:offsets[i + 1]]``.

Read next: :mod:`ptembed.factor.counts`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import chain, count, islice

import numpy as np

from ptembed.arguments import at_least_one
from ptembed.factor.word_objects import looked_up
from ptembed.kinds import Texts

__all__ = ["blocks_of", "numbered", "token_arrays", "vocabulary"]

FEW = 64  # texts that are taken together, however long


def vocabulary(
    texts: Texts, min_count: int = 1, max_words: int | None = None, most_in_memory: int | None = None
) -> tuple[dict[str, int], np.ndarray]:
    """Number the words of texts.

    Parameters
    ----------
    texts : iterable of lists of str
        Read once.
    min_count : int
        Words that occur fewer times are left out.
    max_words : int, optional
        Keep only this many, the most frequent.
    most_in_memory : int, optional
        When more words than this have been seen, those that were seen once are forgotten; the next time those that
        were seen twice, and so on. Counts of rare words are then too low.

    Returns
    -------
    dict of str to int, array of int64, shape (V,)
        The numbers, and how often each word occurs.

    Raises
    ------
    TypeError, ValueError
        When a text is no list of words, or no word is left.

    Examples
    --------
    >>> vocabulary([["a", "b"], ["b", "c"], ["c"]], min_count=2)
    ({'b': 0, 'c': 1}, array([2, 2]))
    """
    min_count, counts, seen_too_rarely = at_least_one(min_count, "min_count"), Counter[str](), 1
    for part in _batches(texts, 100_000):
        counts.update(chain.from_iterable(part))
        while most_in_memory is not None and len(counts) > most_in_memory:
            counts = Counter({word: count for word, count in counts.items() if count > seen_too_rarely})
            seen_too_rarely += 1
    kept = [word for word, count in counts.most_common() if count >= min_count][:max_words]
    _refuse_none(kept, min_count)
    return {word: i for i, word in enumerate(kept)}, np.array([counts[word] for word in kept])


def token_arrays(texts: Texts, index: dict[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """Give texts as tokens and offsets; words that are not in the vocabulary are left out.

    Parameters
    ----------
    texts : iterable of lists of str
    index : dict of str to int

    Returns
    -------
    tokens : array of int32, shape (T,)
    offsets : array of int64, shape (n + 1,)

    Examples
    --------
    >>> token_arrays([["b", "z", "a"], []], {"a": 0, "b": 1})
    (array([1, 0], dtype=int32), array([0, 2, 2]))
    """
    held = _checked(list(texts))
    lengths = np.fromiter(map(len, held), np.int64, len(held))
    return _known(looked_up(chain.from_iterable(held), lengths.sum(), lambda word: index.get(word, -1)), lengths)


def numbered(
    texts: Texts, min_count: int = 1, max_words: int | None = None
) -> tuple[dict[str, int], np.ndarray, np.ndarray, np.ndarray]:
    """Give the vocabulary of texts and the texts as numbers, reading each word once: 4 bytes of memory for a word.

    Parameters
    ----------
    texts : iterable of lists of str
    min_count, max_words
        As for :func:`vocabulary`.

    Returns
    -------
    index, counts, tokens, offsets
        What :func:`vocabulary` and :func:`token_arrays` give.

    Raises
    ------
    TypeError, ValueError
        As :func:`vocabulary` does.

    Examples
    --------
    >>> numbered([["z", "b"], ["b", "a", "a"]], min_count=2)
    ({'b': 0, 'a': 1}, array([2, 2]), array([0, 0, 1, 1], dtype=int32), array([0, 1, 4]))
    """
    min_count = at_least_one(min_count, "min_count")
    seen: defaultdict[str, int] = defaultdict(count().__next__)
    parts, lengths = [np.empty(0, np.int32)], [np.empty(0, np.int64)]
    for part in _batches(texts):
        lengths.append(np.fromiter(map(len, part), np.int64, len(part)))
        parts.append(looked_up(chain.from_iterable(part), lengths[-1].sum(), seen.__getitem__))
    stream = np.concatenate(parts)
    counts, words = np.bincount(stream, minlength=len(seen)), list(seen)
    order = np.argsort(-counts, kind="stable")
    kept = order[counts[order] >= min_count][:max_words]
    _refuse_none(kept, min_count)
    ids = np.full(len(words), -1, np.int32)
    ids[kept] = np.arange(len(kept))
    index = {words[i]: k for k, i in enumerate(kept.tolist())}
    return index, counts[kept], *_known(ids[stream], np.concatenate(lengths))


def blocks_of(texts: Texts, index: dict[str, int], size: int = 1_000_000) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give a stream of texts as tokens and offsets, block after block of at least ``size`` words."""
    for part in _batches(texts, size):
        yield token_arrays(part, index)


def _known(ids, lengths):
    """Leave out the numbers below 0 of texts of these lengths; gives tokens and offsets."""
    known = ids >= 0
    before = np.concatenate([[0], np.cumsum(known)])
    return ids[known], before[np.concatenate([[0], np.cumsum(lengths)])]


def _checked(texts):
    for kind in set(map(type, texts)):
        if not issubclass(kind, list | tuple):
            raise TypeError(f"a text must be a list of words, got {kind.__name__}: split it first")
    return texts


def _refuse_none(kept, min_count):
    if not len(kept):
        raise ValueError(f"the texts must have words, got none that occurs {min_count} times: lower min_count")


def _batches(texts, size=1_000_000):
    """Gather texts until they have ``size`` words or more, looked at by a few texts at a time."""
    texts, part, words = iter(texts), [], 0
    while few := _checked(list(islice(texts, FEW))):
        part += few
        words += sum(map(len, few))
        if words >= size:
            yield part
            part, words = [], 0
    if part:
        yield part
