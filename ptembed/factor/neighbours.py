r"""Nearest neighbours by the cosine, exactly, and documents as averages of their words.

Queries go in blocks, so that a block of similarities, and never all of them, is held: O(q n d) for q queries among n
vectors of d numbers. Sparse codes stay sparse, and each takes the time of the pairs of non-zeros that meet
(:mod:`ptembed.factor.sparse_neighbours`). A faiss index answers the same questions where faiss is installed.

Read next: :mod:`ptembed.estimators.word_vectors`.
"""

import importlib

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from ptembed.arguments import at_least_one
from ptembed.factor.sparse_neighbours import largest_dots
from ptembed.kinds import Matrix

__all__ = ["Neighbours", "document_vectors", "unit_rows"]

BLOCK = 2_000_000  # similarities held at once: with their order, 40 MB


class Neighbours:
    """The vectors among which neighbours are sought.

    Parameters
    ----------
    E : array or sparse matrix, shape (n, d)
        One row a vector; sparse ones are kept so.
    index : {"exact", "faiss"}
        Who searches; the answers are the same. faiss takes dense float32 alone.
    n_threads : int
        For sparse vectors; the answers are the same for any.

    Raises
    ------
    TypeError, ValueError
        When E is no matrix of finite numbers.
    ImportError
        For "faiss" where it is not installed.

    Examples
    --------
    >>> nearest = Neighbours(np.array([[1.0, 0], [1, 1], [0, 2]]))
    >>> numbers, cosines = nearest.of([0], 2)
    >>> numbers.tolist(), cosines.round(3).tolist()
    ([[1, 2]], [[0.707, 0.0]])
    """

    def __init__(self, E: Matrix, index: str = "exact", n_threads: int = 1) -> None:
        if index not in ("exact", "faiss"):
            raise ValueError(f"index must be 'exact' or 'faiss', got {index!r}")
        self.E, self.index, self.n_threads = unit_rows(E), None, at_least_one(n_threads, "n_threads")
        if index == "faiss":
            if sp.issparse(self.E):
                raise TypeError("faiss must have dense vectors, got sparse ones: use index='exact'")
            self.index = _faiss().IndexFlatIP(self.E.shape[1])
            self.index.add(np.ascontiguousarray(self.E, np.float32))

    def of(self, rows: ArrayLike, k: int = 10) -> tuple[np.ndarray, np.ndarray]:
        """Give the ``k`` nearest of each of these rows, itself left out; see :meth:`near`."""
        rows, k = np.asarray(rows), at_least_one(k, "k")
        if rows.ndim != 1 or (
            len(rows) and not (rows.dtype.kind in "iu" and 0 <= rows.min() <= rows.max() < len(self))
        ):
            raise ValueError(f"rows must be numbers from 0 to {len(self) - 1}, got {rows}")
        numbers, cosines = self._search(self.E[rows], min(k + 1, len(self)))
        own = numbers == rows[:, None]
        own[~own.any(axis=1), -1] = True
        shape = len(rows), numbers.shape[1] - 1
        return numbers[~own].reshape(shape), cosines[~own].reshape(shape)

    def near(self, Q: Matrix, k: int = 10) -> tuple[np.ndarray, np.ndarray]:
        """Give the nearest vectors of queries.

        Parameters
        ----------
        Q : array or sparse matrix, shape (q, d)
        k : int
            At most as many as there are vectors.

        Returns
        -------
        numbers : array of int64, shape (q, k)
            The nearest first.
        cosines : array, shape (q, k)

        Raises
        ------
        ValueError
            When the queries have other columns.
        """
        Q = unit_rows(Q)
        if Q.shape[1] != self.E.shape[1]:
            raise ValueError(f"queries must have {self.E.shape[1]} columns, got {Q.shape[1]}")
        return self._search(Q, min(at_least_one(k, "k"), len(self)))

    def __len__(self):
        return self.E.shape[0]

    def _search(self, Q, k):
        if self.index is not None:
            cosines, numbers = self.index.search(np.ascontiguousarray(Q, np.float32), k)
            return numbers, cosines
        if sp.issparse(self.E):
            return largest_dots(sp.csr_array(Q, dtype=self.E.dtype), self.E, k, self.n_threads)
        size = max(1, BLOCK // len(self))
        found = [self._block(Q[start : start + size], k) for start in range(0, max(Q.shape[0], 1), size)]
        numbers, cosines = zip(*found, strict=True)
        return np.concatenate(numbers), np.concatenate(cosines)

    def _block(self, Q, k):
        similar = np.asarray(Q @ self.E.T)
        numbers = np.argpartition(-similar, k - 1, axis=1)[:, :k]
        cosines = np.take_along_axis(similar, numbers, axis=1)
        order = np.lexsort((numbers, -cosines))
        return np.take_along_axis(numbers, order, axis=1), np.take_along_axis(cosines, order, axis=1)


def document_vectors(X: Matrix, E: Matrix, weights: ArrayLike | None = None) -> Matrix:
    """Give documents as averages of the vectors of their words.

    Parameters
    ----------
    X : sparse matrix of counts, shape (m, n words)
    E : array or sparse matrix, shape (n, d)
        Sparse codes give sparse averages.
    weights : array, shape (n,), optional
        What a word counts, for instance its inverse document frequency.

    Returns
    -------
    array or csr_array, shape (m, d)
        A document without words is zero.

    Raises
    ------
    TypeError, ValueError
        When X is not sparse, or the shapes do not fit.

    Examples
    --------
    >>> document_vectors(sp.csr_array([[3.0, 1], [0, 0]]), np.array([[4.0, 0], [0, 4]]))
    array([[3., 1.],
           [0., 0.]])
    """
    if not sp.issparse(X):
        raise TypeError(f"X must be a sparse matrix, got {type(X).__name__}: give scipy.sparse.csr_array(X)")
    if X.shape[1] != E.shape[0]:
        raise ValueError(f"E must have a row for each of {X.shape[1]} columns of X, got {E.shape[0]}")
    X = sp.csr_array(X, dtype=E.dtype)
    if weights is not None:
        weights = np.asarray(weights, E.dtype)
        if weights.shape != (X.shape[1],):
            raise ValueError(f"weights must be {X.shape[1]} numbers, one for each column of X, got {weights.shape}")
        X = X * weights
    totals = np.asarray(X.sum(axis=1)).ravel()
    X = sp.csr_array(sp.diags_array(1 / np.where(totals != 0, totals, 1), dtype=E.dtype) @ X)
    return X @ (sp.csr_array(E) if sp.issparse(E) else E)


def unit_rows(E: Matrix) -> Matrix:
    """Give the rows divided by their lengths, sparse ones as csr_array; a row of zeros stays so."""
    if not sp.issparse(E) and np.ndim(E) != 2:
        raise TypeError(f"E must be a matrix of one row a vector, got {np.ndim(E)} dimensions")
    E = sp.csr_array(E) if sp.issparse(E) else np.asarray(E)
    E = E if E.dtype.kind == "f" else E.astype(np.float32)
    if not np.isfinite(E.data if sp.issparse(E) else E).all():
        raise ValueError("E must hold finite numbers: remove infinity and NaN")
    lengths = np.sqrt(np.asarray((E * E).sum(axis=1, dtype=np.float64)).ravel())
    scale = (1 / np.where(lengths > 0, lengths, 1)).astype(E.dtype)
    return sp.csr_array(sp.diags_array(scale) @ E) if sp.issparse(E) else E * scale[:, None]


def _faiss():
    try:
        return importlib.import_module("faiss")
    except ImportError as error:
        raise ImportError(
            "This needs faiss, which is not installed: pip install faiss-cpu, or index='exact'"
        ) from error
