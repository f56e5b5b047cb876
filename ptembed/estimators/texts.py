"""Texts and their memories as arrays, checked: what estimators turn their data into.

Read next: :mod:`ptembed.estimators.bag_classifier`.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import validate_data

from ptembed.factor.vocabulary import token_arrays, vocabulary
from ptembed.graphs.inputs import sparse_data

__all__ = ["Bags", "Entries", "bags_of", "checked", "entries_of", "is_matrix", "vocabulary_of"]


class Bags(NamedTuple):
    """Texts as ids and offsets, with a weight for each token."""

    ids: np.ndarray
    offsets: np.ndarray
    weights: np.ndarray

    def __len__(self):
        return len(self.offsets) - 1

    def take(self, order: np.ndarray) -> "Bags":
        """Give the texts of these numbers, in this order."""
        places, offsets = _places(self.offsets, order)
        return Bags(self.ids[places], offsets, self.weights[places])


class Entries(NamedTuple):
    """Entries of a memory, text after text."""

    triples: np.ndarray
    offsets: np.ndarray

    def take(self, order: np.ndarray) -> "Entries":
        """Give those of the texts of these numbers, in this order."""
        places, offsets = _places(self.offsets, order)
        return Entries(self.triples[places], offsets)


def _places(offsets, order):
    lengths = np.diff(offsets)[order]
    ends = np.concatenate([[0], np.cumsum(lengths)])
    return np.repeat(offsets[:-1][order] - ends[:-1], lengths) + np.arange(ends[-1]), ends


def is_matrix(X: Any) -> bool:
    """Tell a matrix of texts x tokens, sparse or dense, from lists of tokens.

    Examples
    --------
    >>> is_matrix(np.eye(2)), is_matrix([["a", "b"], ["b"]])
    (True, False)
    """
    if issparse(X):
        return True
    array = np.asarray(X) if hasattr(X, "__array__") else None
    return array is not None and (array.ndim != 1 or array.dtype != object)


def checked(estimator: Any, X: Any, reset: Any) -> Any:
    """Check a matrix as scikit-learn does, and give it in CSR form; lists of tokens as they are.

    Parameters
    ----------
    estimator : estimator
        With ``dtype``, and with ``vocabulary_`` where it is fitted.
    X : list of lists of tokens, or matrix
    reset : bool
        Whether it is fitted anew, to any features.
    """
    if not is_matrix(X) or (not reset and estimator.vocabulary_ is not None):
        return X
    return sparse_data(validate_data(estimator, X, reset=reset, accept_sparse="csr", dtype=estimator.dtype))


def vocabulary_of(texts: Any, min_count: int = 1) -> dict[str, int]:
    """Number the tokens of texts; see :func:`ptembed.factor.vocabulary.vocabulary`.

    Examples
    --------
    >>> vocabulary_of([["a", "b"], ["b"]])
    {'b': 0, 'a': 1}
    """
    _check_texts(texts)
    return vocabulary(texts, min_count)[0]


def bags_of(X: Any, vocabulary: Any, n_features: Any, dtype: Any) -> Bags:
    """Give texts, or the rows of a sparse matrix, as :class:`Bags`; tokens out of the vocabulary are left out.

    Raises
    ------
    TypeError
        When the texts are of another kind than those that were learnt.
    ValueError
        When the matrix has other features.
    """
    if vocabulary is None:
        if not hasattr(X, "tocsr"):
            raise TypeError(f"X must be a sparse matrix, as it was in fit, got {type(X).__name__}")
        X = sparse_data(X, dtype, n_features)
        return Bags(X.indices.astype("int64"), X.indptr.astype("int64"), X.data)
    _check_texts(X)
    tokens, offsets = token_arrays(X, vocabulary)
    return Bags(tokens.astype("int64"), offsets, np.ones(len(tokens), dtype))


def entries_of(memory: Any, m: Any, n_entities: Any, n_relations: Any) -> Entries:
    """Check the memory of ``m`` texts and give it as :class:`Entries`.

    Raises
    ------
    TypeError
        When it is no pair of integer arrays.
    ValueError
        When its shapes do not fit, or a number is out of range.
    """
    if len(memory) != 2:
        raise TypeError(f"a memory must be a pair (entries, offsets), got {len(memory)} things")
    triples, offsets = (np.asarray(array) for array in memory)
    if triples.dtype.kind not in "iu" or offsets.dtype.kind not in "iu":
        raise TypeError(f"entries and offsets must be integers, got {triples.dtype} and {offsets.dtype}")
    fits = triples.ndim == 2 and triples.shape[1] == 3 and offsets.shape == (m + 1,)
    if not fits or offsets[0] != 0 or offsets[-1] != len(triples) or (np.diff(offsets) < 0).any():
        raise ValueError(
            f"a memory must be entries (T, 3) and ascending offsets ({m + 1},) from 0 to T for {m} texts, "
            f"got shapes {triples.shape} and {offsets.shape}"
        )
    largest = np.array([n_entities, n_relations, n_entities])
    if ((triples < 0) | (triples >= largest)).any():
        raise ValueError(f"entries must lie in [0, {n_entities}) and relations in [0, {n_relations}), as in fit")
    return Entries(triples.astype("int64"), offsets.astype("int64"))


def _check_texts(texts):
    listed = isinstance(texts, Iterable) and not isinstance(texts, str)
    if not listed or not all(isinstance(text, list | tuple) for text in texts):
        raise TypeError("X must be a sparse matrix or a list of texts, each a list of tokens: split the texts first")
