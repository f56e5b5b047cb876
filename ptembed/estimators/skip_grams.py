r"""Word vectors from sentences: skip-grams with negative samples, or triplets, by gradient steps on rows.

A word and one near it are a pair; words drawn by their frequency to the power 3/4 are its negatives. Skip-grams have a
second matrix for contexts (Mikolov et al., 2013, eq. 4),

.. math:: \log \sigma(w \cdot c) + \sum_k \log \sigma(-w \cdot n_k)

triplets take the same vectors on both sides. A step reads and writes the rows of a minibatch alone, and
a compiled call takes many steps. Sentences are read again in each epoch and never held together: memory is for
the vocabulary and for one block of words.

Read next: :mod:`ptembed.estimators.words`, :mod:`ptembed.train.block`.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Self

import numpy as np
import pytensor
import pytensor.tensor as pt
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import CountVectorizer

from ptembed import graphs, train
from ptembed.estimators.callbacks import told
from ptembed.estimators.compiled import Compiled
from ptembed.estimators.words import WordsMixin
from ptembed.factor.counts import subsampled
from ptembed.factor.vocabulary import blocks_of, vocabulary
from ptembed.kinds import Callback, Seed, Texts
from ptembed.user_warnings import warn_user

__all__ = ["WordVectors"]

WORDS = 500_000  # read before they are trained on
CALL = 100_000  # pairs of a compiled call
PARTS = (3, 6)  # letters of a part of a word
LOWEST = 1e-3  # of the learning rate, as a share of the first


class WordVectors(WordsMixin, Compiled, BaseEstimator):
    r"""Learn vectors of words from sentences.

    Parameters
    ----------
    n_components : int
        :math:`d`, the numbers of a vector.
    objective : {"skip-gram", "triplet"}
    window : int
        The largest distance of a pair; each word draws its own, from 1 to this.
    negatives : int
        Of each pair.
    subsample : float or None
        Threshold by which frequent words are thinned out; see :func:`ptembed.factor.counts.subsampled`.
    min_count, max_words : int
        Which words are in the vocabulary; ``max_words`` None: all.
    power : float
        Of the frequencies by which negatives are drawn.
    learning_rate : float
        :math:`\eta > 0`, of the first step; it falls linearly to nearly nothing.
    batch_size : int
        Pairs of a step; their gradients add.
    max_iter : int
        Epochs.
    warm_start : bool
        Whether ``fit`` goes on from the vectors that are there.
    callback : function or None
        Called after each epoch as ``callback(epoch, loss, seconds)``; training stops where it gives True.
    dtype : {"float32", "float64"}
    random_state : int, Generator or None

    Attributes
    ----------
    vectors_, contexts_ : arrays, shape (V, d)
        ``contexts_`` is None for triplets.
    vocabulary_ : dict of str to int
    words_ : list of str
    counts_ : array, shape (V,)
    losses_ : list of float
        The mean loss of a pair in each epoch.
    n_iter_ : int

    Notes
    -----
    An unseen word gets the average of the vectors of its parts, which are sequences of 3 to 6 letters; a part has the
    average of the words that it is in.

    Each ``fit`` has the learning rate fall from the first to nearly nothing, also with ``warm_start``; ``partial_fit``
    keeps it, and goes on from a pickle bit by bit as it would have without.

    Examples
    --------
    >>> texts = [["cat", "chases", "mouse"], ["dog", "chases", "cat"], ["sun", "and", "moon"], ["moon", "and", "star"]]
    >>> model = WordVectors(8, min_count=1, subsample=None, learning_rate=0.1, max_iter=100, random_state=0)
    >>> model = model.fit(texts)
    >>> model.similarity("sun", "star") > model.similarity("sun", "dog")
    True
    """

    def __init__(
        self,
        n_components: int = 100,
        *,
        objective: str = "skip-gram",
        window: int = 5,
        negatives: int = 5,
        subsample: float | None = 1e-3,
        min_count: int = 5,
        max_words: int | None = None,
        power: float = 0.75,
        learning_rate: float = 0.05,
        batch_size: int = 32,
        max_iter: int = 5,
        warm_start: bool = False,
        callback: Callback | None = None,
        dtype: str = "float32",
        random_state: Seed = None,
    ) -> None:
        self._keep(locals())

    def fit(self, X: Texts, y: Any = None) -> Self:
        """Learn from sentences.

        Parameters
        ----------
        X : iterable of lists of str
            Read once to count and once an epoch, so no generator.
        y : ignored

        Returns
        -------
        WordVectors

        Raises
        ------
        TypeError, ValueError
            When a sentence is no list of words, no word is frequent enough, or a parameter is out of range.
        """
        self._check(X)
        if not (self.warm_start and hasattr(self, "vectors_")):
            self._start(X)
        return self._train(X, self.max_iter)

    def partial_fit(self, X: Texts, y: Any = None) -> Self:
        """Learn from more sentences, one epoch at the first learning rate; the vocabulary is that of the first call."""
        self._check(X)
        if not hasattr(self, "vectors_"):
            self._start(X)
        return self._train(X, 1, falls=False)

    def _check(self, X):
        self._check_counts("n_components", "window", "negatives", "min_count", "batch_size", "max_iter")
        self._check_seed()
        self._check_choices(objective=("skip-gram", "triplet"), dtype=("float32", "float64"))
        self._check_positive("learning_rate")
        if isinstance(X, str | Iterator) or not isinstance(X, Iterable):
            kind = type(X).__name__
            raise TypeError(f"X must be sentences that can be read again in each epoch, got {kind}: give a list")

    def _start(self, X):
        self.vocabulary_, self.counts_ = vocabulary(X, self.min_count, self.max_words)
        self.words_ = list(self.vocabulary_)
        self._rng = np.random.default_rng(self.random_state)
        shape, two = (len(self.words_), self.n_components), self.objective == "skip-gram"
        width = 1 / (2 * self.n_components) if two else np.sqrt(0.03)
        self.vectors_ = self._rng.uniform(-width, width, shape).astype(self.dtype)
        self.contexts_ = np.zeros(shape, self.dtype) if two else None
        self.n_iter_, self.losses_ = 0, []
        self._forget()

    def _train(self, X, epochs, falls=True):
        model = self._model()
        negatives = train.Unigram(self.counts_, self._rng, power=self.power)
        keep = None if self.subsample is None else subsampled(self.counts_, self.subsample)
        words, done, stops = epochs * self.counts_.sum(), 0, told(self.callback, self.n_iter_)
        for t in range(epochs):
            loss = pairs = 0
            for tokens, offsets in blocks_of(X, self.vocabulary_, WORDS):
                near = self._pairs(tokens, offsets, keep)
                for part in np.array_split(near, max(1, len(near) // CALL)):
                    rate = self.learning_rate * max(1 - done / words, LOWEST) if falls else self.learning_rate
                    loss += model.steps(part, negatives, rate)
                    done += len(tokens) * len(part) / max(len(near), 1)
                pairs += len(near)
            if not pairs:
                warn_user("an epoch had no pairs of words: give more sentences, or thin out fewer words with subsample")
            self.losses_.append(loss / max(pairs, 1))
            self.n_iter_ += 1
            if stops(t, self.losses_[-1]):
                break
        self.vectors_, self.contexts_ = model.values()
        self._neighbours = self._parts = None
        return self

    def _pairs(self, tokens, offsets, keep):
        """Give the pairs of words within their windows, in random order: an array of shape (n, 2)."""
        text = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        if keep is not None:
            kept = self._rng.random(len(tokens)) < keep[tokens]
            tokens, text = tokens[kept], text[kept]
        reach, found = self._rng.integers(1, self.window + 1, len(tokens)), []
        for k in range(1, min(self.window, max(len(tokens) - 1, 0)) + 1):
            one, other, near = tokens[:-k], tokens[k:], text[:-k] == text[k:]
            for word, context, drawn in ((one, other, reach[:-k]), (other, one, reach[k:])):
                both = near & (drawn >= k)
                found.append(np.stack([word[both], context[both]], axis=1))
        return self._rng.permutation(np.concatenate(found).astype("int64")) if found else np.empty((0, 2), "int64")

    def _unseen(self, word):
        """Average the parts of a word that other words have too."""
        if getattr(self, "_parts", None) is None:
            self._parts = _Parts(self.words_, self.vectors_)
        found = self._parts.average(word)
        return super()._unseen(word) if found is None else found

    def _compile(self):
        return _Model(self)

    def __getstate__(self):
        return {name: value for name, value in super().__getstate__().items() if name != "_parts"}


class _Model:
    """The compiled steps of one estimator, and its matrices."""

    def __init__(self, estimator):
        self.size, self.draws = estimator.batch_size, estimator.negatives
        self.W = pytensor.shared(estimator.vectors_, name="W")
        self.C = None if estimator.contexts_ is None else pytensor.shared(estimator.contexts_, name="C")
        word, context, negatives = pt.lvector("word"), pt.lvector("context"), pt.lmatrix("negatives")
        rate = pt.scalar("rate", dtype=self.W.dtype)
        if self.C is None:
            read = [graphs.rows(self.W, word, context, negatives)]
            w, c, n = read[0].values
        else:
            read = [graphs.rows(self.W, word), graphs.rows(self.C, context, negatives)]
            w, (c, n) = (part.values for part in read)
        far = pt.softplus((w[:, None, :] * n).sum(axis=-1)).sum(axis=-1)
        loss = (pt.softplus(-(w * c).sum(axis=-1)) + far).sum()
        updates = {}
        for part in read:
            updates.update(graphs.sgd(loss, part, rate))
        self.block = train.block([word, context, negatives], loss, updates, fixed=[rate])

    def steps(self, pairs, negatives, rate):
        """Take the steps of these pairs; gives the sum of their losses."""
        whole, total = len(pairs) // self.size * self.size, 0.0
        for part, size in ((pairs[:whole], self.size), (pairs[whole:], len(pairs) - whole)):
            if len(part):
                drawn = negatives((len(part) // size, size, self.draws))
                stacks = part.reshape(-1, size, 2)
                losses = self.block(stacks[..., 0], stacks[..., 1], drawn, np.asarray(rate, self.W.dtype))
                total += float(losses.sum())
        return total

    def values(self):
        return self.W.get_value(), None if self.C is None else self.C.get_value()


class _Parts:
    """Parts of words, as long as PARTS, each with the average of the words that it is in."""

    def __init__(self, words, vectors):
        self.counter = CountVectorizer(analyzer="char_wb", ngram_range=PARTS, binary=True, dtype=vectors.dtype)
        found = self.counter.fit_transform(words)
        self.vectors = found.T @ vectors / np.maximum(found.sum(axis=0).A1[:, None], 1)

    def average(self, word):
        found = self.counter.transform([word])
        return (found @ self.vectors)[0] / found.nnz if found.nnz else None
