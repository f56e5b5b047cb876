r"""The updates of one factor of :math:`X \approx W H^T`, the other being fixed.

All see the matrix through :math:`P = X H` (m, k) and :math:`G = H^T H` (k, k) alone: the half problem is

.. math:: \min_{W \ge 0} \tfrac12 \langle W G, W \rangle - \langle P, W \rangle + \lambda \sum W,

separate for each row. HALS goes over the coordinates of a row, each set to its minimum; the gradient of the row is
kept, so a coordinate that is zero and stays so costs one comparison, and one that moves O(k). Coordinates are taken row
by row, where scikit-learn and Cichocki & Phan (2009) take them column by column: the rows do not meet, so it is the
same. A row is gone over again while that pays (Gillis & Glineur 2012): the next product costs far more.

Read next: :mod:`ptembed.factor.nmf`, and :mod:`ptembed.factor.nmf_sparseness` for Hoyer's constraint.
"""

from typing import Any

import numpy as np
from numba import njit

from ptembed.factor.products import LOOSE

__all__ = ["hals", "hals_rows", "multiplicative"]

WORTH = 0.01  # go over a row again while it moved more than this share of its first move, squared


def hals(F: Any, P: Any, G: Any, l1: Any, parts: Any, sweeps: int = 4, worth: Any = WORTH) -> Any:
    """Move each coordinate of each row to its minimum, in place.

    Parameters
    ----------
    F, P : array, shape (m, k)
        The factor, and the product of the matrix with the other one.
    G : array, shape (k, k)
        The Gram matrix of the other factor.
    l1 : float
        The weight of the sum of F, at least 0.
    parts : ptembed.factor.products.Parts
    sweeps : int
        At most as often each row is gone over.
    worth : float
        Stop going over a row when its squared move falls below this share of the first.

    Returns
    -------
    float
        :math:`\\langle P, F \\rangle`, in float64.

    References
    ----------
    A. Cichocki, A.-H. Phan, "Fast local algorithms for large scale nonnegative matrix and tensor factorizations", 2009,
    algorithm 2. N. Gillis, F. Glineur, "Accelerated multiplicative updates and hierarchical ALS algorithms for
    nonnegative matrix factorization", Neural Computation 24, 2012.
    """
    return sum(parts.run(lambda start, stop: hals_rows(F[start:stop], P[start:stop], G, l1, sweeps, worth)))


def hals_rows(F: Any, P: Any, G: Any, l1: Any, sweeps: int = 4, worth: Any = WORTH) -> Any:
    """Do what :func:`hals` does, to some rows."""
    G, curvatures = np.ascontiguousarray(G), np.diagonal(G)
    lengths = np.divide(1, curvatures, out=np.zeros_like(curvatures), where=curvatures > np.finfo(G.dtype).tiny)
    return descend_rows(F, P, G, lengths, F.dtype.type(l1), sweeps, worth)


def multiplicative(F: Any, P: Any, G: Any, l1: Any) -> Any:
    """Multiply each coordinate by the ratio of the two parts of its gradient, in place; gives <P, F>.

    The baseline: it never raises the objective, but a zero stays zero, and it takes many more steps.

    References
    ----------
    D. Lee, H. S. Seung, "Algorithms for non-negative matrix factorization", 2000, equation 4.
    """
    bottom = F @ G
    bottom += F.dtype.type(l1)
    np.maximum(bottom, np.finfo(F.dtype).tiny, out=bottom)
    F *= P
    F /= bottom
    return float(np.einsum("ij,ij->", P, F, dtype=np.float64))


@njit(nogil=True, cache=True, fastmath=LOOSE)
def descend_rows(F, P, G, lengths, l1, sweeps, worth):
    """Kernel of :func:`hals_rows`.

    ``lengths`` is the inverse of the diagonal of G, 0 where that is 0: there no coordinate moves. A step waits for
    nothing but the one before it, so the gradient that comes next is brought up to date ahead of the others.
    """
    k, zero, total = F.shape[1], F.dtype.type(0), 0.0
    g = np.zeros(k + 1, F.dtype)
    for i in range(len(F)):
        w, p = F[i], P[i]
        gradient(w, p, G, l1, g[:k])
        first = 0.0
        for sweep in range(sweeps):
            moved, following = 0.0, g[0]
            for t in range(k):
                here, following, line = following, g[t + 1], G[t]
                if w[t] == zero and here >= zero:
                    continue
                step = max(w[t] - here * lengths[t], zero) - w[t]
                if step != zero:
                    following += step * line[min(t + 1, k - 1)]
                    w[t] += step
                    moved += step * step
                    for c in range(k):
                        g[c] += step * line[c]
            if sweep == 0:
                first = moved
            if moved <= worth * first:
                break
        for c in range(k):
            total += p[c] * w[c]
    return total


@njit(nogil=True, cache=True, fastmath=LOOSE)
def gradient(w, p, G, l1, g):
    """Write G w - p + l1 into ``g``, from the coordinates of ``w`` that are not zero."""
    for c in range(len(g)):
        g[c] = l1 - p[c]
    for t in range(len(w)):
        wt, line = w[t], G[t]
        if wt != 0:
            for c in range(len(g)):
                g[c] += wt * line[c]
