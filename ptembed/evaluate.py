"""Scores of vectors, clusters and classes: how good is what was trained.

Read next: :mod:`ptembed.io.judgements`.
"""

import numpy as np
from scipy.stats import spearmanr

from ptembed.factor.neighbours import Neighbours, unit_rows

__all__ = ["analogies", "neighbour_overlap", "word_similarity"]

BLOCK = 1000  # analogies answered at once


def word_similarity(words, E, pairs):
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


def analogies(words, E, questions):
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


def neighbour_overlap(E, F, k=10, rows=None):
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
