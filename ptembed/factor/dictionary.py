r"""Learning a dictionary for sparse codes, :math:`X \approx C D`, by K-SVD, X being sparse throughout.

.. math:: \min_{C, D} \lVert X - C D \rVert_F^2 \quad \text{with few non-zeros in a row of } C, \; \lVert d_j \rVert = 1

An iteration codes all rows (:mod:`ptembed.factor.omp`), then goes over the atoms: each is fitted to the rows that have
it, the other atoms being fixed, and their weights of it are fitted to the new atom. The residual of these rows,
:math:`E = X_I - C_I D + g\, d_j`, is never formed: :math:`E^T g = X_I^T g - D^T (C_I^T g) + d_j \lVert g \rVert^2`,
O(s_I + K_I n) for s_I non-zeros in these rows and K_I atoms that occur beside. One such alternation stands for the
singular vectors of E (Rubinstein et al. 2008).

Read next: :mod:`ptembed.factor.omp`, :mod:`ptembed.factor.dictionary_online` for more rows than there is memory.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numba import njit

from ptembed.arguments import at_least_one
from ptembed.factor.matrices import finite, nonnegative
from ptembed.factor.neighbours import unit_rows
from ptembed.factor.omp import Pursuit
from ptembed.factor.products import LOOSE
from ptembed.kinds import Matrix, Seed

__all__ = ["Learnt", "ksvd", "rows_to_learn", "starting_atoms", "with_new_atoms"]

ALIKE = 0.99  # of two atoms whose cosine is larger one is of no use


class Learnt(NamedTuple):
    """What learning a dictionary gives.

    Attributes
    ----------
    D : array, shape (k, n)
        An atom a row, of length 1, in the dtype of X.
    C : csr_array, shape (m, k)
        The codes of the rows by D.
    errors : float64 array, shape (iterations + 1,)
        :math:`\\lVert X - C D \\rVert_F^2` before the first iteration and after each.
    """

    D: np.ndarray
    C: sp.csr_array
    errors: np.ndarray


def ksvd(
    X: Matrix,
    k: int,
    n_nonzero: int | None = None,
    *,
    residual: float | None = None,
    start: Any = None,
    max_iter: int = 30,
    tol: float = 1e-4,
    positive: bool = False,
    passes: int = 1,
    n_threads: int = 1,
    seed: Seed = 0,
    callback: Callable[[int, float], object] | None = None,
) -> Learnt:
    """Learn a dictionary from a matrix.

    Parameters
    ----------
    X : sparse matrix or array, shape (m, n)
        A dense one is taken as a sparse one.
    k : int
        Atoms. They may be more than the rank; those that no row wants are replaced by the rows that are coded worst.
    n_nonzero, residual
        How many atoms a row has, see :func:`ptembed.factor.omp.omp`.
    start : array, shape (k, n), optional
        Atoms to begin with, of any length; without, rows of X drawn at random.
    max_iter : int
    tol : float
        Stop when an iteration lowers the error by less than this share of it.
    positive : bool
        Whether atoms and weights must not be negative; neither may X be then.
    passes : int
        How often an atom and its weights are fitted in an iteration; many give the singular vectors themselves.
    n_threads : int
        For the codes; the numbers are the same for any.
    seed : int or numpy.random.Generator
    callback : callable, optional
        Called after each iteration with its number and its error; stops if it returns True.

    Returns
    -------
    Learnt
        The best of all iterations: choosing atoms greedily may raise the error now and then.

    Raises
    ------
    TypeError, ValueError
        When the matrix or an option is of the wrong kind or out of range, before anything is learnt.

    References
    ----------
    M. Aharon, M. Elad, A. Bruckstein, "K-SVD", IEEE Transactions on Signal Processing 54, 2006. R. Rubinstein,
    M. Zibulevsky, M. Elad, "Efficient implementation of the K-SVD algorithm using batch orthogonal matching pursuit",
    2008, algorithm 5. M. Aharon, M. Elad, A. Bruckstein, "K-SVD and its non-negative variant for dictionary design",
    SPIE 5914, 2005 (without negative numbers).

    Examples
    --------
    >>> X = sp.csr_array([[2.0, 2, 0, 0], [1, 1, 0, 0], [0, 0, 3, 4], [1, 1, 3, 4]])
    >>> D, C, errors = ksvd(X, 2, 2, seed=1)
    >>> (C @ D).round(3) + 0.0
    array([[2., 2., 0., 0.],
           [1., 1., 0., 0.],
           [0., 0., 3., 4.],
           [1., 1., 3., 4.]])
    """
    k, max_iter, passes = at_least_one(k, "k"), at_least_one(max_iter, "max_iter"), at_least_one(passes, "passes")
    X, rng = rows_to_learn(X, positive), np.random.default_rng(seed)
    options: dict[str, Any] = {
        "n_nonzero": n_nonzero,
        "residual": residual,
        "positive": positive,
        "n_threads": n_threads,
    }
    D = starting_atoms(X, k, start, positive, rng)
    codes = Pursuit(D, X.dtype, **options).codes(X)
    best, errors = (D, codes.C), [float(codes.errors.sum())]
    for t in range(max_iter):
        C = codes.C.copy()
        D = _fitted(X, C, D.copy(), positive, passes)
        with_new_atoms(D, np.bincount(C.indices, minlength=k) == 0, X, codes.errors)
        codes = Pursuit(D, X.dtype, **options).codes(X)
        errors.append(float(codes.errors.sum()))
        best = (D, codes.C) if errors[-1] <= min(errors) else best
        if (callback is not None and callback(t, errors[-1])) or errors[-2] - errors[-1] <= tol * errors[-2]:
            break
    return Learnt(*best, np.array(errors))


def rows_to_learn(X: Matrix, positive: bool) -> Matrix:
    """Give the checked matrix as CSR."""
    X = sp.csr_array(finite(X))
    return nonnegative(X) if positive else X


def starting_atoms(X: Matrix, k: int, start: Any, positive: bool, rng: np.random.Generator) -> np.ndarray:
    """Give the atoms to begin with, shape (k, n), of length 1.

    Without ``start``, rows of X that are not empty, drawn without replacement, and random numbers where these are too
    few.
    """
    if start is None:
        filled = np.flatnonzero(np.diff(X.indptr))
        drawn = rng.permutation(filled)[:k]
        more = rng.standard_normal((k - len(drawn), X.shape[1])).astype(X.dtype)
        D = np.concatenate([X[drawn].toarray(), np.abs(more) if positive else more])
    else:
        D = finite(start, "start")
        D = D.toarray() if sp.issparse(D) else D
        if D.shape != (k, X.shape[1]):
            raise ValueError(f"start must have shape {(k, X.shape[1])}, got {D.shape}: atoms x columns")
        if positive and D.min() < 0:
            raise ValueError("start must hold numbers from 0 on with positive=True, got negative ones: remove them")
    return unit_rows(D).astype(X.dtype, copy=False)


def with_new_atoms(D: Any, unused: Any, X: Any, errors: Any) -> None:
    """Put the rows that are coded worst in the place of atoms that are not used, or are nearly another; in place.

    Parameters
    ----------
    D : array, shape (k, n)
    unused : array of bool, shape (k,)
    X : csr_array, shape (m, n)
    errors : array, shape (m,)
        Of the rows; those without are not taken.
    """
    idle = np.flatnonzero(unused | (np.triu(np.abs(D @ D.T), 1).max(axis=0) > ALIKE))
    worst = np.argsort(-errors, kind="stable")[: len(idle)]
    worst = worst[errors[worst] > 0]
    D[idle[: len(worst)]] = unit_rows(X[worst]).toarray()


def _fitted(X, C, D, positive, passes):
    """Fit each atom and its weights, in place."""
    atoms = C.indices
    order = np.argsort(atoms, kind="stable")
    rows = np.repeat(np.arange(C.shape[0]), np.diff(C.indptr))[order]
    starts = np.concatenate([[0], np.cumsum(np.bincount(atoms, minlength=len(D)))])
    matrix, codes = (X.indptr, X.indices, X.data), (C.indptr, C.indices, C.data)
    fit_atoms(matrix, codes, (starts, rows, order), D, positive, passes)
    return D


@njit(nogil=True, cache=True, fastmath=LOOSE)
def fit_atoms(matrix, codes, uses, D, positive, passes):
    """Fit each atom to the rows that have it, and their weights to the atom, in place.

    Parameters
    ----------
    matrix, codes : triples of arrays
        X and C as indptr, indices, data; the data of C change.
    uses : triple of arrays
        The uses of atom j are ``starts[j]`` to ``starts[j + 1]``; their rows, and their places in C.
    D : array, shape (k, n)
    positive : bool
    passes : int
    """
    (indptr, indices, data), (ends, atoms, values), (starts, rows, places) = matrix, codes, uses
    beside, likeness, d = np.empty(len(D), D.dtype), np.empty(len(D), D.dtype), np.empty(D.shape[1], D.dtype)
    there = np.empty(len(D), np.bool_)
    for j in range(len(D)):
        for _ in range(passes if starts[j] < starts[j + 1] else 0):
            d[:], beside[:], there[:] = 0, 0, False
            for q in range(starts[j], starts[j + 1]):
                i, g = rows[q], values[places[q]]
                for p in range(indptr[i], indptr[i + 1]):
                    d[indices[p]] += g * data[p]
                for p in range(ends[i], ends[i + 1]):
                    beside[atoms[p]] += g * values[p]
                    there[atoms[p]] = True
            there[j] = False
            for u in np.flatnonzero(there):
                for c in range(len(d)):
                    d[c] -= beside[u] * D[u, c]
            if not scale_to_one(d, positive):
                break
            D[j] = d
            for u in np.flatnonzero(there):
                likeness[u] = 0
                for c in range(len(d)):
                    likeness[u] += D[u, c] * d[c]
            for q in range(starts[j], starts[j + 1]):
                i, g = rows[q], 0.0
                for p in range(indptr[i], indptr[i + 1]):
                    g += data[p] * d[indices[p]]
                for p in range(ends[i], ends[i + 1]):
                    if atoms[p] != j:
                        g -= values[p] * likeness[atoms[p]]
                values[places[q]] = max(g, 0.0) if positive else g


@njit(nogil=True, cache=True)
def scale_to_one(d, positive):
    """Divide by the length, in place, negative numbers set to zero first if wanted; gives whether there is one."""
    square = 0.0
    for c in range(len(d)):
        if positive and d[c] < 0:
            d[c] = 0
        square += np.float64(d[c]) * np.float64(d[c])
    if square <= 0:
        return False
    d *= d.dtype.type(1 / np.sqrt(square))
    return True
