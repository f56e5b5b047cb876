"""Ids for blocks of steps.

A sampler is made from data and a seed, and is called with a shape to give the next int64 array of it: ``(steps,
batch)`` for a block of minibatches, ``(steps,)`` for one id a step, any other shape too. The first axis counts the
steps. Two samplers of one seed give the same ids for the same calls.

With ``distinct=True`` no id occurs twice within a step, which lets a step skip the search for repeats
(``rows(W, idx, distinct=True)``). Uniform ids are drawn without replacement, :math:`O(k)` a step or :math:`O(n)` for
a large part of all ids; others by drawing again what repeats, which takes the longer the closer a step comes to all
ids that have a chance.

Read next: :mod:`ptembed.train.block`.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ptembed.kinds import Seed
from ptembed.train.alias import AliasTable

__all__ = ["ClassBalanced", "Triplets", "Uniform", "Unigram", "Weighted"]

ROUNDS = 1000  # of drawing repeats again, before the weights are too uneven to go on


class Uniform:
    """Ids ``0 .. n - 1``, all alike.

    Parameters
    ----------
    n : int
    seed : int or numpy.random.Generator
    distinct : bool
        No id twice within a step.

    Raises
    ------
    ValueError
        When ``n`` is not positive; at a call, when a step asks for more distinct ids than there are.

    Examples
    --------
    >>> Uniform(10, seed=0)((2, 3))
    array([[8, 6, 5],
           [2, 3, 0]])
    >>> sorted(Uniform(4, seed=0, distinct=True)((1, 4))[0].tolist())
    [0, 1, 2, 3]
    """

    def __init__(self, n: int, seed: Seed = None, *, distinct: bool = False) -> None:
        if n < 1:
            raise ValueError(f"n must be at least 1, got {n}")
        self.n, self.distinct = int(n), distinct
        self.rng = np.random.default_rng(seed)

    def __call__(self, shape: int | tuple[int, ...]) -> np.ndarray:
        whole = _shape(shape)
        if not self.distinct:
            return self.rng.integers(self.n, size=whole)
        size = _ids_a_step(whole)
        _check_room(size, self.n)
        ids = [self.rng.choice(self.n, size, replace=False) for _ in range(whole[0])]
        return np.array(ids, "int64").reshape(whole)


class Weighted:
    """Ids by their weights, from an alias table.

    Parameters
    ----------
    weights : array, shape (n,)
        Not negative, not all zero.
    seed : int or numpy.random.Generator
    distinct : bool
        No id twice within a step: of each repeat, the first is kept and the others are drawn again.

    Raises
    ------
    ValueError
        See :class:`ptembed.train.alias.AliasTable`; at a call, when a step asks for more distinct ids than have a
        weight, or when the weights are so uneven that they are not found by drawing.

    Examples
    --------
    >>> Weighted([0, 1, 1], seed=0)((2, 4))
    array([[1, 1, 1, 2],
           [2, 2, 2, 2]])
    """

    def __init__(self, weights: ArrayLike, seed: Seed = None, *, distinct: bool = False) -> None:
        self.table, self.distinct = AliasTable(weights), distinct
        self.possible = int(np.count_nonzero(weights))
        self.rng = np.random.default_rng(seed)

    def __call__(self, shape: int | tuple[int, ...]) -> np.ndarray:
        whole = _shape(shape)
        ids = self.table.draw(self.rng, whole)
        if not self.distinct:
            return ids
        _check_room(_ids_a_step(whole), self.possible)
        return self._without_repeats(ids.reshape(whole[0], _ids_a_step(whole))).reshape(whole)

    def _without_repeats(self, ids):
        for _ in range(ROUNDS):
            again = _repeats(ids)
            if not again.any():
                return ids
            ids[again] = self.table.draw(self.rng, int(again.sum()))
        raise ValueError(
            f"{ids.shape[1]} distinct ids a step must be likely by their weights, got none after {ROUNDS} rounds: "
            f"take smaller steps or more even weights"
        )


class Unigram(Weighted):
    r"""Negatives by word counts to a power: :math:`P(w) \propto \mathrm{count}(w)^{3/4}`.

    Parameters
    ----------
    counts : array, shape (n,)
        How often each id occurs.
    seed : int or numpy.random.Generator
    power : float
        3/4 as in Mikolov et al. (2013), Distributed representations of words and phrases, section 2.2.
    distinct : bool
        See :class:`Weighted`.

    Examples
    --------
    >>> Unigram([16, 1, 0], seed=0).table.probabilities()
    array([0.88888889, 0.11111111, 0.        ])
    """

    def __init__(self, counts: ArrayLike, seed: Seed = None, *, power: float = 0.75, distinct: bool = False) -> None:
        counts = np.asarray(counts, "float64")
        super().__init__(np.where(counts > 0, np.abs(counts) ** power, counts), seed, distinct=distinct)


class Triplets:
    """Triples (reference, positive, negative): a pair of the data, and a negative from a sampler.

    Parameters
    ----------
    pairs : int array, shape (n, 2)
        Reference and positive.
    negatives : sampler
        Called with a shape; :class:`Uniform` or :class:`Unigram`. Its seed is its own.
    seed : int or numpy.random.Generator
        For the choice of pairs.

    Raises
    ------
    TypeError
        When the pairs are no integers.
    ValueError
        When they are not of shape (n, 2) with at least one row.

    Notes
    -----
    A call with shape ``(steps, batch)`` gives ``(steps, batch, 3)``. A negative may happen to be a positive: as often
    as chance has it, which costs nothing to leave in.

    Examples
    --------
    >>> Triplets([[0, 1], [2, 3]], Uniform(10, seed=0), seed=1)((1, 2))
    array([[[0, 1, 8],
            [2, 3, 6]]])
    """

    def __init__(self, pairs: ArrayLike, negatives: Callable[..., np.ndarray], seed: Seed = None) -> None:
        pairs = np.asarray(pairs)
        if pairs.ndim != 2 or pairs.shape[1] != 2 or not len(pairs):
            raise ValueError(f"pairs must have shape (n, 2) with n at least 1, got {pairs.shape}")
        if pairs.dtype.kind not in "iu":
            raise TypeError(f"pairs must be integers, got {pairs.dtype}: convert them with .astype('int64')")
        self.pairs, self.negatives = pairs.astype("int64"), negatives
        self.rng = np.random.default_rng(seed)

    def __call__(self, shape: int | tuple[int, ...]) -> Any:
        whole = _shape(shape)
        chosen = self.pairs[self.rng.integers(len(self.pairs), size=whole)]
        return np.concatenate([chosen, self.negatives(whole)[..., None]], axis=-1)


class ClassBalanced:
    """Examples of each class alike, however many there are of it.

    Parameters
    ----------
    labels : array, shape (n,)
        The class of each example; any values that can be sorted.
    seed : int or numpy.random.Generator
    distinct : bool
        No example twice within a step.

    Raises
    ------
    ValueError
        When there are no labels, or they are no vector.

    Examples
    --------
    >>> labels = ["rare", "often", "often", "often"]
    >>> np.bincount(ClassBalanced(labels, seed=0)((1000,)), minlength=4)
    array([479, 156, 192, 173])
    """

    def __init__(self, labels: ArrayLike, seed: Seed = None, *, distinct: bool = False) -> None:
        labels = np.asarray(labels)
        if labels.ndim != 1 or not len(labels):
            raise ValueError(f"labels must be a vector of at least one, got shape {labels.shape}")
        _, classes, counts = np.unique(labels, return_inverse=True, return_counts=True)
        self.sampler = Weighted(1 / counts[classes], seed, distinct=distinct)

    def __call__(self, shape: int | tuple[int, ...]) -> np.ndarray:
        return self.sampler(shape)


def _shape(shape):
    shape = (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
    if not shape or any(size < 0 for size in shape):
        raise ValueError(f"shape must begin with the number of steps, none of it negative, got {shape}")
    return shape


def _ids_a_step(shape):
    return math.prod(shape[1:])


def _check_room(size, possible):
    if size > possible:
        raise ValueError(f"a step must not ask for more distinct ids than there are, {possible}, got {size}")


def _repeats(ids):
    """Mark, in each row of ``ids``, what has occurred in it before."""
    order = np.argsort(ids, axis=1, kind="stable")
    ordered = np.take_along_axis(ids, order, axis=1)
    again = np.zeros(ids.shape, bool)
    np.put_along_axis(again, order[:, 1:], ordered[:, 1:] == ordered[:, :-1], axis=1)
    return again
