r"""Where a factorisation begins: random numbers, or the non-negative parts of a truncated SVD.

NNDSVD takes of each pair of singular vectors the positive or the negative parts, whichever is the larger, as a pair of
components. The SVD is by random projection with power steps (Halko, Martinsson, Tropp 2011): products with the sparse
matrix and matrices of k + 10 columns, O(s k) each, nothing else of the matrix's size.

Read next: :mod:`ptembed.factor.nmf`.
"""

from typing import Any

import numpy as np

__all__ = ["nndsvd", "random", "randomized_svd", "started"]

MORE, POWERS = 10, 4
ABOUT_ZERO = 1e-6


def started(start: Any, products: Any, k: Any, total: Any, rng: Any) -> Any:
    """Give W (m, k) and H (n, k) by the name of a start, or copies of those given.

    Parameters
    ----------
    start : {"nndsvd", "nndsvda", "random"} or pair of arrays (W, H)
    products : ptembed.factor.products.SparseProducts
    k : int
    total : float
        The sum of the matrix.
    rng : numpy.random.Generator

    Raises
    ------
    ValueError
        For another name, or arrays that do not fit or hold negative or no numbers.
    """
    m, n = products.shape
    mean = total / m / n
    if isinstance(start, str) and start == "random":
        return random(m, n, k, mean, products.dtype, rng)
    if isinstance(start, str) and start in ("nndsvd", "nndsvda"):
        return nndsvd(products, k, mean if start == "nndsvda" else 0, mean, rng)
    if isinstance(start, str) or len(start) != 2:
        raise ValueError(f"start must be nndsvd, nndsvda, random or a pair (W, H), got {start!r}: give one of these")
    names = (("W", m), ("H", n))
    return tuple(_given(F, name, (size, k), products.dtype) for F, (name, size) in zip(start, names, strict=True))


def random(m: Any, n: Any, k: Any, mean: Any, dtype: Any, rng: Any) -> tuple[np.ndarray, np.ndarray]:
    """Absolute values of normal numbers, on the scale of a matrix with this mean."""
    return tuple(
        _absolute(rng.standard_normal((size, k), np.float32), float(np.sqrt(mean / k)), dtype) for size in (m, n)
    )


def _absolute(F, scale, dtype):
    np.abs(F, out=F)
    F *= scale
    return F.astype(dtype, copy=False)


def nndsvd(products: Any, k: Any, fill: Any, mean: Any, rng: Any) -> tuple[np.ndarray, np.ndarray]:
    """Non-negative double singular value decomposition.

    Components beyond the rank of the matrix are random and small, so that they may grow where they are of use.

    Parameters
    ----------
    products : ptembed.factor.products.SparseProducts
    k : int
    fill : float
        What stands for zeros; multiplicative updates never leave a zero.
    mean : float
        Of the matrix: the scale of the components beyond its rank.
    rng : numpy.random.Generator

    Returns
    -------
    W, H : array, shapes (m, k) and (n, k)

    References
    ----------
    C. Boutsidis, E. Gallopoulos, "SVD based initialization: a head start for nonnegative matrix factorization",
    Pattern Recognition 41, 2008.
    """
    m, n = products.shape
    U, S, V = randomized_svd(products, min(k, m, n), rng)
    W, H = random(m, n, k, 1e-4 * mean, products.dtype, rng)
    for t in np.flatnonzero(ABOUT_ZERO * S[0] < S):
        W[:, t], H[:, t] = _nonnegative_pair(U[:, t], V[:, t], S[t])
    for F in (W, H):
        F[ABOUT_ZERO * F.max() > F] = fill
    return W, H


def randomized_svd(products: Any, k: Any, rng: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the k largest singular values with their vectors: U (m, k), S (k,), V (n, k), signs fixed.

    References
    ----------
    N. Halko, P. G. Martinsson, J. A. Tropp, "Finding structure with randomness", SIAM Review 53, 2011, algorithm 4.4.
    """
    m, n = products.shape
    size = min(k + MORE, m, n)
    Z = rng.standard_normal((n, size), np.float32).astype(products.dtype)
    tall, wide = np.empty((m, size), products.dtype), np.empty((n, size), products.dtype)
    for _ in range(POWERS):
        Q = _orthonormal(products.dot(Z, tall))
        Z = _orthonormal(products.transposed_dot(Q, wide))
    Q = _orthonormal(products.dot(Z, tall))
    V, S, Ut = np.linalg.svd(products.transposed_dot(Q, wide), full_matrices=False)
    U, S, V = Q @ Ut[:k].T, S[:k], V[:, :k]
    signs = np.sign(U[np.abs(U).argmax(axis=0), np.arange(k)])
    return U * signs, S, V * signs


def _orthonormal(Z):
    return np.ascontiguousarray(np.linalg.qr(Z)[0])


def _nonnegative_pair(u, v, s):
    """Give the larger of the positive and the negative part of s u vᵀ, its norm shared by both factors."""
    halves = [(np.maximum(sign * u, 0), np.maximum(sign * v, 0)) for sign in (1, -1)]
    sizes = [np.linalg.norm(a) * np.linalg.norm(b) for a, b in halves]
    (a, b), size = halves[np.argmax(sizes)], max(sizes)
    scale = np.sqrt(s * size)
    return scale * a / max(np.linalg.norm(a), 1e-30), scale * b / max(np.linalg.norm(b), 1e-30)


def _given(F, name, shape, dtype):
    F = np.array(F, dtype, order="C")
    if F.shape != shape:
        raise ValueError(f"{name} must have shape {shape} to start from, got {F.shape}: rows x components")
    if not (np.isfinite(F).all() and (F >= 0).all()):
        raise ValueError(f"{name} must hold finite numbers from 0 on to start from: remove what is negative or NaN")
    return F
