r"""Word vectors from the words that occur together: counts, weights, and factors of these.

Texts are counted (:mod:`ptembed.factor.counts`), counts weighed by PPMI (:mod:`ptembed.factor.weights`), and the
weights factored: by a truncated SVD, whose vectors are dense and the better ones, or by non-negative factors, which are
sparse and can be read, each component being a topic. Or they are left as they are, sparse rows of the vocabulary's
length.

Read next: :mod:`ptembed.estimators.words`, :mod:`ptembed.estimators.sparse_nmf`.
"""

from collections.abc import Iterable
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from ptembed.estimators.callbacks import told
from ptembed.estimators.parameters import Parameters
from ptembed.estimators.words import WordsMixin
from ptembed.factor.counts import cooccurrences, subsampled
from ptembed.factor.nmf import nmf
from ptembed.factor.nmf_starts import randomized_svd
from ptembed.factor.products import SparseProducts
from ptembed.factor.vocabulary import numbered
from ptembed.factor.weights import back_off, discounted, ppmi
from ptembed.kinds import Callback, Seed, Texts

__all__ = ["CooccurrenceVectors"]

FACTORS = ("svd", "nmf", None)


class CooccurrenceVectors(WordsMixin, Parameters, BaseEstimator):
    """Learn vectors of words, and give texts as averages of them.

    Parameters
    ----------
    n_components : int
        Numbers of a vector; at most the size of the vocabulary.
    factors : {"svd", "nmf"} or None
        None: the weights themselves, sparse.
    window : int or None
        The largest distance of two words; None: they are in one text.
    distance : {"flat", "harmonic", "linear"} or array
        See :func:`ptembed.factor.counts.distance_weights`.
    subsample : float or None
        Threshold by which frequent words are thinned out; see :func:`ptembed.factor.counts.subsampled`.
    min_count, max_words : int
        Which words are in the vocabulary; None: all.
    min_pairs : float
        Pairs of words that occur fewer times are left out.
    shift, power, smoothing : float
        Of :func:`ptembed.factor.weights.ppmi`.
    discount : float
        Pairs of words that occur that often are halved, :func:`ptembed.factor.weights.discounted`; 0: none.
    back_off : float
        Words that occur that often take half of the counts within whole texts; 0: none.
    eigen_power : float
        Columns of the SVD are multiplied by their singular value to this power.
    max_iter : int
        Of the non-negative factors.
    root : bool
        Whether non-negative vectors are the square roots of the factors, which compares them by Hellinger's distance.
    callback : function or None
        Called after each iteration of the non-negative factors as ``callback(epoch, loss, seconds)``; they stop where
        it gives True.
    n_threads : int
    random_state : int or None

    Attributes
    ----------
    vectors_ : array, shape (V, n_components), or csr_array, shape (V, V)
    vocabulary_ : dict of str to int
    words_ : list of str
    counts_ : array, shape (V,)
    contexts_ : array, shape (V, n_components)
        The other factor of "nmf": what each topic says of each context.

    Notes
    -----
    There is no ``partial_fit`` and no ``warm_start``: what is learnt are factors of the counts of all texts, so that
    more texts are counted with the others, and fitted anew. The questions to the words are those of
    :class:`ptembed.estimators.words.WordsMixin`.

    Examples
    --------
    >>> texts = [["cat", "mouse"], ["cat", "dog"], ["sun", "moon"], ["moon", "star"]]
    >>> model = CooccurrenceVectors(2, random_state=0).fit(texts)
    >>> [word for word, _ in model.most_similar("mouse", 1)]
    ['dog']
    """

    def __init__(
        self,
        n_components: int = 100,
        *,
        factors: str | None = "svd",
        window: int | None = 5,
        distance: str | ArrayLike = "flat",
        subsample: float | None = None,
        min_count: int = 1,
        max_words: int | None = None,
        min_pairs: float = 0.0,
        shift: float = 1.0,
        power: float = 0.75,
        smoothing: float = 0.0,
        discount: float = 0.0,
        back_off: float = 0.0,
        eigen_power: float = 0.0,
        max_iter: int = 40,
        root: bool = False,
        callback: Callback | None = None,
        n_threads: int = 1,
        random_state: Seed = None,
    ) -> None:
        self._keep(locals())

    def fit(self, X: Texts, y: Any = None) -> Self:
        """Learn the vectors of the words of texts.

        Parameters
        ----------
        X : list of lists of str
        y : ignored

        Returns
        -------
        CooccurrenceVectors

        Raises
        ------
        TypeError, ValueError
            When a text is no list of words, or a parameter is out of range.
        """
        self._check_counts("n_components", "min_count", "max_iter", "n_threads")
        self._check_choices(factors=FACTORS)
        self._check_seed()
        if not isinstance(X, Iterable):
            raise TypeError(f"X must be texts, each a list of words, got {type(X).__name__}: give a list of lists")
        self.vocabulary_, self.counts_, *arrays = numbered(X, self.min_count, self.max_words)
        self.words_ = list(self.vocabulary_)
        weights = ppmi(self._counted(arrays), self.shift, self.power, self.smoothing)
        self.vectors_, self.contexts_ = self._factored(weights)
        self._neighbours = None
        return self

    def topics(self, n_words: int = 10) -> list[list[str]]:
        """Give the words of each component of "nmf", those it weighs most first: a list of lists of str."""
        check_is_fitted(self)
        if self.factors != "nmf":
            raise ValueError(f"topics are the components of factors='nmf', got factors={self.factors!r}")
        order = np.argsort(-self.vectors_, axis=0, kind="stable")[:n_words]
        return [[self.words_[i] for i in column] for column in order.T]

    def _counted(self, arrays):
        V, seed = len(self.words_), 0 if self.random_state is None else self.random_state
        keep = None if self.subsample is None else subsampled(self.counts_, self.subsample)
        options = {"keep": keep, "seed": seed}
        X = cooccurrences(arrays, V, window=self.window, distance=self.distance, min_pairs=self.min_pairs, **options)
        if self.back_off:
            X = back_off(X, cooccurrences(arrays, V, window=None, **options), self.back_off)
        X.setdiag(0)  # that a word occurs near itself says nothing of what it means
        X.eliminate_zeros()
        return discounted(X, 1.0, self.discount) if self.discount else X

    def _factored(self, weights):
        if self.factors is None:
            return weights, None
        if self.factors == "nmf":
            options = {
                "start": "random",
                "max_iter": self.max_iter,
                "seed": self.random_state,
                "n_threads": self.n_threads,
                "callback": told(self.callback),
            }
            W, H, _ = nmf(weights, self.n_components, **options)
            W *= np.linalg.norm(H, axis=0)  # else a component's share is hidden in the scale of the other factor
            return (np.sqrt(W) if self.root else W), H
        products, rng = SparseProducts(weights, self.n_threads), np.random.default_rng(self.random_state)
        U, S, _ = randomized_svd(products, min(self.n_components, len(self.words_)), rng)
        return (U * S**self.eigen_power).astype(weights.dtype), None
