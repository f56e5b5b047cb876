"""Scores of vectors, clusters and classes: how good is what was trained.

Read next: :mod:`ptembed.io.judgements`, :mod:`ptembed.factor.constrained`.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import spearmanr

from ptembed.factor.neighbours import Neighbours, unit_rows
from ptembed.kinds import Matrix

__all__ = ["analogies", "constraint_satisfaction", "neighbour_overlap", "nmi", "purity", "word_similarity"]

BLOCK = 1000  # analogies answered at once


def word_similarity(words: Iterable[str], E: Matrix, pairs: Sequence[tuple[str, str, float]]) -> tuple[float, int]:
    """Compare cosines of pairs of words with what people said of them: Spearman's correlation.

    Parameters
    ----------
    words : list of str
    E : array, shape (n, d)
    pairs : list of (str, str, float)
        See :func:`ptembed.io.judgements.read_pairs`.

    Returns
    -------
    float, int
        The correlation, from -1 to 1, and the number of pairs that it is of: those of which both words are there.

    Raises
    ------
    ValueError
        When less than two pairs are known.

    Examples
    --------
    >>> E = np.array([[1.0, 0], [1, 0.1], [0, 1]])
    >>> word_similarity(["a", "b", "c"], E, [("a", "b", 9.0), ("a", "c", 1.0), ("b", "c", 2.0), ("a", "z", 5.0)])
    (1.0, 3)
    """
    index = {word: i for i, word in enumerate(words)}
    known = [(index[a], index[b], score) for a, b, score in pairs if a in index and b in index]
    if len(known) < 2:
        raise ValueError(f"two pairs or more must have both words, got {len(known)} of {len(pairs)}")
    a, b, scores = zip(*known, strict=True)
    F = unit_rows(E)
    return float(spearmanr((F[list(a)] * F[list(b)]).sum(axis=1), scores)[0]), len(known)


def analogies(words: Iterable[str], E: Matrix, questions: Sequence[tuple[str, str, str, str]]) -> tuple[float, int]:
    """Give the share of analogies that are answered right (3CosAdd, Mikolov et al., 2013).

    Of ``a b c d`` the answer is the word nearest to b - a + c, of unit vectors, that is none of the three.

    Parameters
    ----------
    words : list of str
    E : array, shape (n, d)
    questions : list of (str, str, str, str)

    Returns
    -------
    float, int
        The share, and the number of questions that it is of: those of which all words are there.

    Raises
    ------
    ValueError
        When none is known.

    Examples
    --------
    >>> E = np.array([[1.0, 0, 0], [1, 0, 1], [0, 1, 0], [0, 1, 1]])
    >>> analogies(["man", "king", "woman", "queen"], E, [("man", "king", "woman", "queen")])
    (1.0, 1)
    """
    index = {word: i for i, word in enumerate(words)}
    known = np.array([[index[word] for word in four] for four in questions if all(word in index for word in four)])
    if not len(known):
        raise ValueError(f"a question must have four words that are known, got none of {len(questions)}")
    F, right = unit_rows(E), 0
    for part in np.array_split(known, -(-len(known) // BLOCK)):
        a, b, c, d = part.T
        scores = (F[b] - F[a] + F[c]) @ F.T
        np.put_along_axis(scores, part[:, :3], -np.inf, axis=1)
        right += int((scores.argmax(axis=1) == d).sum())
    return right / len(known), len(known)


def neighbour_overlap(E: Matrix, F: Matrix, k: int = 10, rows: ArrayLike | None = None) -> float:
    """Give the share of the k nearest neighbours that two matrices of vectors have in common.

    Parameters
    ----------
    E, F : arrays or sparse matrices, shapes (n, d) and (n, c)
        Two kinds of vectors of the same things.
    k : int
    rows : array of int, optional
        The things to be compared; all if not given.

    Returns
    -------
    float
        From 0 to 1; of vectors that have nothing to do with each other about k / n.

    Raises
    ------
    ValueError
        When there are not as many vectors in both.

    Examples
    --------
    >>> E = np.random.default_rng(0).normal(size=(50, 5))
    >>> neighbour_overlap(E, 2 * E)
    1.0
    """
    if E.shape[0] != F.shape[0]:
        raise ValueError(f"both must have a vector of each thing, got {E.shape[0]} and {F.shape[0]} vectors")
    rows = np.arange(E.shape[0]) if rows is None else np.asarray(rows)
    one, other = (Neighbours(vectors).of(rows, k)[0] for vectors in (E, F))
    common = [len(np.intersect1d(a, b)) for a, b in zip(one, other, strict=True)]
    return float(np.mean(common) / one.shape[1])


def purity(classes: ArrayLike, clusters: ArrayLike) -> float:
    """Give the share of samples whose class is the most frequent one of their cluster.

    It grows with the number of clusters, to 1 where each sample is one: compare only where that is the same.

    Parameters
    ----------
    classes, clusters : array, shape (n,)
        Of any kind that can be sorted.

    Returns
    -------
    float
        Above 0 and at most 1.

    Raises
    ------
    ValueError
        When there is no sample, or the shapes differ.

    Examples
    --------
    >>> purity(["a", "a", "b", "b"], [0, 0, 0, 1])
    0.75
    """
    counts = _counts(classes, clusters)
    return float(counts.max(axis=0).sum() / counts.sum())


def nmi(classes: ArrayLike, clusters: ArrayLike) -> float:
    """Give the normalised mutual information: what a cluster tells of a class, over the mean of both entropies.

    Parameters
    ----------
    classes, clusters : array, shape (n,)

    Returns
    -------
    float
        From 0, where they are independent, to 1, where each is a name of the other; 1 where both are one and all.

    Raises
    ------
    ValueError
        As for :func:`purity`.

    Examples
    --------
    >>> nmi([0, 0, 1, 1], [5, 5, 3, 3])
    1.0
    """
    p = _counts(classes, clusters)
    p = p / p.sum()
    of_class, of_cluster = p.sum(axis=1), p.sum(axis=0)
    entropies = _entropy(of_class) + _entropy(of_cluster)
    if entropies == 0:
        return 1.0
    shared = max(entropies - _entropy(p), 0.0)
    return float(min(2 * shared / entropies, 1.0))


def constraint_satisfaction(clusters: ArrayLike, like: Any = (), dislike: Any = ()) -> tuple[float, float]:
    """Give the share of liked pairs that are in one cluster, and of disliked pairs that are in two.

    Parameters
    ----------
    clusters : array, shape (n,)
    like, dislike : int array, shape (p, 2)

    Returns
    -------
    liked, disliked : float
        NaN where there is no such pair.

    Raises
    ------
    IndexError
        When a pair names a sample that there is not.

    Examples
    --------
    >>> constraint_satisfaction([0, 0, 1], like=[(0, 1), (1, 2)], dislike=[(0, 2)])
    (0.5, 1.0)
    """
    clusters = np.asarray(clusters)
    together = [np.equal(*clusters[np.reshape(pairs, (-1, 2)).astype(np.int64).T]) for pairs in (like, dislike)]
    shares = [float(found.mean()) if len(found) else float("nan") for found in (together[0], ~together[1])]
    return shares[0], shares[1]


def _counts(classes, clusters):
    """Count the samples of each class in each cluster, shape (classes, clusters)."""
    classes, clusters = np.asarray(classes), np.asarray(clusters)
    if classes.ndim != 1 or classes.shape != clusters.shape or not len(classes):
        raise ValueError(
            f"classes and clusters must be one of each for every sample, got shapes {classes.shape}, {clusters.shape}"
        )
    (a, i), (b, j) = (np.unique(v, return_inverse=True) for v in (classes, clusters))
    return np.bincount(i * len(b) + j, minlength=len(a) * len(b)).reshape(len(a), len(b))


def _entropy(p):
    p = p[p > 0]
    return float(-(p * np.log(p)).sum())
