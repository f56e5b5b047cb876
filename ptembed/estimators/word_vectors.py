r"""Word vectors from the words that occur together: counts, weights, and factors of these.

Texts are counted (:mod:`ptembed.factor.counts`), counts weighed by PPMI (:mod:`ptembed.factor.weights`), and the
weights factored: by a truncated SVD, whose vectors are dense and the better ones, or by non-negative factors, which are
sparse and can be read, each component being a topic. Or they are left as they are, sparse rows of the vocabulary's
length.

Read next: :mod:`ptembed.factor.neighbours`, :mod:`ptembed.estimators.sparse_nmf`.
"""

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from ptembed.factor.counts import cooccurrences, subsampled
from ptembed.factor.neighbours import Neighbours, document_vectors
from ptembed.factor.nmf import nmf
from ptembed.factor.nmf_starts import randomized_svd
from ptembed.factor.products import SparseProducts
from ptembed.factor.vocabulary import numbered, token_arrays
from ptembed.factor.weights import back_off, discounted, ppmi

__all__ = ["CooccurrenceVectors"]

FACTORS = ("svd", "nmf", None)


class CooccurrenceVectors(TransformerMixin, BaseEstimator):
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

    Examples
    --------
    >>> texts = [["cat", "mouse"], ["cat", "dog"], ["sun", "moon"], ["moon", "star"]]
    >>> model = CooccurrenceVectors(2, random_state=0).fit(texts)
    >>> [word for word, _ in model.most_similar("mouse", 1)]
    ['dog']
    """

    def __init__(
        self, n_components=100, *, factors="svd", window=5, distance="flat", subsample=None, min_count=1,
        max_words=None, min_pairs=0.0, shift=1.0, power=0.75, smoothing=0.0, discount=0.0, back_off=0.0,
        eigen_power=0.0, max_iter=40, root=False, n_threads=1, random_state=None,
    ):  # fmt: skip
        self.n_components = n_components
        self.factors = factors
        self.window = window
        self.distance = distance
        self.subsample = subsample
        self.min_count = min_count
        self.max_words = max_words
        self.min_pairs = min_pairs
        self.shift = shift
        self.power = power
        self.smoothing = smoothing
        self.discount = discount
        self.back_off = back_off
        self.eigen_power = eigen_power
        self.max_iter = max_iter
        self.root = root
        self.n_threads = n_threads
        self.random_state = random_state

    def fit(self, X, y=None):
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
        if self.factors not in FACTORS:
            raise ValueError(f"factors must be one of {FACTORS}, got {self.factors!r}")
        self.vocabulary_, self.counts_, *arrays = numbered(X, self.min_count, self.max_words)
        self.words_ = list(self.vocabulary_)
        weights = ppmi(self._counted(arrays), self.shift, self.power, self.smoothing)
        self.vectors_, self.contexts_ = self._factored(weights)
        self._neighbours = None
        return self

    def transform(self, X):
        """Give texts as averages of their words' vectors, weighed by inverse document frequency; sparse for None."""
        check_is_fitted(self)
        tokens, offsets = token_arrays(X, self.vocabulary_)
        counts = sp.csr_array((np.ones(len(tokens), "float32"), tokens, offsets), (len(offsets) - 1, len(self.words_)))
        counts.sum_duplicates()
        rarity = np.log(1 + self.counts_.sum() / self.counts_)
        return document_vectors(counts, self.vectors_, rarity)

    def most_similar(self, word, k=10):
        """Give the nearest words by the cosine.

        Parameters
        ----------
        word : str
        k : int

        Returns
        -------
        list of (str, float)

        Raises
        ------
        KeyError
            When the word is not in the vocabulary.
        """
        check_is_fitted(self)
        if word not in self.vocabulary_:
            raise KeyError(f"{word!r} must be in the vocabulary of {len(self.words_)} words: lower min_count")
        if self._neighbours is None:
            self._neighbours = Neighbours(self.vectors_)
        numbers, cosines = self._neighbours.of([self.vocabulary_[word]], k)
        return [(self.words_[i], float(c)) for i, c in zip(numbers[0], cosines[0], strict=True)]

    def topics(self, n_words=10):
        """Give the words of each component of "nmf", those it weighs most first: a list of lists of str."""
        check_is_fitted(self)
        if self.factors != "nmf":
            raise ValueError(f"topics are the components of factors='nmf', got factors={self.factors!r}")
        order = np.argsort(-self.vectors_, axis=0, kind="stable")[:n_words]
        return [[self.words_[i] for i in column] for column in order.T]

    def __getstate__(self):
        return {name: value for name, value in super().__getstate__().items() if name != "_neighbours"}

    def __setstate__(self, state):
        super().__setstate__(state)
        self._neighbours = None

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
            }
            W, H, _ = nmf(weights, self.n_components, **options)
            W *= np.linalg.norm(H, axis=0)  # else a component's share is hidden in the scale of the other factor
            return (np.sqrt(W) if self.root else W), H
        products, rng = SparseProducts(weights, self.n_threads), np.random.default_rng(self.random_state)
        U, S, _ = randomized_svd(products, min(self.n_components, len(self.words_)), rng)
        return (U * S**self.eigen_power).astype(weights.dtype), None
