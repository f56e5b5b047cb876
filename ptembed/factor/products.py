r"""Products of one sparse matrix with many dense ones, for methods that go over it again and again.

:math:`X B` gathers rows of :math:`B`, :math:`k` numbers each. Where :math:`B` is larger than the second cache most of
the time goes into waiting for them. So the columns of :math:`X` are cut into panels of 2,048, whose rows of :math:`B`
stay in that cache, and within a panel the non-zeros lie row by row, eight of which are added at once, eight columns of
:math:`B` at a time (:mod:`ptembed.factor.lanes`). A column's place in its panel takes 16 bits: a panelled copy has
three quarters of the bytes of a float32 CSR matrix. The transpose is panelled from the same arrays, so that :math:`X^T`
in CSR form is never made. Building takes O(s + rows x panels) for s non-zeros, a product O(s k).

Threads share the rows. The parts are the same whatever their number, so are the results.

Read next: :mod:`ptembed.factor.nmf_updates`, :mod:`ptembed.factor.nmf`.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from ptembed.factor.lanes import LANES, add_scaled

__all__ = ["Panels", "Parts", "SparseProducts"]

WIDTH = 2048  # columns of a panel
PARTS = 8  # into which the rows are cut for the threads
# sums may be taken in another order, products may be fused with them; NaN and infinity keep their meaning
LOOSE = {"reassoc", "contract", "nsz"}


class Parts:
    """Ranges of rows, and the threads that work on them.

    Parameters
    ----------
    sizes : array, shape (m,)
        What each row costs.
    n_threads : int
    """

    def __init__(self, sizes: Any, n_threads: int = 1) -> None:
        total = np.cumsum(sizes, dtype=np.int64)
        goals = np.linspace(0, total[-1] if len(total) else 0, PARTS + 1)[1:-1]
        bounds = np.concatenate([[0], np.searchsorted(total, goals), [len(total)]])
        self.ranges = [(a, b) for a, b in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True) if a < b]
        self.pool = ThreadPoolExecutor(n_threads) if n_threads > 1 else None

    def run(self, work: Any) -> list[Any]:
        """Call ``work(start, stop)`` for each range; gives the list of what it returns, in the order of the ranges."""
        if self.pool is None:
            return [work(start, stop) for start, stop in self.ranges]
        return list(self.pool.map(work, *zip(*self.ranges, strict=True)))


class Panels(NamedTuple):
    """A matrix (m, n) cut into p panels of columns.

    Attributes
    ----------
    starts : int array, shape (p, m + 1)
        The non-zeros of row i in panel q are ``starts[q, i]`` to ``starts[q, i + 1]``.
    places : uint16 array, shape (s,)
        The column within its panel.
    values : float array, shape (s,)
    """

    starts: np.ndarray
    places: np.ndarray
    values: np.ndarray

    @classmethod
    def of_rows(cls, X: Any) -> Any:
        """Cut a CSR matrix."""
        made = cls.empty(X, X.shape)
        fill_by_rows(X.indptr, X.indices, X.data, *made)
        return made

    @classmethod
    def of_columns(cls, X: Any) -> Any:
        """Cut the transpose of a CSR matrix."""
        made = cls.empty(X, X.shape[::-1])
        fill_by_columns(X.indptr, X.indices, X.data, *made)
        return made

    @classmethod
    def empty(cls, X: Any, shape: Any) -> Any:
        s, pointer = X.nnz, np.int32 if X.nnz < 2**31 else np.int64
        starts = np.zeros((-(-shape[1] // WIDTH), shape[0] + 1), pointer)
        return cls(starts, np.empty(s, np.uint16), np.empty(s, X.dtype))

    def lengths(self) -> np.ndarray:
        """Give how many non-zeros each row has, shape (m,)."""
        return np.diff(self.starts, axis=1).sum(axis=0)

    def dot(self, B: Any, out: Any, parts: Any) -> np.ndarray:
        """Write the product with ``B``, shape (n, k), into ``out``, shape (m, k)."""
        B = _wide(B)
        parts.run(lambda start, stop: multiply(*self, B, out[start:stop], start))
        return out

    def rows(self, B: Any, start: Any, stop: Any) -> Any:
        """Give rows ``start`` to ``stop`` of the product with ``B``, shape (stop - start, k)."""
        out = np.empty((stop - start, B.shape[1]), B.dtype)
        multiply(*self, _wide(B), out, start)
        return out


class SparseProducts:
    """The products of a matrix and of its transpose with dense ones.

    Parameters
    ----------
    X : csr_array or csc_array, shape (m, n)
        As :func:`ptembed.factor.matrices.nonnegative` gives it; not needed afterwards.
    n_threads : int

    Attributes
    ----------
    squares : float
        :math:`\\lVert X \\rVert_F^2`, added up in float64.
    parts : pair of Parts
        Of the rows and of the columns.
    """

    def __init__(self, X: Any, n_threads: int = 1) -> None:
        lines = X.T if X.format == "csc" else X
        with ThreadPoolExecutor(min(n_threads, 2)) as pool:
            sides = list(pool.map(lambda cut: cut(lines), (Panels.of_rows, Panels.of_columns)))
        self.sides = sides[::-1] if X.format == "csc" else sides
        self.parts = [Parts(side.lengths(), n_threads) for side in self.sides]
        self.shape, self.dtype = X.shape, X.dtype
        self.squares = sum_of_squares(X.data)

    def dot(self, B: Any, out: Any) -> np.ndarray:
        """Write :math:`X B` into ``out``: B (n, k) and out (m, k), C-contiguous, in the dtype of X."""
        return self.sides[0].dot(B, out, self.parts[0])

    def transposed_dot(self, B: Any, out: Any) -> np.ndarray:
        """Write :math:`X^T B` into ``out``: B (m, k) and out (n, k)."""
        return self.sides[1].dot(B, out, self.parts[1])


def _wide(B):
    """Give a matrix of at least ``LANES`` columns, those that were not there being zero."""
    return B if B.shape[1] >= LANES else np.pad(B, ((0, 0), (0, LANES - B.shape[1])))


@njit(nogil=True, cache=True)
def sum_of_squares(data):
    """Add up squares in float64 without an array of them."""
    total = 0.0
    for x in data:
        total += np.float64(x) * np.float64(x)
    return total


@njit(nogil=True, cache=True)
def fill_by_rows(indptr, indices, data, starts, places, values):
    """Panels of a CSR matrix; ``starts`` is zeros."""
    for i in range(len(indptr) - 1):
        for q in range(indptr[i], indptr[i + 1]):
            starts[indices[q] // WIDTH, i + 1] += 1
    end = 0
    for panel in range(starts.shape[0]):
        starts[panel, 0] = end
        for i in range(1, starts.shape[1]):
            end += starts[panel, i]
            starts[panel, i] = end
    following = starts[:, :-1].copy()
    for i in range(len(indptr) - 1):
        for q in range(indptr[i], indptr[i + 1]):
            panel = indices[q] // WIDTH
            at = following[panel, i]
            following[panel, i] = at + 1
            places[at], values[at] = indices[q] - panel * WIDTH, data[q]


@njit(nogil=True, cache=True)
def fill_by_columns(indptr, indices, data, starts, places, values):
    """Panels of the transpose of a CSR matrix: its columns are the rows of that one."""
    m, n, end = len(indptr) - 1, starts.shape[1] - 1, 0
    following = np.zeros(n, np.int64)
    for panel in range(starts.shape[0]):
        first, last = panel * WIDTH, min(m, (panel + 1) * WIDTH)
        following[:] = 0
        for q in range(indptr[first], indptr[last]):
            following[indices[q]] += 1
        for j in range(n):
            starts[panel, j] = end
            end += following[j]
            following[j] = starts[panel, j]
        starts[panel, n] = end
        for i in range(first, last):
            for q in range(indptr[i], indptr[i + 1]):
                at = following[indices[q]]
                following[indices[q]] = at + 1
                places[at], values[at] = i - first, data[q]


@njit(nogil=True, cache=True, fastmath=LOOSE)
def multiply(starts, places, values, B, out, start):
    """Rows from ``start`` on of the product with ``B``, which has at least ``LANES`` columns, into those of ``out``."""
    width, blocks = B.shape[1], -(-B.shape[1] // LANES)
    sums = np.empty(blocks * LANES, out.dtype)
    out[:] = 0
    for panel in range(starts.shape[0]):
        rows = B[panel * WIDTH : (panel + 1) * WIDTH]
        for i in range(len(out)):
            q, end = np.int64(starts[panel, start + i]), np.int64(starts[panel, start + i + 1])
            if q == end:
                continue
            sums[:] = 0
            while q + 8 <= end:
                eight_rows, eight_values = eight(places, q), eight(values, q)
                for b in range(blocks):
                    add_scaled(sums, b * LANES, rows, min(b * LANES, width - LANES), eight_rows, eight_values)
                q += 8
            while q < end:
                for b in range(blocks):
                    add_scaled(sums, b * LANES, rows, min(b * LANES, width - LANES), (places[q],), (values[q],))
                q += 1
            add_blocks(sums, width, out[i])


@njit(nogil=True, cache=True)
def eight(a, q):
    """Give eight numbers from place ``q`` on."""
    return a[q], a[q + 1], a[q + 2], a[q + 3], a[q + 4], a[q + 5], a[q + 6], a[q + 7]


@njit(nogil=True, cache=True)
def add_blocks(sums, width, out):
    """Add blocks of columns, the last of which ends with column ``width``, to a row."""
    for c in range(min(len(out), width - LANES)):
        out[c] += sums[c]
    for c in range(width - LANES, len(out)):
        out[c] += sums[c + len(sums) - width]
