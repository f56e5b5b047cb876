"""The Numba kernels of :mod:`ptembed.ops.sparse_products`.

The rows of a product that lie next to each other are read and written whole: the loop over columns is the inner one and
is vectorised, four non-zeros of a row are added at once, and the rows that come next are asked for in time
(:mod:`ptembed.ops.prefetch`). A dense matrix whose rows are not contiguous, such as a transpose, is copied first.
"""

import numpy as np
from numba import njit

from ptembed import _pytensor
from ptembed.ops.prefetch import prefetch_row
from ptembed.ops.sparse_products import (
    CompressedDot,
    PairDots,
    RowsOfNonzeros,
    TransposedDot,
    check_columns,
    check_rows,
)

__all__ = []

AHEAD = 4  # rows that are asked for before they are needed
# sums may be taken in another order, products may be fused with them; NaN and infinity keep their meaning
LOOSE = {"reassoc", "contract", "nsz"}

fits_columns, fits_rows = njit(check_columns), njit(check_rows)


@njit
def has_whole_rows(x):
    """Whether the numbers of a row lie next to each other."""
    return x.strides[1] == x.itemsize or x.shape[1] == 1


@njit(fastmath=LOOSE)
def add_four(out, v0, x0, v1, x1, v2, x2, v3, x3):
    """Add four rows at once, so that ``out`` is read and written once for all of them."""
    for c in range(len(out)):
        out[c] += v0 * x0[c] + v1 * x1[c] + v2 * x2[c] + v3 * x3[c]


@njit(fastmath=LOOSE)
def add_one(out, v, x):
    """Add a row times a number."""
    for c in range(len(out)):
        out[c] += v * x[c]


@njit
def multiply(data, indices, indptr, W, out):
    """Kernel of :class:`CompressedDot`; ``out`` is zeros."""
    number, last = out.dtype.type, len(indices) - 1
    for i in range(len(out)):
        row, j, end = out[i], np.int64(indptr[i]), np.int64(indptr[i + 1])
        while j + 4 <= end:
            for ahead in range(j + AHEAD, j + AHEAD + 4):
                prefetch_row(W, indices[min(ahead, last)])
            v0, v1, v2, v3 = number(data[j]), number(data[j + 1]), number(data[j + 2]), number(data[j + 3])
            x0, x1, x2, x3 = W[indices[j]], W[indices[j + 1]], W[indices[j + 2]], W[indices[j + 3]]
            add_four(row, v0, x0, v1, x1, v2, x2, v3, x3)
            j += 4
        while j < end:
            add_one(row, number(data[j]), W[indices[j]])
            j += 1
    return out


@njit
def transposed(data, indices, indptr, n):
    """Give the arrays of the transpose in CSR form by counting, :math:`O(s + m + n)`."""
    starts = np.zeros(n + 1, np.int64)
    for j in indices:
        starts[j + 1] += 1
    for i in range(n):
        starts[i + 1] += starts[i]
    places = starts[:-1].copy()
    values, rows = np.empty_like(data), np.empty_like(indices)
    for i in range(len(indptr) - 1):
        for j in range(indptr[i], indptr[i + 1]):
            place = places[indices[j]]
            values[place], rows[place] = data[j], i
            places[indices[j]] = place + 1
    return values, rows, starts


@njit(fastmath=LOOSE)
def dot_pairs(indices, indptr, G, W, out):
    """Kernel of :class:`PairDots`."""
    last = len(indices) - 1
    for i in range(len(G)):
        g = G[i]
        for j in range(indptr[i], indptr[i + 1]):
            prefetch_row(W, indices[min(j + AHEAD, last)])
            w, total = W[indices[j]], out.dtype.type(0)
            for c in range(len(g)):
                total += g[c] * w[c]
            out[j] = total
    return out


@_pytensor.numba_kernel(CompressedDot)
def compressed_dot_kernel(op, node):
    dtype = np.dtype(op.dtype)

    @njit
    def compressed_dot(data, indices, indptr, W, n):
        fits_columns(indices, n.item(), len(W))
        out = np.zeros((len(indptr) - 1, W.shape[1]), dtype)
        rows = W if has_whole_rows(W) else W.copy()
        return multiply(data, indices, indptr, rows, out)

    return compressed_dot


@_pytensor.numba_kernel(TransposedDot)
def transposed_dot_kernel(op, node):
    dtype = np.dtype(op.dtype)

    @njit
    def transposed_dot(data, indices, indptr, G, n):
        fits_columns(indices, n.item(), n.item())
        fits_rows(indptr, len(G))
        out = np.zeros((n.item(), G.shape[1]), dtype)
        rows = G if has_whole_rows(G) else G.copy()
        return multiply(*transposed(data, indices, indptr, n.item()), rows, out)

    return transposed_dot


@_pytensor.numba_kernel(PairDots)
def pair_dots_kernel(op, node):
    dtype = np.dtype(op.dtype)

    @njit
    def pair_dots(indices, indptr, G, W):
        fits_columns(indices, len(W), len(W))
        fits_rows(indptr, len(G))
        return dot_pairs(indices, indptr, G, W, np.empty(len(indices), dtype))

    return pair_dots


@_pytensor.numba_kernel(RowsOfNonzeros)
def rows_of_nonzeros_kernel(op, node):
    @njit
    def rows_of_nonzeros(indptr):
        rows = np.empty(indptr[-1] - indptr[0], np.int64)
        for i in range(len(indptr) - 1):
            rows[indptr[i] - indptr[0] : indptr[i + 1] - indptr[0]] = i
        return rows

    return rows_of_nonzeros
