"""What can be asked of words with vectors: the nearest, how alike two are, analogies, and texts as averages.

Read next: :mod:`ptembed.estimators.skip_grams`.
"""

import numpy as np
import scipy.sparse as sp
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from ptembed.factor.neighbours import Neighbours, document_vectors, unit_rows
from ptembed.factor.vocabulary import token_arrays
from ptembed.kinds import Matrix, Texts

__all__ = ["WordsMixin"]


class WordsMixin(ClassNamePrefixFeaturesOutMixin, TransformerMixin):
    """The questions to an estimator of texts that has ``vectors_``, ``words_``, ``vocabulary_`` and ``counts_``.

    A class may have a method ``_unseen``, which gives the vector of a word that is not in the vocabulary.
    """

    def vector(self, word: str) -> Matrix:
        """Give the vector of a word.

        Returns
        -------
        array, shape (d,), or csr_array, shape (1, d)

        Raises
        ------
        KeyError
            When the word is not in the vocabulary, and is not made of parts that are.
        """
        check_is_fitted(self)
        if word in self.vocabulary_:
            number = self.vocabulary_[word]
            return self.vectors_[[number]] if sp.issparse(self.vectors_) else self.vectors_[number]
        return self._unseen(word)

    def similarity(self, word: str, other: str) -> float:
        """Give the cosine of two words.

        Returns
        -------
        float
            From -1 to 1; 0 where a vector is zero.
        """
        one, two = (unit_rows(_row(self.vector(w))) for w in (word, other))
        product = one @ two.T
        return float(product.toarray()[0, 0] if sp.issparse(product) else product[0, 0])

    def most_similar(self, word: str, k: int = 10) -> list[tuple[str, float]]:
        """Give the nearest words by the cosine, the word itself left out.

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
            When the word has no vector.
        """
        return self._nearest(_row(self.vector(word)), {word}, k)

    def analogy(self, a: str, b: str, c: str, k: int = 1) -> list[tuple[str, float]]:
        """Give the words that are to ``c`` as ``b`` is to ``a``: those nearest to b - a + c (Mikolov et al., 2013).

        Examples
        --------
        ``model.analogy("man", "king", "woman")`` hopes for ``[("queen", ...)]``.
        """
        x, y, z = (unit_rows(_row(self.vector(word))) for word in (a, b, c))
        return self._nearest(y - x + z, {a, b, c}, k)

    def transform(self, X: Texts) -> Matrix:
        """Give texts as averages of their words' vectors, weighed by inverse document frequency.

        Parameters
        ----------
        X : list of lists of str
            Words without a vector are passed over.

        Returns
        -------
        array, shape (m, d), or csr_array where the vectors are sparse
        """
        check_is_fitted(self)
        tokens, offsets = token_arrays(X, self.vocabulary_)
        counts = sp.csr_array((np.ones(len(tokens), "float32"), tokens, offsets), (len(offsets) - 1, len(self.words_)))
        counts.sum_duplicates()
        rarity = np.log(1 + self.counts_.sum() / self.counts_)
        return document_vectors(counts, self.vectors_, rarity)

    @property
    def _n_features_out(self):
        return self.vectors_.shape[1]

    def _unseen(self, word):
        raise KeyError(f"{word!r} must be in the vocabulary of {len(self.words_)} words: lower min_count")

    def _nearest(self, query, asked, k):
        if getattr(self, "_neighbours", None) is None:
            self._neighbours = Neighbours(self.vectors_)
        numbers, cosines = self._neighbours.near(query, k + len(asked))
        found = [(self.words_[i], float(c)) for i, c in zip(numbers[0], cosines[0], strict=True)]
        return [pair for pair in found if pair[0] not in asked][:k]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        return tags

    def __getstate__(self):
        return {name: value for name, value in super().__getstate__().items() if name != "_neighbours"}


def _row(vector):
    return vector if sp.issparse(vector) else vector[None, :]
