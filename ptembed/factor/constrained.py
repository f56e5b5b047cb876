r"""Clusters from affinities and pairs: :math:`A \approx U U^T`, or with centres :math:`A \approx U C U^T`.

.. math:: \min_{U, C \ge 0} \; f(U) = \tfrac12 \lVert A - U C U^T \rVert_F^2, \qquad A = A_+ - A_-

A, shape (n, n), is an operator (:mod:`ptembed.factor.propagation`) with numbers of either sign. An iteration, O(one
product with A + n k^2) in four arrays of U's size:

1. One side moves: V minimises :math:`\tfrac12 \lVert A - V C U^T \rVert^2 + \tfrac\mu2 \lVert V - U \rVert^2`, by
   coordinate descent from U. At V = U the gradient of this convex problem is half that of f, so V - U leads down.
2. Along U + t (V - U), 0 <= t <= 1, which is not negative, f is a polynomial of degree four, whose coefficients are
   traces of k x k matrices; t is its exact minimum. So f never rises, whatever the signs of A, and where it no longer
   falls U is stationary.
3. With centres: C is moved down the convex problem that is left, k x k, and the columns of U are kept at length 1.

The multiplicative update is the baseline: with the two halves of A it lowers a bound of f that touches it,

.. math:: U_{is} \leftarrow U_{is} \sqrt{\frac{2 p}{q + \sqrt{q^2 + 4 p r}}}, \quad
    p = (A_+ U C)_{is},\; q = (A_- U C)_{is},\; r = (U C U^T U C)_{is}.

Objectives are f without its constant :math:`\tfrac12 \lVert A \rVert^2`, which an operator does not tell.

Read next: :mod:`ptembed.factor.constrained_steps`, :mod:`ptembed.estimators.constrained_nmf`.
"""

import copy
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ptembed.arguments import at_least_one
from ptembed.factor.constrained_steps import centres, descend, gram, multiply, objective, to_unit_columns
from ptembed.factor.matrices import check_state
from ptembed.factor.nmf_updates import hals
from ptembed.factor.products import Parts
from ptembed.kinds import Matrix, Seed

__all__ = ["ConstrainedFactors", "constrained", "labels_of", "transform"]

FORMS, UPDATES = ("symmetric", "tri"), ("hals", "multiplicative")
NOISE = 1e-2  # of the start, as a share of a vector of n equal numbers
MORE, POWERS = 10, 5  # columns beside k, products


class ConstrainedFactors(NamedTuple):
    """What a factorisation gives.

    Attributes
    ----------
    U : array, shape (n, k)
        In the dtype of A.
    C : array, shape (k, k)
        Symmetric; the identity in the symmetric form. With centres the columns of U have length 1.
    objectives : float64 array, shape (iterations,)
        f after each iteration, those of a state included, less half the squares of A.
    """

    U: np.ndarray
    C: np.ndarray
    objectives: np.ndarray


def constrained(
    A: Matrix,
    k: int,
    *,
    form: str = "symmetric",
    update: str = "hals",
    start: str | np.ndarray = "spectral",
    max_iter: int = 100,
    tol: float = 1e-5,
    seed: Seed = 0,
    sweeps: int = 4,
    n_threads: int = 1,
    callback: Callable[[int, float], object] | None = None,
    state: Any = None,
) -> ConstrainedFactors:
    r"""Factor affinities.

    Parameters
    ----------
    A : ptembed.factor.propagation.Affinity
        Of shape (n, n).
    k : int
        Clusters, at most n.
    form : {"symmetric", "tri"}
        Without or with centres.
    update : {"hals", "multiplicative"}
        Multiplicative updates are the baseline: slower, and a zero stays zero.
    start : {"spectral", "random"} or array, shape (n, k)
        "spectral" has the larger parts of one sign of the leading eigenvectors; an array is a warm start.
    max_iter : int
    tol : float
        Stop when an iteration lowers the objective by less than this share of it.
    seed : int or numpy.random.Generator
    sweeps : int
        At most as often a row is gone over in an update.
    n_threads : int
        The numbers are the same for any.
    callback : callable, optional
        Called after each iteration with its number and its objective; stops if it returns True.
    state : dict, optional
        Filled with where the iterations end. Given to a call with the same affinities and options, these go on as if
        they had never stopped, bit for bit, and ``start`` plays no part.

    Returns
    -------
    ConstrainedFactors

    Raises
    ------
    TypeError, ValueError
        When an option is of the wrong kind or out of range.

    References
    ----------
    Y. Chen, M. Rege, M. Dong, J. Hua, "Non-negative matrix factorization for semi-supervised data clustering",
    Knowledge and Information Systems 17, 2008 (the adjusted affinities and their tri-factorisation, G S Gᵀ there).
    Z. Zhu, X. Li, K. Liu, Q. Li, "Dropping symmetry for fast symmetric nonnegative matrix factorization", 2018 (one
    side at a time). C. Ding, T. Li, M. Jordan, "Convex and semi-nonnegative matrix factorizations", 2010 (bounds by
    both halves).

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> from ptembed.factor.affinity import Graph
    >>> from ptembed.factor.constraints import constraint_matrix
    >>> from ptembed.factor.propagation import Affinity
    >>> S = Graph(sp.csr_array(np.ones((4, 4)) - np.eye(4)))
    >>> W = constraint_matrix(4, like=[(0, 2), (1, 3)], dislike=[(0, 1)])
    >>> of = labels_of(*constrained(Affinity(S, W), 2)[:2])
    >>> bool(of[0] == of[2] != of[1] == of[3])
    True
    """
    k, max_iter = at_least_one(k, "k"), at_least_one(max_iter, "max_iter")
    at_least_one(sweeps, "sweeps"), at_least_one(n_threads, "n_threads")
    if k > A.shape[0]:
        raise ValueError(f"k must be at most {A.shape[0]}, the number of samples, got {k}")
    if form not in FORMS or update not in UPDATES:
        raise ValueError(f"form must be one of {FORMS} and update one of {UPDATES}, got {form!r} and {update!r}")
    if state:
        check_state(state, {"U": (A.shape[0], k)}, A.dtype)
        U, P, C, objectives = (copy.copy(state[name]) for name in ("U", "P", "C", "objectives"))
    else:
        U = _started(start, A, k, np.random.default_rng(seed))
        P, C, objectives = A.dot(U, np.empty_like(U)), np.eye(k, dtype=U.dtype), []
    parts, buffers = Parts(np.ones(len(U)), n_threads), (np.empty_like(U), np.empty_like(U))
    for t in range(max_iter):
        if update == "hals":
            descend(A, U, P, C if form == "tri" else None, buffers, parts, sweeps)
        else:
            multiply(A, U, P, C)
        if form == "tri":
            C = centres(U, P, to_unit_columns(U, P, C))
        objectives.append(objective(U, P, C))
        if (callback is not None and callback(t, objectives[-1])) or _settled(objectives, tol):
            break
    if state is not None:
        state.update(U=U, P=P, C=C, objectives=objectives)
    return ConstrainedFactors(U, C, np.array(objectives))


def transform(
    A: Matrix, U: Matrix, C: Matrix, new: Matrix, *, max_iter: int = 100, tol: float = 1e-6, n_threads: int = 1
) -> np.ndarray:
    r"""Give rows of U for further samples, which are in no pair; U and C stay as they are.

    The row u of a sample is the minimum of :math:`\lVert a - U C u \rVert^2`, with its affinities a to the samples of
    A. Where A spreads its pairs, a has what they tell about the neighbours of the new sample. O(s k + m k^2).

    Parameters
    ----------
    A : ptembed.factor.propagation.Affinity
    U, C : array, shapes (n, k) and (k, k)
        As :func:`constrained` gives them.
    new : matrix, shape (m, n), or features, shape (m, d)
        What ``A.S.of_new`` takes: for a graph the affinities of the further samples to those of A, which it scales.
    max_iter : int
        At most as often each row is gone over.
    tol : float
        Leave a row when its squared move falls below this share of the first.
    n_threads : int

    Returns
    -------
    array, shape (m, k)
        Zeros for a sample that is like no other.

    Raises
    ------
    TypeError, ValueError
        When the shapes do not fit, or numbers are negative or not finite.
    """
    UC = np.ascontiguousarray(U @ C)
    P = A.of_new(A.S.of_new(new), UC)
    Z = np.zeros_like(P)
    hals(Z, P, UC.T @ UC, 0.0, Parts(np.ones(len(P)), at_least_one(n_threads, "n_threads")), max_iter, tol)
    return Z


def labels_of(U: Matrix, C: Matrix) -> np.ndarray:
    """Give the cluster of each sample, shape (n,): the largest number of its row of U.

    The columns count by the roots of the sums of the centres. A row of zeros has the label -1.
    """
    scaled = U * np.sqrt(C.sum(axis=0))
    return np.where(scaled.max(axis=1) > 0, scaled.argmax(axis=1), -1)


def _started(start, A, k, rng):
    """Give U by the name of a start, or a copy of the one given; on the scale that suits A best."""
    if isinstance(start, str):
        if start not in ("spectral", "random"):
            raise ValueError(f"start must be 'spectral', 'random' or an array, got {start!r}: give one of these")
        U = np.abs(rng.standard_normal((A.shape[0], k), np.float32)).astype(A.dtype)
        return _scaled(_spectral(A, U, rng) if start == "spectral" else U, A)
    U = np.array(start, A.dtype, order="C")
    if U.shape != (A.shape[0], k):
        raise ValueError(f"start must have shape {(A.shape[0], k)}, got {U.shape}: samples x clusters")
    if not (np.isfinite(U).all() and (U >= 0).all()):
        raise ValueError("start must hold finite numbers from 0 on: remove what is negative or NaN")
    return U


def _spectral(A, U, rng):
    """Give the larger parts of one sign of the leading eigenvectors, times the roots of their values, and noise."""
    values, vectors = _leading(A, U.shape[1], rng)
    U *= U.dtype.type(NOISE * np.sqrt(np.abs(values).max() / len(U)))
    for t in np.flatnonzero(values > 0):
        up, down = np.maximum(vectors[:, t], 0), np.maximum(-vectors[:, t], 0)
        U[:, t] += np.sqrt(values[t]) * (up if up @ up >= down @ down else down)
    return U


def _leading(A, k, rng):
    """Give the k largest eigenvalues and their vectors, by powers of A on a few more columns than k."""
    shape = A.shape[0], min(k + MORE, A.shape[0])
    Z, Y = rng.standard_normal(shape, np.float32).astype(A.dtype, copy=False), np.empty(shape, A.dtype)
    for _ in range(POWERS):
        _orthonormalise(A.dot(Z, Y), Z)
    values, mix = np.linalg.eigh(gram(Z, A.dot(Z, Y)))
    return values[::-1][:k], Z @ mix[:, ::-1][:, :k].astype(A.dtype)


def _orthonormalise(Y, out):
    """Write orthonormal columns that span those of Y, and zeros for what Y lacks; a QR would hold several copies."""
    squares, mix = np.linalg.eigh(gram(Y, Y))
    kept = squares > np.finfo(Y.dtype).eps * squares[-1]
    np.matmul(Y, (mix * np.where(kept, 1 / np.sqrt(np.where(kept, squares, 1)), 0)).astype(Y.dtype), out=out)


def _scaled(U, A):
    """Multiply U, in place, by the number with which U Uᵀ is nearest to A; samples that are like no other become 0."""
    P = A.dot(U, np.empty_like(U))
    U[(P == 0).all(axis=1)] = 0
    fitted = np.einsum("ij,ij->", P, U, dtype=np.float64)
    squares = np.square(U.T @ U, dtype=np.float64).sum()
    U *= U.dtype.type(np.sqrt(abs(fitted) / squares)) if squares > 0 else 0
    return U


def _settled(objectives, tol):
    if len(objectives) < 2:
        return False
    before, now = objectives[-2:]
    return before - now <= tol * abs(now)
