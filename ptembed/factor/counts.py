r"""How often words occur together, counted from a stream of tokens in bounded memory.

The stream is cut into blocks. A block is counted in memory in O(T w) for T tokens and w neighbours of each
(:mod:`ptembed.factor.count_kernels`) and written to disk, and the blocks are added up some rows at a time
(:mod:`ptembed.factor.count_files`). What a block is depends on the stream alone, so the counts are the same whoever
counts the blocks: this thread, others, or other processes. A stream of one block never touches the disk.

Read next: :mod:`ptembed.factor.weights`; for words instead of numbers :mod:`ptembed.factor.vocabulary`.
"""

import tempfile
from collections import deque
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from ptembed.arguments import at_least_one
from ptembed.factor.count_files import merged, write_block
from ptembed.factor.count_kernels import count_before, count_both_sides, transposed
from ptembed.kinds import File, Matrix

__all__ = ["cooccurrences", "distance_weights", "subsampled"]

BLOCK = 5_000_000  # tokens
SIDES = ("both", "left", "right", "each")


class Rules(NamedTuple):
    """What counts: checked, and small enough to be sent to another process."""

    n_words: int
    weights: np.ndarray
    side: str
    keep: np.ndarray | None
    seed: int
    dtype: np.dtype

    @property
    def shape(self):
        return self.n_words, self.n_words * (2 if self.side == "each" else 1)


def cooccurrences(
    stream: Any,
    n_words: int,
    *,
    window: int | None = 5,
    side: str = "both",
    distance: str | ArrayLike = "flat",
    keep: np.ndarray | None = None,
    min_pairs: float = 0.0,
    block: int = BLOCK,
    seed: int = 0,
    dtype: str = "float32",
    executor: Any = None,
    folder: File | None = None,
) -> Matrix:
    """Count the words that occur near each other.

    Parameters
    ----------
    stream : pair (tokens, offsets), or iterable of such pairs
        Tokens are word numbers from 0 on; text ``i`` is ``tokens[offsets[i]:offsets[i + 1]]``, and windows end with it.
    n_words : int
        V, the size of the vocabulary.
    window : int or None
        The largest distance of two tokens; None: all of a text are near each other.
    side : {"both", "left", "right", "each"}
        Which neighbours of a word count, those before it or those after it. "both" is symmetric; "each" has them in
        columns of their own, those after the word to the right.
    distance : {"flat", "harmonic", "linear"} or array, shape (window,)
        What a neighbour counts by its distance; see :func:`distance_weights`. Only with a window.
    keep : array, shape (V,), optional
        The probability by which an occurrence of each word is kept, see :func:`subsampled`. What is left out does not
        stand between others.
    min_pairs : float
        Sums below this are left out of the result.
    block : int
        Tokens that are counted in memory at once. With ``keep`` the result depends on it.
    seed : int
        Of ``keep``.
    dtype : {"float32", "float64"}
    executor : concurrent.futures.Executor, optional
        Who counts the blocks, of threads (the loops let go of Python) or of processes. Four blocks are under way at
        most, or the executor's ``at_once``. What its workers count comes back to be written if its ``shares_disk`` is
        false; :func:`ptembed.parallel.cooccurrences` has such a one.
    folder : str or Path, optional
        Where the blocks are written while they are counted (default: the system's).

    Returns
    -------
    csr_array of ``dtype``, shape (V, V), or (V, 2 V) for "each"
        In canonical form.

    Raises
    ------
    TypeError, ValueError
        When an option is of the wrong kind or out of range, or tokens and offsets do not fit.

    Examples
    --------
    >>> tokens, offsets = np.array([0, 1, 2, 0, 1]), np.array([0, 3, 5])
    >>> cooccurrences((tokens, offsets), 3, window=1).toarray()
    array([[0., 2., 0.],
           [2., 0., 1.],
           [0., 1., 0.]], dtype=float32)
    """
    rules = Rules(
        at_least_one(n_words, "n_words"), distance_weights(window, distance), side, keep, seed, np.dtype(dtype)
    )
    _check(rules, min_pairs)
    blocks = _cut([stream] if _is_pair(stream) else stream, at_least_one(block, "block"), rules.n_words)
    first, second = next(blocks, (np.zeros(0, np.int32), np.zeros(1, np.int64))), next(blocks, None)
    if second is None:
        return _above(_matrix(_counted(rules, 0, *first), rules.shape), min_pairs)
    with tempfile.TemporaryDirectory(prefix="counts-", dir=folder) as place:
        stems = _count_all(rules, _chained(first, second, blocks), place, executor)
        return merged(stems, rules.shape, rules.dtype, min_pairs)


def distance_weights(window: int | None, distance: str | ArrayLike = "flat") -> np.ndarray:
    """Give what a neighbour counts at distances 0 to ``window``; nothing without a window.

    "flat" is 1, "harmonic" 1 / distance (as GloVe counts), "linear" (window + 1 - distance) / window (what word2vec
    counts on average).

    Examples
    --------
    >>> distance_weights(4, "linear")
    array([0.  , 1.  , 0.75, 0.5 , 0.25])
    """
    if window is None:
        if isinstance(distance, str) and distance == "flat":
            return np.zeros(0)
        raise ValueError(f"distance must be 'flat' for whole texts, got {distance!r}: give a window")
    d = np.arange(1, at_least_one(window, "window") + 1)
    known = {"flat": np.ones(window), "harmonic": 1 / d, "linear": (window + 1 - d) / window}
    if isinstance(distance, str) and distance not in known:
        raise ValueError(f"distance must be one of {tuple(known)} or an array, got {distance!r}")
    weights = known[distance] if isinstance(distance, str) else np.asarray(distance, np.float64)
    if weights.shape != (window,) or not ((weights > 0) & (weights < np.inf)).all():
        raise ValueError(f"distance must give {window} positive numbers, one for each distance, got {distance!r}")
    return np.concatenate([[0.0], weights])


def subsampled(counts: np.ndarray, threshold: float = 1e-3) -> np.ndarray:
    r"""Give the probability by which an occurrence of each word is kept: :math:`\sqrt{t / f}`, at most 1.

    Parameters
    ----------
    counts : array, shape (V,)
    threshold : float
        t, a share of all tokens; words that are more frequent are thinned out.

    References
    ----------
    T. Mikolov et al., "Distributed representations of words and phrases and their compositionality", 2013, equation 5.

    Examples
    --------
    >>> subsampled(np.array([96, 3, 1]), 0.06).round(2)
    array([0.25, 1.  , 1.  ])
    """
    shares = np.asarray(counts, np.float64)
    shares = shares / max(shares.sum(), 1)
    return np.sqrt(np.minimum(1, threshold / np.maximum(shares, np.finfo(np.float64).tiny)))


def _is_pair(stream):
    return isinstance(stream, tuple | list) and len(stream) == 2 and all(map(_is_vector, stream))


def _is_vector(x):
    return hasattr(x, "__len__") and (len(x) == 0 or np.ndim(x[0]) == 0)


def _check(rules, min_pairs):
    if rules.side not in SIDES:
        raise ValueError(f"side must be one of {SIDES}, got {rules.side!r}")
    if rules.dtype.name not in ("float32", "float64"):
        raise TypeError(f"dtype must be float32 or float64, got {rules.dtype}")
    if rules.keep is not None and np.shape(rules.keep) != (rules.n_words,):
        raise ValueError(
            f"keep must have one probability for each of {rules.n_words} words: give shape ({rules.n_words},)"
        )
    if not 0 <= min_pairs < np.inf:
        raise ValueError(f"min_pairs must be a number from 0 on, got {min_pairs!r}")


def _checked(tokens, offsets, n_words):
    tokens, offsets = np.asarray(tokens), np.asarray(offsets)
    if offsets.dtype.kind not in "iu" or (len(tokens) and tokens.dtype.kind not in "iu"):
        raise TypeError(f"tokens and offsets must be integers, got {tokens.dtype} and {offsets.dtype}")
    if not len(offsets) or offsets[0] != 0 or offsets[-1] != len(tokens) or (np.diff(offsets) < 0).any():
        raise ValueError(f"offsets must ascend from 0 to the {len(tokens)} tokens: was the stream cut short?")
    if len(tokens) and not 0 <= tokens.min() <= tokens.max() < n_words:
        raise ValueError(f"tokens must lie in [0, {n_words}), got {tokens.min()} to {tokens.max()}")
    return tokens.astype(np.int32, copy=False), offsets.astype(np.int64, copy=False)


def _cut(stream, block, n_words):
    """Give blocks of whole texts, each of ``block`` tokens or a text more, wherever the stream's own parts end."""
    texts, tokens_held = deque(), 0
    for part in stream:
        tokens, offsets = _checked(*part, n_words)
        first = 0
        while first < len(offsets) - 1:
            last = min(int(np.searchsorted(offsets, offsets[first] + block - tokens_held)), len(offsets) - 1)
            texts.append((tokens[offsets[first] : offsets[last]], np.diff(offsets[first : last + 1])))
            tokens_held += int(offsets[last] - offsets[first])
            first = last
            if tokens_held >= block:
                yield _joined(texts)
                texts, tokens_held = deque(), 0
    if texts:
        yield _joined(texts)


def _joined(texts):
    tokens, lengths = (np.concatenate(arrays) for arrays in zip(*texts, strict=True))
    return tokens, np.concatenate([[0], np.cumsum(lengths)])


def _chained(first, second, blocks):
    yield first
    yield second
    yield from blocks


def _counted(rules, number, tokens, offsets):
    """Count one block; gives the arrays of a CSR matrix."""
    if rules.keep is not None:
        kept = np.random.default_rng([rules.seed, number]).random(len(tokens)) < rules.keep[tokens]
        tokens, offsets = tokens[kept], np.concatenate([[0], np.cumsum(kept)])[offsets]
    block = tokens, offsets, rules.n_words, rules.weights, rules.dtype
    if rules.side == "both":
        return count_both_sides(*block)
    before = count_before(*block)
    if rules.side == "left":
        return before
    after = transposed(*before)
    return after if rules.side == "right" else _side_by_side(before, after, rules.shape)


def _side_by_side(before, after, shape):
    half = shape[0], shape[0]
    both = sp.hstack([_matrix(before, half), _matrix(after, half)], format="csr")
    return both.indptr.astype(np.int64), both.indices, both.data


def _write(rules, number, tokens, offsets, folder):
    return write_block(folder, number, _counted(rules, number, tokens, offsets))


def _count_all(rules, blocks, folder, executor):
    """Count and write all blocks; gives their stems in order."""
    if executor is None:
        return [_write(rules, number, *block, folder) for number, block in enumerate(blocks)]
    under_way, stems, at_once = deque(), [], getattr(executor, "at_once", 4)
    task, place = (_write, (folder,)) if getattr(executor, "shares_disk", True) else (_counted, ())
    for number, block in enumerate(blocks):
        under_way.append(executor.submit(task, rules, number, *block, *place))
        if len(under_way) == at_once:
            stems.append(_stem(under_way.popleft(), len(stems), folder, written=bool(place)))
    return stems + [_stem(future, k, folder, written=bool(place)) for k, future in enumerate(under_way, len(stems))]


def _stem(future, number, folder, written):
    return future.result() if written else write_block(folder, number, future.result())


def _matrix(arrays, shape):
    indptr, indices, data = arrays
    pointer = np.int32 if len(data) < 2**31 else np.int64
    return sp.csr_array((data, indices, indptr.astype(pointer)), shape=shape)


def _above(X, least):
    if least > 0:
        X.data[X.data < least] = 0
        X.eliminate_zeros()
    return X
