r"""Sparse codes by orthogonal matching pursuit: each row of X as a few rows of a dictionary, :math:`X \approx C D`.

.. math:: \min_{c} \lVert x - c D \rVert^2 \quad \text{with at most } T \text{ non-zeros in } c, \text{ greedily:}

the atom that is most like the residual is chosen, and all chosen are fitted anew. Batch-OMP (Rubinstein et al. 2008)
never forms a residual: with :math:`G = D D^T`, computed once, and :math:`a = x D^T`, which for a sparse row costs K
operations a non-zero, a row takes O(s K + T^2 K + T^3). Rows go in blocks whose products with the atoms fit the second
cache, so that neither X nor the products nor the codes are ever there in full.

Read next: :mod:`ptembed.factor.omp_kernels`, :mod:`ptembed.factor.dictionary`.
"""

from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from ptembed.arguments import at_least_one
from ptembed.factor.matrices import finite
from ptembed.factor.omp_kernels import correlate, pursue, pursue_nonnegative
from ptembed.factor.products import Parts
from ptembed.kinds import Matrix

__all__ = ["Codes", "Pursuit", "omp"]

BLOCK = 2**16  # products with atoms held at once by each thread
ROUNDING = {"float32": 1e-5, "float64": 1e-8}  # products below this share of the lengths are rounding
DEPENDENT = 100  # times the rounding error of 1: the square of what an atom must add to the chosen ones


class Codes(NamedTuple):
    """What a pursuit gives.

    Attributes
    ----------
    C : csr_array, shape (m, K)
        The codes, in the dtype of X; columns in order.
    errors : float64 array, shape (m,)
        :math:`\\lVert x - c D \\rVert^2` of each row, as the pursuit has it: less than the rounding error of
        :math:`\\lVert x \\rVert^2` is not told from zero.
    dependent : int32 array, shape (m,)
        The first atom that was left out for lying, up to rounding, in the span of those chosen before; -1 where there
        was none.
    """

    C: sp.csr_array
    errors: np.ndarray
    dependent: np.ndarray


def omp(
    X: Matrix,
    D: Matrix,
    n_nonzero: int | None = None,
    *,
    residual: float | None = None,
    positive: bool = False,
    n_threads: int = 1,
) -> Codes:
    r"""Code rows by a few atoms each.

    Parameters
    ----------
    X : sparse matrix or array, shape (m, n)
        Integers are converted to float32. A row without non-zeros has an empty code.
    D : array or sparse matrix, shape (K, n)
        An atom a row, of length 1: a longer one is preferred, as in scikit-learn. An atom of zeros is never chosen.
    n_nonzero : int, optional
        T, at most K: that many atoms a row at most.
    residual : float, optional
        Stop a row when :math:`\lVert x - c D \rVert` is this share of :math:`\lVert x \rVert`, from 0 to below 1. In
        float32 a share below 0.001 is rounding. Of ``n_nonzero`` and ``residual`` one must be given; with both, what
        comes first.
    positive : bool
        Whether weights must be positive. A row may then have fewer atoms than steps were taken.
    n_threads : int
        The codes are the same for any.

    Returns
    -------
    Codes
        Supports are those of scikit-learn's ``orthogonal_mp_gram``, up to ties, of which the first atom is taken.

    Raises
    ------
    TypeError, ValueError
        When a matrix has NaN or infinity or is of the wrong kind or shape, or an option is out of range; see
        :func:`ptembed.factor.matrices.finite`.

    References
    ----------
    R. Rubinstein, M. Zibulevsky, M. Elad, "Efficient implementation of the K-SVD algorithm using batch orthogonal
    matching pursuit", 2008, algorithm 3. A. M. Bruckstein, M. Elad, M. Zibulevsky, "On the uniqueness of nonnegative
    sparse solutions to underdetermined systems of equations", IEEE Transactions on Information Theory 54, 2008
    (positive weights). C. Lawson, R. Hanson, "Solving least squares problems", 1974, chapter 23.

    Examples
    --------
    >>> D = np.array([[1.0, 0, 0], [0, 1, 0], [0.6, 0, 0.8]])
    >>> codes = omp(sp.csr_array([[0.0, 2, 0], [0.6, 3, 0.8]]), D, 2)
    >>> codes.C.toarray().round(3) + 0.0
    array([[0., 2., 0.],
           [0., 3., 1.]])
    """
    X = finite(X)
    return Pursuit(D, X.dtype, n_nonzero, residual=residual, positive=positive, n_threads=n_threads).codes(X)


class Pursuit:
    """A dictionary with its Gram matrix, for coding one matrix after the other.

    Parameters
    ----------
    D : array or sparse matrix, shape (K, n)
    dtype : {"float32", "float64"}
        Of the rows to code.
    n_nonzero, residual, positive, n_threads
        See :func:`omp`.
    """

    def __init__(
        self,
        D: Matrix,
        dtype: Any,
        n_nonzero: int | None = None,
        *,
        residual: float | None = None,
        positive: bool = False,
        n_threads: int = 1,
    ) -> None:
        D = finite(D, "D").astype(dtype, copy=False)
        self.most, self.residual = _how_many(n_nonzero, D.shape), _checked_share(residual, n_nonzero)
        self.n_threads, self.shape = at_least_one(n_threads, "n_threads"), D.shape
        self.kernel = pursue_nonnegative if positive else pursue
        self.atoms = D.T if sp.issparse(D) else np.ascontiguousarray(D.T)
        gram = D @ D.T
        self.G = np.ascontiguousarray(gram.toarray() if sp.issparse(D) else gram)
        self.limits = ROUNDING[D.dtype.name], DEPENDENT * float(np.finfo(D.dtype).eps)

    def codes(self, X: Matrix) -> Codes:
        """Code the rows of X, shape (m, n), in the dtype of the atoms; see :func:`omp` for what is given and raised."""
        X = finite(X).astype(self.G.dtype, copy=False)
        if X.shape[1] != self.shape[1]:
            raise ValueError(f"D must have a column for each of {X.shape[1]} columns of X, got {self.shape[1]}")
        squares = _squares(X)
        lengths = np.diff(X.indptr) if sp.issparse(X) else np.full(len(X), X.shape[1])
        parts = Parts(lengths + self.most * self.most, self.n_threads)
        blocks = [block for part in parts.run(lambda a, b: self._part(X, squares, a, b)) for block in part]
        counts, atoms, values, dependent, errors = map(np.concatenate, zip(*blocks, strict=True))
        indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32 if len(atoms) < 2**31 else np.int64)
        C = sp.csr_array((values, atoms, indptr), shape=(X.shape[0], self.shape[0]))
        C.sort_indices()
        return Codes(C, errors, dependent)

    def _part(self, X, squares, start, stop):
        """Code rows block after block."""
        size = max(1, min(BLOCK // len(self.G), stop - start))
        A = np.empty((size, len(self.G)), X.dtype)
        return [self._block(X, squares, first, min(first + size, stop), A) for first in range(start, stop, size)]

    def _block(self, X, squares, start, stop, A):
        """Code a few rows; gives how many atoms each has, then atoms and weights one row after the other."""
        m, squares = stop - start, squares[start:stop]
        A = self._products(X, start, stop, A)
        atoms, values = np.empty((m, self.most), np.int32), np.empty((m, self.most), X.dtype)
        counts, dependent, errors = np.empty(m, np.int32), np.empty(m, np.int32), np.empty(m)
        goals = self.residual**2 * squares
        self.kernel(A, squares, self.G, goals, self.limits, atoms, values, counts, dependent, errors)
        used = np.arange(self.most) < counts[:, None]
        return counts, atoms[used], values[used], dependent, errors

    def _products(self, X, start, stop, A):
        """Give the products of rows with the atoms, in ``A`` where that can be."""
        if sp.issparse(X) and not sp.issparse(self.atoms):
            correlate(X.indptr, X.indices, X.data, self.atoms, start, stop, A)
            return A[: stop - start]
        products = X[start:stop] @ self.atoms
        return np.ascontiguousarray(products.toarray() if sp.issparse(products) else products)


def _squares(X):
    """Give the sum of squares of each row, in float64."""
    if sp.issparse(X):
        return sp.csr_array((np.square(X.data, dtype=np.float64), X.indices, X.indptr), shape=X.shape).sum(axis=1)
    return np.einsum("ij,ij->i", X, X, dtype=np.float64)


def _how_many(n_nonzero, shape):
    """Give how many atoms a row may have."""
    if n_nonzero is None:
        return min(shape)
    if at_least_one(n_nonzero, "n_nonzero") > shape[0]:
        raise ValueError(f"n_nonzero must be at most the number of atoms, {shape[0]}, got {n_nonzero}: give fewer")
    return min(int(n_nonzero), *shape)


def _checked_share(residual, n_nonzero):
    if residual is None and n_nonzero is None:
        raise ValueError("n_nonzero or residual must be given, got neither: give how many atoms a row may have")
    if residual is not None and not 0 <= residual < 1:
        raise ValueError(f"residual must be a share of the length of a row, from 0 to below 1, got {residual!r}")
    return 0.0 if residual is None else float(residual)
