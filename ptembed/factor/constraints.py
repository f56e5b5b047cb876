r"""Pairs of samples that belong together, or apart, as one sparse matrix W = W_like - W_dislike.

A pair (i, j) with the weight w stands at (i, j) and at (j, i), as w or as -w; given several times, it adds up. There
may be any number of pairs: p of them take O(p log p) time and O(p) memory.

Random pairs of samples in k classes are dislikes k - 1 times out of k. In what is spread over a graph (see
:mod:`ptembed.factor.affinity`) such a majority would cover the whole matrix; so both kinds are given the same sum.

Read next: :mod:`ptembed.factor.affinity`, :mod:`ptembed.factor.constrained`.
"""

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike
from scipy.sparse.csgraph import connected_components

from ptembed.kinds import Matrix, Seed

__all__ = ["constraint_matrix", "pairs_of_labels"]


def constraint_matrix(
    n: int,
    like: Any = (),
    dislike: Any = (),
    like_weights: ArrayLike | None = None,
    dislike_weights: ArrayLike | None = None,
    *,
    balanced: bool = True,
    transitive: bool = False,
    dtype: str = "float32",
) -> Matrix:
    """Give W = W_like - W_dislike.

    Parameters
    ----------
    n : int
        How many samples there are.
    like, dislike : int array, shape (p, 2)
        Pairs of their numbers, from 0 on.
    like_weights, dislike_weights : array, shape (p,), optional
        Positive; 1 each by default.
    balanced : bool
        Divide the weights of likes and of dislikes by their sums, and multiply them so that all absolute values add up
        to what they did; nothing happens where there is one kind alone.
    transitive : bool
        Whether likes of likes are likes: then a dislike between samples that are connected by likes contradicts them.
    dtype : {"float32", "float64"}

    Returns
    -------
    csr_array, shape (n, n)
        Symmetric, each place once.

    Raises
    ------
    TypeError
        When pairs are no integers.
    ValueError
        When a pair is out of range or names one sample twice, when a weight is not positive and finite, or when a pair
        is both liked and disliked; the error names the pair.

    Examples
    --------
    >>> constraint_matrix(3, like=[(0, 1)], dislike=[(2, 1)]).toarray()
    array([[ 0.,  1.,  0.],
           [ 1.,  0., -1.],
           [ 0., -1.,  0.]], dtype=float32)
    """
    like, dislike = _pairs(like, n, "like"), _pairs(dislike, n, "dislike")
    a = _weights(like_weights, len(like), "like_weights")
    b = _weights(dislike_weights, len(dislike), "dislike_weights")
    _check_contradictions(like, dislike, n, transitive)
    if balanced and len(a) and len(b):
        total = a.sum() + b.sum()
        a, b = a * (total / 2 / a.sum()), b * (total / 2 / b.sum())
    (i, j), values = np.concatenate([like, dislike]).T, np.concatenate([a, -b])
    both = np.concatenate([i, j]), np.concatenate([j, i])
    return sp.csr_array(sp.coo_array((np.tile(values, 2).astype(dtype), both), shape=(n, n)))


def pairs_of_labels(y: Any, n_pairs: Any, seed: Seed = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw pairs of samples whose labels are known: alike where the labels are, not alike elsewhere.

    Parameters
    ----------
    y : int array, shape (n,)
        A label each; -1 where it is not known.
    n_pairs : int
        At most as many of each kind, drawn at random and each given once.
    seed : int or numpy.random.Generator

    Returns
    -------
    like, dislike : int64 arrays, shapes (p, 2) and (q, 2)
        ``i < j`` in each pair.

    Raises
    ------
    ValueError
        When less than two labels are known.

    Examples
    --------
    >>> like, dislike = pairs_of_labels([0, 0, -1, 1], 10)
    >>> like.tolist(), sorted(dislike.tolist())
    ([[0, 1]], [[0, 3], [1, 3]])
    """
    y, rng = np.asarray(y), np.random.default_rng(seed)
    known = np.flatnonzero(y >= 0)
    if len(known) < 2:
        raise ValueError(f"y must have at least two labels from 0 on, got {len(known)}: -1 stands for an unknown one")
    order = known[np.argsort(y[known], kind="stable")]
    counts = np.unique(y[known], return_counts=True)[1]
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    sizes = np.repeat(counts, counts)
    first = rng.choice(len(known), 4 * n_pairs, p=(sizes - 1) / max((sizes - 1).sum(), 1)) if sizes.max() > 1 else []
    second = starts[first] + (rng.random(len(first)) * sizes[first]).astype(np.int64)
    like = _distinct(order[first], order[second], n_pairs, len(y))
    i, j = known[rng.integers(0, len(known), (2, 4 * n_pairs))]
    apart = y[i] != y[j]
    return like, _distinct(i[apart], j[apart], n_pairs, len(y))


def _distinct(i, j, n_pairs, n):
    """Give the first ``n_pairs`` distinct pairs of different samples, the smaller number first."""
    i, j = np.minimum(i, j).astype(np.int64), np.maximum(i, j).astype(np.int64)
    keys = (i * n + j)[i != j]
    first = np.sort(np.unique(keys, return_index=True)[1])[:n_pairs]
    return np.stack(np.divmod(keys[first], n), axis=1)


def _pairs(pairs, n, name):
    pairs = np.asarray(pairs)
    if pairs.size == 0:
        return np.zeros((0, 2), np.int64)
    if pairs.dtype.kind not in "iu":
        raise TypeError(f"{name} must be pairs of integers, got {pairs.dtype}: give the numbers of two samples each")
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        raise ValueError(f"{name} must have shape (pairs, 2), got {pairs.shape}: give the numbers of two samples each")
    outside = (pairs < 0) | (pairs >= n)
    if outside.any():
        wrong = pairs[outside.any(axis=1)][0].tolist()
        raise ValueError(f"{name} must hold numbers from 0 to {n - 1}, got the pair {tuple(wrong)}: remove it")
    same = pairs[:, 0] == pairs[:, 1]
    if same.any():
        raise ValueError(f"{name} must be pairs of two different samples, got {tuple(pairs[same][0].tolist())}")
    return pairs.astype(np.int64)


def _weights(weights, p, name):
    if weights is None:
        return np.ones(p)
    weights = np.asarray(weights, np.float64)
    if weights.shape != (p,):
        raise ValueError(f"{name} must be {p} numbers, one for each pair, got shape {weights.shape}")
    if not ((weights > 0) & (weights < np.inf)).all():
        wrong = np.flatnonzero(~((weights > 0) & (weights < np.inf)))[0]
        raise ValueError(f"{name} must be positive and finite, got {weights[wrong]} at {wrong}: leave such a pair out")
    return weights


def _check_contradictions(like, dislike, n, transitive):
    if not len(like) or not len(dislike):
        return
    keys = [np.sort(pairs, axis=1) @ np.array([n, 1]) for pairs in (like, dislike)]
    wrong = np.isin(keys[1], keys[0])
    if wrong.any():
        pair = tuple(dislike[wrong][0].tolist())
        raise ValueError(f"a pair must not be both liked and disliked, got {pair} in like and in dislike: remove one")
    if transitive:
        graph = sp.coo_array((np.ones(len(like), bool), tuple(like.T)), shape=(n, n))
        _, of = connected_components(graph, directed=False)
        wrong = of[dislike[:, 0]] == of[dislike[:, 1]]
        if wrong.any():
            pair = tuple(dislike[wrong][0].tolist())
            raise ValueError(f"a disliked pair must not be connected by likes, got {pair}: remove it, or one of these")
