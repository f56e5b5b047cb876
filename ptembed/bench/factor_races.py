"""The races: to an objective against scikit-learn's NMF, and through the glosses against its and gensim's counting.

Both are taken in slices that alternate, so that other work on the machine meets all sides alike. CPU seconds are of the
process, so they do not count other work; two threads are compared by the clock on the wall.

Read next: :mod:`ptembed.bench.factors`.
"""

import time
import warnings
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from ptembed.factor.counts import cooccurrences
from ptembed.factor.nmf import nmf
from ptembed.factor.nmf_starts import random
from ptembed.factor.vocabulary import numbered

__all__ = ["Race", "count_sides", "race"]

SLICES = 4


class Race(NamedTuple):
    """What a race gave.

    Attributes
    ----------
    peer, ours, two : array, shape (2,)
        CPU and wall seconds to the goal: of scikit-learn, the sum of its slices; of ptembed on one thread and on two,
        the median of the runs.
    iterations : float
        That ptembed took.
    error : float
        The relative error that all reached.
    """

    peer: np.ndarray
    ours: np.ndarray
    two: np.ndarray
    iterations: float
    error: float


def race(X, k, iterations):
    """Race to the objective that scikit-learn's coordinate descent has after some iterations; all from one start."""
    start = random(*X.shape, k, X.mean(dtype=np.float64), X.dtype, np.random.default_rng(0))
    _traced(X[:50], k, (start[0][:50], start[1]), 1, 1)  # compiles
    peer, ours, two, factors = np.zeros(2), [], [], start
    for _ in range(SLICES):
        ours.append(_traced(X, k, start, iterations // 2, 1))
        two.append(_traced(X, k, start, iterations // 2, 2))
        before = _clocks()
        factors = _descended(X, k, factors, iterations // SLICES)
        peer += _clocks() - before
    goal, squares = _objective(X, *factors), float((X.data.astype(np.float64) ** 2).sum())
    reached = [np.median([_reached(trace, goal)[:2] for trace in traces], axis=0) for traces in (ours, two)]
    return Race(peer, *reached, _reached(ours[0], goal)[2], float(np.sqrt(2 * goal / squares)))


def count_sides(texts, peers):
    """Give by name the ways to count the words of one text: from lists of words to a sparse matrix of counts."""
    sides = {"ptembed": lambda: _ours(texts)}
    if "sklearn" in peers:
        sides["scikit-learn, CountVectorizer, XᵀX"] = lambda: _sklearn(texts)
    if "gensim" in peers:
        sides["gensim, Dictionary, doc2bow, XᵀX"] = lambda: _gensim(texts)
    found = {name: count() for name, count in sides.items()}
    totals = {name: (X - sp.diags_array(X.diagonal())).sum(dtype=np.float64) for name, X in found.items()}
    if len({round(total) for total in totals.values()}) > 1:
        raise RuntimeError(f"all sides must count the same pairs, got {totals}")
    return sides


def _clocks():
    return np.array([time.process_time(), time.perf_counter()])


def _traced(X, k, start, iterations, n_threads):
    """Descend; gives CPU and wall seconds, number and objective after each iteration, shape (iterations, 4)."""
    trace, before = [], _clocks()
    nmf(
        X, k, start=start, max_iter=iterations, tol=0, n_threads=n_threads,
        callback=lambda i, objective: trace.append((*(_clocks() - before), i + 1, objective)),
    )  # fmt: skip
    return np.array(trace)


def _reached(trace, goal):
    """Give the line of the first iteration that reached the goal; infinity where none did."""
    lines = trace[trace[:, 3] <= goal]
    return lines[0] if len(lines) else np.full(4, np.inf)


def _descended(X, k, factors, iterations):
    """Let scikit-learn descend; gives the factors."""
    from sklearn.decomposition import non_negative_factorization

    W, H = (F.copy() for F in factors)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        W, H, _ = non_negative_factorization(
            X, W=W, H=np.ascontiguousarray(H.T), n_components=k, init="custom", solver="cd", max_iter=iterations, tol=0
        )
    return W, H.T


def _objective(X, W, H):
    squares = (X.data.astype(np.float64) ** 2).sum()
    cross = np.einsum("ij,ij->", X @ H, W, dtype=np.float64)
    grams = np.einsum("ij,ij->", W.T @ W, H.T @ H, dtype=np.float64)
    return 0.5 * float(squares - 2 * cross + grams)


def _ours(texts):
    index, _, *arrays = numbered(texts)
    return cooccurrences(arrays, len(index), window=None)


def _sklearn(texts):
    from sklearn.feature_extraction.text import CountVectorizer

    X = CountVectorizer(analyzer=list, dtype=np.float32).fit_transform(texts)
    return (X.T @ X).tocsr()


def _gensim(texts):
    from gensim.corpora import Dictionary
    from gensim.matutils import corpus2csc

    dictionary = Dictionary(texts)
    X = corpus2csc(map(dictionary.doc2bow, texts), len(dictionary), dtype=np.float32)
    return (X @ X.T).tocsr()
