r"""Products of a sparse matrix and a dense one, on the three arrays that a sparse matrix is made of.

A matrix :math:`X` in CSR form is ``data``, ``indices`` and ``indptr``: the non-zeros of row :math:`i`, and their
columns, stand at the places ``indptr[i]`` to ``indptr[i + 1]``. Let it have :math:`m` rows, :math:`n` columns and
:math:`s` non-zeros. There are three products, each of which is the gradient of the two others, each :math:`O(s d)`:

=================== ========================================= ==========
function            gives                                     shape
=================== ========================================= ==========
``compressed_dot``  :math:`X W`, W dense (n, d)               (m, d)
``transposed_dot``  :math:`X^T G`, G dense (m, d)             (n, d)
``pair_dots``       :math:`G_i \cdot W_j`, (i, j) non-zeros   (s,)
=================== ========================================= ==========

A matrix in CSC form is the transpose of one in CSR form, so these are all that is needed. The columns of a row may come
in any order and repeat; what is repeated adds. PyTensor's own kernels make a temporary row for each non-zero, and take
ten times as long as SciPy; :mod:`ptembed.rewrites.sparse_dots` puts these in their place.

Read next: :mod:`ptembed.ops.sparse_kernels`, :mod:`ptembed.rewrites.sparse_dots`, :mod:`ptembed.graphs.inputs`.
"""

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.scalar import upcast
from pytensor.tensor.type import integer_dtypes
from scipy.sparse import csr_array

from ptembed import _pytensor

__all__ = [
    "CompressedDot",
    "PairDots",
    "RowsOfNonzeros",
    "TransposedDot",
    "compressed_dot",
    "pair_dots",
    "rows_of_nonzeros",
    "transposed_dot",
]


class CompressedDot(Op):
    """:math:`X W`; see :func:`compressed_dot`."""

    __props__ = ("dtype",)

    def __init__(self, dtype):
        self.dtype = dtype

    def make_node(self, data, indices, indptr, W, n):
        W, n = _matrix(W, "W"), pt.as_tensor(n, dtype="int64", ndim=0)
        out = pt.tensor(dtype=self.dtype, shape=(None, W.type.shape[1]))
        return Apply(self, [*_structure(data, indices, indptr), W, n], [out])

    def perform(self, node, inputs, output_storage):
        data, indices, indptr, W, n = inputs
        check_columns(indices, int(n), len(W))
        product = csr_array((data, indices, indptr), (len(indptr) - 1, len(W))) @ W
        output_storage[0][0] = product.astype(self.dtype, copy=False)

    def connection_pattern(self, node):
        return [[True], [False], [False], [True], [False]]

    def pullback(self, inputs, outputs, cotangents):
        (data, indices, indptr, W, n), (g,) = inputs, cotangents
        by_data = pair_dots(indices, indptr, g, W).astype(data.type.dtype)
        by_W = transposed_dot(data, indices, indptr, g, n).astype(W.type.dtype)
        index, pointer, size = _pytensor.disconnected([indices, indptr, n])
        return [by_data, index, pointer, by_W, size]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [(shapes[2][0] - 1, shapes[3][1])]


class TransposedDot(Op):
    """:math:`X^T G`; see :func:`transposed_dot`."""

    __props__ = ("dtype",)

    def __init__(self, dtype):
        self.dtype = dtype

    def make_node(self, data, indices, indptr, G, n):
        G, n = _matrix(G, "G"), pt.as_tensor(n, dtype="int64", ndim=0)
        out = pt.tensor(dtype=self.dtype, shape=(None, G.type.shape[1]))
        return Apply(self, [*_structure(data, indices, indptr), G, n], [out])

    def perform(self, node, inputs, output_storage):
        data, indices, indptr, G, n = inputs
        check_columns(indices, int(n), int(n))
        check_rows(indptr, len(G))
        product = csr_array((data, indices, indptr), (len(G), int(n))).T @ G
        output_storage[0][0] = product.astype(self.dtype, copy=False)

    def connection_pattern(self, node):
        return [[True], [False], [False], [True], [False]]

    def pullback(self, inputs, outputs, cotangents):
        (data, indices, indptr, G, n), (h,) = inputs, cotangents
        by_data = pair_dots(indices, indptr, G, h).astype(data.type.dtype)
        by_G = compressed_dot(data, indices, indptr, h, n).astype(G.type.dtype)
        index, pointer, size = _pytensor.disconnected([indices, indptr, n])
        return [by_data, index, pointer, by_G, size]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [(node.inputs[4], shapes[3][1])]


class PairDots(Op):
    """:math:`G_i \\cdot W_j` at the non-zeros; see :func:`pair_dots`."""

    __props__ = ("dtype",)

    def __init__(self, dtype):
        self.dtype = dtype

    def make_node(self, indices, indptr, G, W):
        inputs = [_integers(indices, "indices"), _integers(indptr, "indptr"), _matrix(G, "G"), _matrix(W, "W")]
        return Apply(self, inputs, [pt.vector(dtype=self.dtype)])

    def perform(self, node, inputs, output_storage):
        indices, indptr, G, W = inputs
        check_columns(indices, len(W), len(W))
        check_rows(indptr, len(G))
        rows = np.repeat(np.arange(len(G)), np.diff(indptr))
        output_storage[0][0] = np.einsum("jc,jc->j", G[rows], W[indices]).astype(self.dtype, copy=False)

    def connection_pattern(self, node):
        return [[False], [False], [True], [True]]

    def pullback(self, inputs, outputs, cotangents):
        (indices, indptr, G, W), (h,) = inputs, cotangents
        by_G = compressed_dot(h, indices, indptr, W, W.shape[0]).astype(G.type.dtype)
        by_W = transposed_dot(h, indices, indptr, G, W.shape[0]).astype(W.type.dtype)
        return [*_pytensor.disconnected([indices, indptr]), by_G, by_W]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [shapes[0]]


class RowsOfNonzeros(Op):
    """The row of each non-zero; see :func:`rows_of_nonzeros`."""

    __props__ = ()

    def make_node(self, indptr):
        return Apply(self, [_integers(indptr, "indptr")], [pt.lvector()])

    def perform(self, node, inputs, output_storage):
        (indptr,) = inputs
        output_storage[0][0] = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))

    def connection_pattern(self, node):
        return [[False]]

    def pullback(self, inputs, outputs, cotangents):
        return _pytensor.disconnected(inputs)

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [(node.inputs[0][-1] - node.inputs[0][0],)]


def compressed_dot(data, indices, indptr, W, n):
    r"""Multiply a sparse matrix, given by its arrays in CSR form, and a dense one.

    .. math:: Y_i = \sum_j X_{ij} W_j

    Parameters
    ----------
    data : vector, shape (s,)
        The non-zeros, of any real dtype.
    indices : int vector, shape (s,)
        The column of each, in ``[0, n)``.
    indptr : int vector, shape (m + 1,)
        Where each row begins; ``indptr[0]`` is 0 and ``indptr[m]`` is s.
    W : matrix, shape (n, d)
    n : int or int scalar
        How many columns the sparse matrix has.

    Returns
    -------
    matrix, shape (m, d)
        In the dtype that holds both.

    Raises
    ------
    TypeError
        When an array is of the wrong kind.
    ValueError
        When called, if ``n`` is not the number of rows of ``W``.
    IndexError
        When called, if a column number is out of range.

    Examples
    --------
    >>> compressed_dot([1.0, 2.0], [0, 2], [0, 0, 2], np.eye(3), 3).eval()
    array([[0., 0., 0.],
           [1., 0., 2.]])
    """
    return CompressedDot(_common_dtype(data, W))(data, indices, indptr, W, n)


def transposed_dot(data, indices, indptr, G, n):
    r"""Multiply the transpose of a sparse matrix, given by its arrays in CSR form, and a dense one.

    .. math:: Y_j = \sum_i X_{ij} G_i

    Parameters
    ----------
    data, indices, indptr, n
        As for :func:`compressed_dot`.
    G : matrix, shape (m, d)

    Returns
    -------
    matrix, shape (n, d)

    Raises
    ------
    TypeError, ValueError, IndexError
        As for :func:`compressed_dot`, where ``G`` must have m rows.

    Examples
    --------
    >>> transposed_dot([1.0, 2.0], [0, 2], [0, 0, 2], [[5.0], [7.0]], 3).eval()
    array([[ 7.],
           [ 0.],
           [14.]])
    """
    return TransposedDot(_common_dtype(data, G))(data, indices, indptr, G, n)


def pair_dots(indices, indptr, G, W):
    """Give the dot product of row ``i`` of ``G`` and row ``j`` of ``W`` for each place ``(i, j)`` of a sparse matrix.

    Parameters
    ----------
    indices, indptr
        As for :func:`compressed_dot`.
    G : matrix, shape (m, d)
    W : matrix, shape (n, d)

    Returns
    -------
    vector, shape (s,)

    Raises
    ------
    TypeError, ValueError, IndexError
        As for :func:`compressed_dot`.

    Examples
    --------
    >>> pair_dots([0, 2], [0, 0, 2], [[5.0], [7.0]], [[1.0], [2.0], [3.0]]).eval()
    array([ 7., 21.])
    """
    return PairDots(_common_dtype(G, W))(indices, indptr, G, W)


def rows_of_nonzeros(indptr):
    """Give the row number of each non-zero of a sparse matrix in CSR form.

    Parameters
    ----------
    indptr : int vector, shape (m + 1,)

    Returns
    -------
    int64 vector, shape (s,)
        Ascending.

    Raises
    ------
    TypeError
        When ``indptr`` is no vector of integers.

    Examples
    --------
    >>> rows_of_nonzeros([0, 2, 2, 3]).eval()
    array([0, 0, 2])
    """
    return RowsOfNonzeros()(indptr)


def _structure(data, indices, indptr):
    data = pt.as_tensor(data)
    if data.type.ndim != 1 or data.type.dtype.startswith("complex"):
        raise TypeError(f"data must be a vector of real numbers, got {data.type}: give the data of a CSR matrix")
    return [data, _integers(indices, "indices"), _integers(indptr, "indptr")]


def _integers(x, name):
    x = pt.as_tensor(x)
    if x.type.dtype not in integer_dtypes or x.type.ndim != 1:
        raise TypeError(f"{name} must be a vector of integers, got {x.type}: give the {name} of a CSR matrix")
    return x


def _matrix(x, name):
    x = pt.as_tensor(x)
    if x.type.ndim != 2 or x.type.dtype.startswith("complex"):
        raise TypeError(f"{name} must be a matrix of real numbers, got {x.type}")
    return x


def _common_dtype(*operands):
    return upcast(*(pt.as_tensor(x).type.dtype for x in operands))


def check_columns(indices, n, rows):
    """Check that a product fits, and each column number; compiled, and in Python as it is."""
    if n != rows:
        raise ValueError("a sparse matrix must have as many columns as the dense one has rows: the shapes do not fit")
    wrong = False
    for j in indices:  # without a way out of the loop, so that it is vectorised
        wrong |= (j < 0) | (j >= n)
    if wrong:
        raise IndexError("the column numbers of a sparse matrix must lie in [0, n): check its indices")


def check_rows(indptr, rows):
    """Check that a sparse matrix has as many rows as a dense one."""
    if len(indptr) - 1 != rows:
        raise ValueError("a sparse matrix must have as many rows as the dense one: the shapes do not fit")
