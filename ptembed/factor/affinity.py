r"""How alike samples are, as an operator: only its products with (n, k) matrices are ever taken, never n x n numbers.

Two kinds of S, both scaled by the degrees, :math:`D^{-1/2} S D^{-1/2}`, so that their norm is at most 1:

* ``Graph``: a sparse graph, such as that of the nearest neighbours by the cosine; a product takes O(s k).
* ``Features``: :math:`F F^T` of features F (n, d), sparse or dense; a product takes O(n d k). Features may be negative.
  Then ``halves`` gives the products with the positive and the negative part of S, by those of F.

Read next: :mod:`ptembed.factor.propagation`, which adds pairs.
"""

from typing import Any

import numpy as np
import scipy.sparse as sp
from numba import njit

from ptembed.factor.matrices import counts_of, finite
from ptembed.factor.neighbours import Neighbours
from ptembed.factor.products import LOOSE, Parts
from ptembed.kinds import Matrix

__all__ = ["Features", "Graph", "Rows", "joined", "nearest_graph", "positive_part", "symmetric"]


class Graph:
    """A sparse symmetric graph, scaled by its degrees.

    Parameters
    ----------
    S : sparse matrix, shape (n, n)
        Symmetric, numbers from 0 on.
    n_threads : int

    Attributes
    ----------
    scale : array, shape (n,)
        :math:`D^{-1/2}`; 0 for a sample that is alone.

    Raises
    ------
    TypeError, ValueError
        When S is no such matrix; see :func:`ptembed.factor.matrices.nonnegative`.
    """

    def __init__(self, S: Matrix, n_threads: int = 1) -> None:
        S = symmetric(S)
        self.scale = _inverse_roots(np.asarray(S.sum(axis=1, dtype=np.float64)).ravel()).astype(S.dtype)
        data = S.data * self.scale[S.indices]
        data *= np.repeat(self.scale, np.diff(S.indptr))
        self.rows = Rows(sp.csr_array((data, S.indices, S.indptr), shape=S.shape), n_threads)
        self.shape, self.dtype, self.signed = S.shape, S.dtype, False

    def dot(self, B: Matrix, out: np.ndarray) -> np.ndarray:
        """Write the product with B, shape (n, k), into ``out``."""
        return self.rows.dot(B, out)

    def halves(self, B: Matrix) -> Any:
        """Give the products with the positive and the negative part; None stands for zeros."""
        return self.dot(B, np.empty_like(B)), None

    def of_new(self, S: Matrix) -> Any:
        """Give the scaled affinities of further samples, shape (m, n), as something to multiply with.

        ``S`` holds their affinities to the samples of the graph.
        """
        S = counts_of(S).astype(self.dtype)
        if S.shape[1] != self.shape[0]:
            raise ValueError(f"S must have a column for each of {self.shape[0]} samples, got {S.shape[1]}")
        own = _inverse_roots(np.asarray(S.sum(axis=1, dtype=np.float64)).ravel()).astype(self.dtype)
        return sp.csr_array(sp.diags_array(own) @ S @ sp.diags_array(self.scale))


class Features:
    """The dot products of features, scaled by their degrees; those of signed features by the degrees of ``|F| |F|ᵀ``.

    Parameters
    ----------
    F : array or sparse matrix, shape (n, d)
        Finite numbers.
    n_threads : int

    Raises
    ------
    TypeError, ValueError
        When F is no matrix of finite numbers.
    """

    def __init__(self, F: Matrix, n_threads: int = 1) -> None:
        F = finite(F, "F")
        self.sums = np.asarray(abs(F).sum(axis=0, dtype=np.float64)).ravel()
        self.F = _scaled_rows(F, _inverse_roots(abs(F) @ self.sums))
        self.shape, self.dtype = (F.shape[0], F.shape[0]), F.dtype
        self.signed = bool((F.data if sp.issparse(F) else F).min(initial=0) < 0)
        self.n_threads = n_threads

    def dot(self, B: Matrix, out: np.ndarray) -> np.ndarray:
        """Write the product with B, shape (n, k), into ``out``."""
        out[:] = self.F @ (self.F.T @ B)
        return out

    def halves(self, B: Matrix) -> Any:
        """Give the products with the positive and the negative part; None stands for zeros."""
        if not self.signed:
            return self.dot(B, np.empty_like(B)), None
        P, M = _positive(self.F), _positive(-self.F)
        up, down = P.T @ B, M.T @ B
        return P @ up + M @ down, P @ down + M @ up

    def of_new(self, F: Matrix) -> Any:
        """Give the scaled affinities of further samples, shape (m, n), as something to multiply with."""
        F = finite(F, "F")
        if F.shape[1] != self.F.shape[1]:
            raise ValueError(f"F must have {self.F.shape[1]} columns, got {F.shape[1]}: give the same features")
        return Products(_scaled_rows(F.astype(self.dtype), _inverse_roots(abs(F) @ self.sums)), self.F)


class Products:
    """Two matrices whose product ``left @ right.T`` is never made."""

    def __init__(self, left, right):
        self.left, self.right = left, right

    def __matmul__(self, B):
        return self.left @ (self.right.T @ B)


class Rows:
    """A symmetric sparse matrix by rows, for products with dense ones.

    Each row of a product gathers rows of the other factor. Where n is large and a row has few non-zeros, panels
    (:mod:`ptembed.factor.products`) would have more bounds than numbers.
    """

    def __init__(self, X: Matrix, n_threads: int = 1) -> None:
        self.X, self.n_threads = X, n_threads
        self.parts = Parts(np.diff(X.indptr) + 1, n_threads)

    def __reduce__(self):
        return Rows, (self.X, self.n_threads)  # threads are not pickled

    def dot(self, B: Matrix, out: np.ndarray) -> np.ndarray:
        """Write the product with B into ``out``."""
        arrays = self.X.indptr, self.X.indices, self.X.data
        self.parts.run(lambda start, stop: gather(*arrays, B, out, start, stop))
        return out


def nearest_graph(X: Matrix, n_neighbors: int = 30, n_threads: int = 1) -> Matrix:
    """Give the graph of the nearest neighbours by the cosine, a pair being joined if one of them is near the other.

    Parameters
    ----------
    X : array or sparse matrix, shape (n, d), or ptembed.factor.neighbours.Neighbours
        Cosines below 0 are left out.
    n_neighbors : int
        Of each sample; fewer where there are not as many.
    n_threads : int

    Returns
    -------
    csr_array, shape (n, n)
        Symmetric, without a diagonal.

    Raises
    ------
    TypeError, ValueError
        When X is no matrix of finite numbers.

    Examples
    --------
    >>> nearest_graph(np.array([[1.0, 0], [2, 0], [0, 1], [0, 3]]), 1).toarray()
    array([[0., 1., 0., 0.],
           [1., 0., 0., 0.],
           [0., 0., 0., 1.],
           [0., 0., 1., 0.]])
    """
    nearest = X if isinstance(X, Neighbours) else Neighbours(X, n_threads=n_threads)
    S = joined(*nearest.of(np.arange(len(nearest)), n_neighbors), len(nearest))
    return sp.csr_array(S.maximum(S.T))


def joined(numbers: Any, cosines: Any, n: Any) -> Matrix:
    """Give neighbours, shape (m, k), as a sparse matrix of shape (m, n); what is not above 0 is left out."""
    m, k = numbers.shape
    S = sp.csr_array((np.maximum(cosines, 0).ravel(), numbers.ravel(), np.arange(0, m * k + 1, k)), shape=(m, n))
    S.eliminate_zeros()
    S.sort_indices()
    return S


def symmetric(S: Matrix, name: str = "S") -> Matrix:
    """Check a symmetric sparse matrix of numbers from 0 on; gives it as csr_array.

    Raises
    ------
    TypeError, ValueError
        When it is not one; see :func:`ptembed.factor.matrices.nonnegative`.
    """
    S = counts_of(S, name)
    if S.shape[0] != S.shape[1]:
        raise ValueError(f"{name} must be square, got shape {S.shape}: give affinities of samples with samples")
    T = sp.csr_array(S.T)
    T.sort_indices()
    same = np.array_equal(S.indptr, T.indptr) and np.array_equal(S.indices, T.indices)
    if not same or not np.allclose(S.data, T.data, rtol=1e-4, atol=0):
        raise ValueError(f"{name} must be symmetric: give {name}.maximum({name}.T)")
    return S


def _inverse_roots(degrees):
    return np.where(degrees > 0, 1 / np.sqrt(np.where(degrees > 0, degrees, 1)), 0)


def _scaled_rows(F, scale):
    scale = scale.astype(F.dtype)
    return sp.csr_array(sp.diags_array(scale) @ F) if sp.issparse(F) else F * scale[:, None]


def _positive(F):
    return positive_part(F.data, F) if sp.issparse(F) else np.maximum(F, 0)


def positive_part(data: np.ndarray, X: Matrix) -> Any:
    """Give a sparse matrix of the structure of X with those of its numbers ``data`` that are above 0."""
    part = sp.csr_array((np.maximum(data, 0), X.indices, X.indptr), shape=X.shape, copy=True)
    part.eliminate_zeros()
    return part


@njit(nogil=True, cache=True, fastmath=LOOSE)
def gather(indptr, indices, data, B, out, start, stop):
    """Kernel of :meth:`Rows.dot` for the rows ``start`` to ``stop``."""
    k = B.shape[1]
    for i in range(start, stop):
        o, q, end = out[i], np.int64(indptr[i]), np.int64(indptr[i + 1])
        o[:] = 0
        while q + 4 <= end:
            v0, v1, v2, v3 = data[q], data[q + 1], data[q + 2], data[q + 3]
            b0, b1, b2, b3 = B[indices[q]], B[indices[q + 1]], B[indices[q + 2]], B[indices[q + 3]]
            for c in range(k):
                o[c] += v0 * b0[c] + v1 * b1[c] + v2 * b2[c] + v3 * b3[c]
            q += 4
        while q < end:
            v0, b0 = data[q], B[indices[q]]
            for c in range(k):
                o[c] += v0 * b0[c]
            q += 1
