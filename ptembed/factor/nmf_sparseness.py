r"""Hoyer's sparseness as a constraint on each component of a factor.

The sparseness of a vector of n numbers is :math:`(\sqrt n - \lVert x \rVert_1 / \lVert x \rVert_2) / (\sqrt n - 1)`: 0
where all are equal, 1 where one alone is not zero. The vectors of a given sparseness are a cone; its nearest point to
:math:`z` is along :math:`\max(0, z - \tau)`, for the :math:`\tau` that gives the ratio of norms, found by bisection in
O(n) a step (Thom & Palm 2013). A step of gradient descent of length :math:`1 / \lambda_{\max}(G)` followed by that
projection never raises the objective: the projected point minimises a bound that touches it.

Read next: :mod:`ptembed.factor.nmf`.
"""

from typing import Any

import numpy as np

from ptembed.kinds import Matrix

__all__ = ["project", "sparsely", "sparseness"]

HALVINGS = 40


def sparseness(x: np.ndarray) -> Any:
    """Give the sparseness of each column.

    Parameters
    ----------
    x : array, shape (n,) or (n, k)
        n from 2 on. A column of zeros counts as dense.

    Returns
    -------
    float or array, shape (k,)

    References
    ----------
    P. O. Hoyer, "Non-negative matrix factorization with sparseness constraints", JMLR 5, 2004.

    Examples
    --------
    >>> sparseness(np.array([[1.0, 3.0], [1.0, 0.0]])).round(6)
    array([0., 1.])
    """
    root = np.sqrt(len(x))
    return (root - ratio(np.abs(x), root)) / (root - 1)


def project(z: np.ndarray, target: float) -> np.ndarray:
    """Give the nearest matrix whose columns have sparseness ``target`` and no negative number.

    Parameters
    ----------
    z : array, shape (n, k)
    target : float
        Between 0 and 1, both excluded.

    Returns
    -------
    array, shape (n, k)
        A column whose largest number is not positive becomes zero.

    References
    ----------
    M. Thom, G. Palm, "Sparse activity and sparse connectivity in supervised learning", JMLR 14, 2013, section 3.
    """
    root = np.sqrt(len(z))
    wanted = root - target * (root - 1)
    top = z.max(axis=0).astype(np.float64)
    low = _dense_enough(z, top, wanted, root)
    high = top.copy()
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        dense = ratio(np.maximum(z - middle, 0), 0) >= wanted
        low, high = np.where(dense, middle, low), np.where(dense, high, middle)
    u = np.maximum(z - low, 0)
    u /= np.maximum(np.linalg.norm(u, axis=0), np.finfo(np.float64).tiny)
    return (u * np.maximum((u * z).sum(axis=0), 0) * (top > 0)).astype(z.dtype)


def sparsely(F: Matrix, P: Matrix, G: Matrix, target: float, steps: int = 4) -> Any:
    """Take projected gradient steps on one factor, in place; gives <P, F>.

    Parameters
    ----------
    F, P, G
        As for :func:`ptembed.factor.nmf_updates.hals`.
    target : float
        The sparseness of each column of F.
    steps : int
    """
    length = max(float(np.linalg.eigvalsh(G.astype(np.float64))[-1]), np.finfo(np.float64).tiny)
    for _ in range(steps):
        F[:] = project(F - (F @ G - P) / F.dtype.type(length), target)
    return float(np.einsum("ij,ij->", P, F, dtype=np.float64))


def ratio(x, where_zero):
    """Give the ratio of L1 and L2 norm of each column; ``where_zero`` for one of zeros."""
    norms = np.sqrt((x * x).sum(axis=0, dtype=np.float64))
    return np.where(norms > 0, x.sum(axis=0, dtype=np.float64) / np.where(norms > 0, norms, 1), where_zero)


def _dense_enough(z, top, wanted, root):
    """Give for each column a shift whose result is not sparser than wanted."""
    low, step = z.min(axis=0).astype(np.float64), np.maximum(top - z.min(axis=0), 1e-6 * np.abs(top) + 1e-30)
    while (sparse := ratio(np.maximum(z - low, 0), root) < wanted).any():
        low, step = np.where(sparse, low - step, low), 2 * step
    return low
