r"""Distinct row numbers, ascending, and the place of every given one among them.

A row that a step reads twice must be updated once, by the sum of both gradients. So the rows are made distinct first.
The ids of one step are few and small, so neither comparison sorting nor a table of :math:`N` flags is wanted: up to
12 ids are inserted into a sorted list without any other memory; more are radix-sorted with their positions in the low
bits, :math:`O(k)` for each digit of 8 or 11 bits.

The same pass gives negative numbers NumPy's meaning and stops at the first that is out of range, so whatever is
computed from its result happens after the check.

Read next: :mod:`ptembed.graphs.rows`.
"""

import numpy as np
import pytensor.tensor as pt
from numba import njit
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.tensor.shape import Shape_i
from pytensor.tensor.type import integer_dtypes

from ptembed import _pytensor

__all__ = ["Distinct", "RowIndexError", "RowNumbers", "distinct", "row_numbers"]

TINY = 12


class RowIndexError(IndexError):
    """A row number outside of the matrix.

    Parameters
    ----------
    got : int
        The number as int64.
    N : int
        How many rows there are.
    positive : bool, optional
        Whether the number was positive, for what was a large uint64 and is a negative int64. Numba confuses signed and
        unsigned arguments of an exception, so that the number cannot be given as it was.
    """

    def __str__(self):
        if len(self.args) < 2:
            return super().__str__()
        got, N, *positive = self.args
        got += 2**64 if got < 0 and any(positive) else 0
        return f"row numbers must lie in [-{N}, {N}) for a matrix of {N} rows, got {got}: check idx"


class RowNumbers(Op):
    """Row numbers as int64 in ``[0, N)``, negative ones counted from the end; see :func:`row_numbers`."""

    __props__ = ()

    def make_node(self, idx, N):
        idx, N = _integer_vector(idx), pt.as_tensor(N, dtype="int64", ndim=0)
        return Apply(self, [idx, N], [pt.tensor(dtype="int64", shape=idx.type.shape)])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = _in_range(*inputs)

    def connection_pattern(self, node):
        return [[False], [False]]

    def pullback(self, inputs, outputs, cotangents):
        return _pytensor.disconnected(inputs)

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [shapes[0]]


class Distinct(Op):
    """Distinct row numbers and the inverse; see :func:`distinct`."""

    __props__ = ()

    def make_node(self, idx, N):
        idx, N = _integer_vector(idx), pt.as_tensor(N, dtype="int64", ndim=0)
        return Apply(self, [idx, N], [pt.lvector(), pt.tensor(dtype="int64", shape=idx.type.shape)])

    def perform(self, node, inputs, output_storage):
        ids, where = np.unique(_in_range(*inputs), return_inverse=True)
        output_storage[0][0] = ids
        output_storage[1][0] = where

    def connection_pattern(self, node):
        return [[False, False], [False, False]]

    def pullback(self, inputs, outputs, cotangents):
        return _pytensor.disconnected(inputs)

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [(Shape_i(0)(node.outputs[0]),), shapes[0]]


def row_numbers(idx, N):
    """Check row numbers and count negative ones from the end.

    Parameters
    ----------
    idx : int vector, shape (m,)
        Any integer dtype.
    N : int or int scalar
        How many rows there are.

    Returns
    -------
    int64 vector, shape (m,)
        In ``[0, N)``.

    Raises
    ------
    TypeError
        When ``idx`` is no integer vector.
    RowIndexError
        When called, for a number outside of ``[-N, N)``; it is an ``IndexError``.

    Examples
    --------
    >>> row_numbers([3, -1], 5).eval()
    array([3, 4])
    """
    return RowNumbers()(idx, N)


def distinct(idx, N):
    """Find the distinct row numbers, ascending, and where each given one is among them.

    Parameters
    ----------
    idx : int vector, shape (m,)
        Any integer dtype; repeats and negative numbers are allowed, ``-1`` and ``N - 1`` are one row.
    N : int or int scalar
        How many rows there are.

    Returns
    -------
    ids : int64 vector, shape (k,)
        In ``[0, N)``, ascending, each once.
    where : int64 vector, shape (m,)
        ``ids[where]`` is ``idx``, counted from the start.

    Raises
    ------
    TypeError
        When ``idx`` is no integer vector.
    RowIndexError
        When called, for a number outside of ``[-N, N)``; it is an ``IndexError``.

    Examples
    --------
    >>> ids, where = distinct([4, 2, -1], 5)
    >>> ids.eval(), where.eval()
    (array([2, 4]), array([1, 0, 1]))
    """
    return Distinct()(idx, N)


def _integer_vector(idx):
    idx = pt.as_tensor(idx)
    if idx.type.dtype not in integer_dtypes or idx.type.ndim != 1:
        raise TypeError(f"idx must be a vector of integers, got {idx.type}: cast it, or ravel it first")
    return idx


def _in_range(idx, N):
    wrong = idx >= N
    if idx.dtype.kind == "i":
        wrong |= idx < -N
    if wrong.any():
        got = idx[wrong][0]
        raise RowIndexError(int(got.astype("int64")), int(N), bool(got > 0))
    ids = idx.astype("int64")
    return np.where(ids < 0, ids + N, ids)


@njit
def row_number(i, N):
    """Give row number ``i`` of any integer type as int64 in ``[0, N)``."""
    row = np.int64(i)
    if row < 0 and i < 0:  # a large unsigned i is a negative row, but no negative i
        row += N
    if row < 0 or row >= N:
        raise RowIndexError(np.int64(i), N, i > 0)
    return row


@njit
def checked(idx, N):
    """Kernel of :class:`RowNumbers`."""
    ids = np.empty(len(idx), np.int64)
    for j in range(len(idx)):
        ids[j] = row_number(idx[j], N)
    return ids


@njit
def distinct_few(idx, N):
    """Insert each row number into a sorted list: :math:`O(k^2)`, no memory but the result."""
    ids, where = np.empty(len(idx), np.int64), checked(idx, N)
    k = 0
    for i in where:
        p = k
        while p > 0 and ids[p - 1] > i:
            p -= 1
        if p == 0 or ids[p - 1] != i:
            for q in range(k, p, -1):
                ids[q] = ids[q - 1]
            ids[p] = i
            k += 1
    for j in range(len(idx)):
        p = 0
        while ids[p] != where[j]:
            p += 1
        where[j] = p
    return ids[:k], where


@njit
def bit_length(n):
    """Count the binary digits of ``n >= 0``."""
    bits = 0
    while n > 0:
        n >>= 1
        bits += 1
    return bits


@njit
def radix_sort(keys, low, high):
    """Sort non-negative ``keys`` by their bits ``low`` to ``high``, stably; gives the sorted array and a spare one."""
    width = max(1, high - low)
    passes = -(-width // (8 if len(keys) < 256 else 11))
    digit = -(-width // passes)
    mask = (1 << digit) - 1
    start, other = np.empty(mask + 2, np.int64), np.empty_like(keys)
    for shift in range(low, low + passes * digit, digit):
        start[:] = 0
        for key in keys:
            start[((key >> shift) & mask) + 1] += 1
        for c in range(mask):
            start[c + 1] += start[c]
        for key in keys:
            c = (key >> shift) & mask
            other[start[c]] = key
            start[c] += 1
        keys, other = other, keys
    return keys, other


@njit
def distinct_many(idx, N):
    """Radix-sort the row numbers with their positions in the low bits; ``N * len(idx)`` must be below ``2**62``."""
    low = bit_length(len(idx))
    keys, used = np.empty(len(idx), np.int64), np.int64(0)
    for j in range(len(idx)):
        i = row_number(idx[j], N)
        keys[j] = (i << low) | j
        used |= i
    keys, where = radix_sort(keys, low, low + bit_length(used))
    ids, k = np.empty(len(idx), np.int64), 0
    for key in keys:
        i = key >> low
        if k == 0 or ids[k - 1] != i:
            ids[k] = i
            k += 1
        where[key & ((1 << low) - 1)] = k - 1
    return ids[:k], where


@_pytensor.numba_kernel(RowNumbers)
def row_numbers_kernel(op, node):
    @njit
    def row_numbers(idx, N):
        return checked(idx, N.item())

    return row_numbers


@_pytensor.numba_kernel(Distinct)
def distinct_kernel(op, node):
    @njit
    def distinct(idx, N):
        if len(idx) <= TINY:
            return distinct_few(idx, N.item())
        return distinct_many(idx, N.item())

    return distinct
