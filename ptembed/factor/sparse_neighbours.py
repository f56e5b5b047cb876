"""The nearest neighbours of sparse rows by their dot products, exactly.

The vectors are kept by columns. A query adds up the columns of its non-zeros, O(pairs of non-zeros that meet), and goes
once over the n sums; it holds these n numbers and nothing else. :class:`ptembed.factor.neighbours.Neighbours` takes it
for sparse vectors.

Read next: :mod:`ptembed.factor.neighbours`, :mod:`ptembed.factor.affinity`.
"""

import numpy as np
import scipy.sparse as sp
from numba import njit

from ptembed.factor.products import LOOSE, Parts
from ptembed.kinds import Matrix

__all__ = ["largest_dots"]


def largest_dots(Q: Matrix, E: Matrix, k: int, n_threads: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Give for each row of Q the rows of E with the largest dot products.

    Parameters
    ----------
    Q : csr_array, shape (q, d)
    E : csr_array, shape (n, d)
        In the dtype of Q.
    k : int
        At most n.
    n_threads : int

    Returns
    -------
    numbers : int64 array, shape (q, k)
        The largest first, among equals the lowest number first.
    dots : array, shape (q, k)

    Examples
    --------
    >>> E = sp.csr_array([[1.0, 0, 0], [2, 0, 1], [0, 0, 3]])
    >>> numbers, dots = largest_dots(E[:1], E, 2)
    >>> numbers.tolist(), dots.tolist()
    ([[1, 0]], [[2.0, 1.0]])
    """
    columns = sp.csr_array(E.T)
    numbers, dots = np.empty((Q.shape[0], k), np.int64), np.empty((Q.shape[0], k), Q.dtype)
    arrays = Q.indptr, Q.indices, Q.data, columns.indptr, columns.indices, columns.data
    parts = Parts(np.diff(Q.indptr) + 1, n_threads)
    parts.run(lambda start, stop: find_largest(*arrays, E.shape[0], numbers, dots, start, stop))
    return numbers, dots


@njit(nogil=True, cache=True, fastmath=LOOSE)
def find_largest(indptr, indices, data, starts, rows, values, n, numbers, dots, start, stop):
    """Kernel of :func:`largest_dots` for the queries ``start`` to ``stop``."""
    sums = np.empty(n, data.dtype)
    for i in range(start, stop):
        sums[:] = 0
        for q in range(indptr[i], indptr[i + 1]):
            v, column = data[q], indices[q]
            for at in range(starts[column], starts[column + 1]):
                sums[rows[at]] += v * values[at]
        keep_largest(sums, numbers[i], dots[i])


@njit(nogil=True, cache=True)
def keep_largest(sums, numbers, dots):
    """Write the numbers of the largest sums and these sums, in order."""
    k, found = len(dots), 0
    for j in range(len(sums)):
        if found == k and not sums[j] > dots[k - 1]:
            continue
        at = min(found, k - 1)
        while at > 0 and sums[j] > dots[at - 1]:
            numbers[at], dots[at] = numbers[at - 1], dots[at - 1]
            at -= 1
        numbers[at], dots[at] = j, sums[j]
        found = min(found + 1, k)
