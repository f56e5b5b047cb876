r"""Sparse products of PyTensor's, run by our kernels, and their gradients as rows.

Two rewrites, both for graphs that Numba compiles; ``mode.excluding("sparse_products")`` leaves them out.

*As rows.* The gradient of ``structured_dot(x, W)`` in ``W`` is :math:`X^T G`, a dense matrix of which few rows are not
zero. Where it goes to an update by elementwise steps alone, it is put as rows added into zeros,

.. math:: X^T G = \mathrm{inc}(0, \mathrm{data}_s\, G_{i(s)}, j(s)) \quad \text{for the non-zeros } s = (i, j)

which :mod:`ptembed.rewrites.row_updates` compiles to writes of these rows, :math:`O(s d)`. What it leaves is put back.

*Kernels.* ``structured_dot``, ``dot``, ``true_dot`` and ``usmm`` of a sparse and a dense matrix, in CSR and CSC form,
the dense one left or right, and the gradient in the non-zeros become :mod:`ptembed.ops.sparse_products`; ``mul`` of a
sparse matrix works on the non-zeros, without a copy of the indices, or on those that two sparse ones have in common. A
product of two sparse matrices is PyTensor's compiled ``structured_dot``. Results are PyTensor's to rounding.

Read next: :mod:`ptembed.ops.sparse_products`, :mod:`ptembed.rewrites.row_updates`.
"""

import pytensor.tensor as pt
from pytensor.compile.mode import optdb
from pytensor.graph.basic import Variable
from pytensor.graph.rewriting.basic import GraphRewriter, copy_stack_trace, dfs_rewriter, node_rewriter
from pytensor.graph.rewriting.db import SequenceDB
from pytensor.raise_op import CheckAndRaise
from pytensor.sparse import math as sparse_math
from pytensor.sparse.basic import SparseFromDense
from pytensor.sparse.math import Dot, StructuredDot, StructuredDotGradCSC, StructuredDotGradCSR, TrueDot, Usmm
from pytensor.tensor.elemwise import DimShuffle, Elemwise
from pytensor.tensor.subtensor import inc_subtensor

from ptembed import _pytensor
from ptembed.ops import sparse_kernels  # noqa: F401  what the products are compiled by
from ptembed.ops.distinct import Distinct, row_numbers
from ptembed.ops.sparse_arrays import compressed, is_sparse
from ptembed.ops.sparse_common import CommonNonzeros
from ptembed.ops.sparse_products import (
    CompressedDot,
    RowsOfNonzeros,
    compressed_dot,
    pair_dots,
    transposed_dot,
)
from ptembed.rewrites.row_updates import POSITION

__all__ = ["GradientsAsRows"]

MulSS, MulSD, MulSV = map(type, (sparse_math.mul_s_s, sparse_math.mul_s_d, sparse_math.mul_s_v))

fits = CheckAndRaise(ValueError, "a sparse matrix must have as many columns as the dense one has rows")
same_columns = CheckAndRaise(ValueError, "two sparse matrices must be of one shape to be multiplied element by element")


def _is_real(x):
    return not x.type.dtype.startswith("complex")


def _factors(node):
    """Give the two factors of a product of one sparse and one dense matrix, both real, else None."""
    if not isinstance(node.op, StructuredDot | Dot | TrueDot | Usmm):
        return None
    x, y = node.inputs[1:3] if isinstance(node.op, Usmm) else node.inputs
    matrices = x.type.ndim == 2 and y.type.ndim == 2 and _is_real(x) and _is_real(y)
    known = all(v.type.format in ("csr", "csc") for v in (x, y) if is_sparse(v))
    return (x, y) if matrices and known and is_sparse(x) != is_sparse(y) else None


def _product(x, y):
    if is_sparse(x):
        return compressed(x).dot(y)
    return compressed(y).transposed().dot(x.T).T


class GradientsAsRows(GraphRewriter):
    """Put products that go to an update in the form that gradients by rows have; see the module."""

    def apply(self, fgraph):
        for node in fgraph.toposort():
            factors = _factors(node) if isinstance(node.op, StructuredDot | Dot) else None
            if factors and is_sparse(factors[0]) and _goes_to_an_output(fgraph, node.outputs[0]):
                out = node.outputs[0]
                rows = _as_rows(compressed(factors[0]), factors[1], out.type.dtype)
                fgraph.replace(out, out.type.filter_variable(rows), reason="sparse_products")


def _goes_to_an_output(fgraph, var):
    """Tell whether a variable reaches, by elementwise steps alone, an output that could be an update."""
    stack, seen = [var], set()
    while stack:
        x = stack.pop()
        if x in seen:
            continue
        seen.add(x)
        if x in fgraph.outputs:
            return True
        stack.extend(node.outputs[0] for node, _ in fgraph.clients[x] if isinstance(node.op, Elemwise))
    return False


def _as_rows(x, dense, dtype):
    rows, columns = x.places()
    dense = fits(dense, pt.eq(dense.shape[0], x.shape[1]))
    zeros = pt.zeros((x.shape[0], dense.shape[1]), dtype=dtype)
    return inc_subtensor(zeros[rows], (x.data[:, None] * dense[columns]).astype(dtype))


@node_rewriter(_pytensor.ROW_WRITES)
def rows_to_product(fgraph, node):
    """Put back what :class:`GradientsAsRows` made and no update has taken."""
    match = _pytensor.row_write(node)
    parts = match and _rows_of_product(match[1])
    if not parts or not _is_zeros(match[0]):
        return None
    (zeros, _, rows), (data, dense, columns) = match, parts
    if isinstance(getattr(columns.owner, "op", None), RowsOfNonzeros):
        product = transposed_dot(data, rows, columns.owner.inputs[0], dense, zeros.shape[0])
    elif isinstance(getattr(rows.owner, "op", None), RowsOfNonzeros):
        product = compressed_dot(data, columns, rows.owner.inputs[0], dense, dense.shape[0])
    else:
        return None
    return [node.outputs[0].type.filter_variable(product.astype(node.outputs[0].type.dtype))]


def _rows_of_product(rows):
    """Give ``(data, dense, columns)`` of ``data[:, None] * dense[columns]``, else None."""
    if rows.owner is None or not isinstance(rows.owner.op, Elemwise) or rows.owner.op != pt.mul:
        return None
    if len(rows.owner.inputs) != 2 or any(v.owner is None for v in rows.owner.inputs):
        return None
    column, taken = (v.owner for v in rows.owner.inputs)
    read = _pytensor.row_read(taken)
    if not read or not isinstance(column.op, DimShuffle) or column.op.new_order != (0, "x"):
        return None
    return (column.inputs[0], *read)


def _is_zeros(var):
    value = pt.get_underlying_scalar_constant_value(var, raise_not_constant=False)
    return not isinstance(value, Variable) and value == 0


@node_rewriter([StructuredDot, Dot, TrueDot, Usmm])
def sparse_product(fgraph, node):
    """Let our kernels multiply a sparse matrix and a dense one."""
    factors, out = _factors(node), node.outputs[0]
    if not factors:
        return _sparse_by_sparse(node)
    product = _product(*factors)
    if isinstance(node.op, TrueDot):
        return [SparseFromDense(out.type.format)(product.astype(out.type.dtype))]
    if isinstance(node.op, Usmm):
        scale, *_, more = node.inputs
        product = scale.dimshuffle(*"xx"[: 2 - scale.type.ndim], *range(scale.type.ndim)) * product + more
    product = out.type.filter_variable(product.astype(out.type.dtype))
    copy_stack_trace(out, product)
    return [product]


def _sparse_by_sparse(node):
    x, y = node.inputs[:2]
    if not isinstance(node.op, TrueDot) or not (is_sparse(x) and is_sparse(y)):
        return None
    product = sparse_math.structured_dot(x, y)
    return [product] if product.type == node.outputs[0].type else None


@node_rewriter([StructuredDotGradCSR, StructuredDotGradCSC])
def sparse_product_gradient(fgraph, node):
    """Let our kernel compute the gradient in the non-zeros."""
    indices, indptr, y, g = node.inputs
    if is_sparse(y) or is_sparse(g) or not (_is_real(y) and _is_real(g)):
        return None
    by_csr = isinstance(node.op, StructuredDotGradCSR)
    dots = pair_dots(indices, indptr, g, y) if by_csr else pair_dots(indices, indptr, y, g)
    return [dots.astype(node.outputs[0].type.dtype)]


@node_rewriter([MulSD, MulSV])
def sparse_multiply(fgraph, node):
    """Multiply the non-zeros alone, and let the result share its indices with the matrix."""
    x, y = node.inputs
    out = node.outputs[0]
    if (
        x.type.format not in ("csr", "csc")
        or out.type.format != x.type.format
        or y.type.broadcastable != (False,) * y.type.ndim
    ):
        return None
    parts = compressed(x)
    rows, columns = parts.places()
    factor = y if y.type.ndim == 0 else y[columns] if y.type.ndim == 1 else y[rows, columns]
    product = parts._replace(data=(parts.data * factor).astype(out.type.dtype)).matrix()
    return [product] if product.type == out.type else None


@node_rewriter([MulSS])
def sparse_multiply_sparse(fgraph, node):
    """Multiply two sparse matrices where both are not zero."""
    x, y = map(compressed, node.inputs)
    out = node.outputs[0]
    if x.is_csc != y.is_csc or not all(map(_is_real, node.inputs)) or out.type.format not in ("csr", "csc"):
        return None
    x_n, y_n = (parts.shape[0 if parts.is_csc else 1] for parts in (x, y))
    n = same_columns(x_n, pt.eq(x_n, y_n))
    data, indices, indptr = CommonNonzeros(out.type.dtype)(*x[:3], *y[:3], n)
    product = x._replace(data=data, indices=indices, indptr=indptr).matrix()
    return [product] if product.type == out.type else None


@node_rewriter([CompressedDot])
def product_of_distinct_rows(fgraph, node):
    """Multiply by the rows where they are, and not by a copy of the distinct ones."""
    data, where, indptr, part, _ = node.inputs
    read = part.owner and _pytensor.row_read(part.owner)
    if not read or read[1].owner is None or where.owner is not read[1].owner:
        return None
    if not isinstance(where.owner.op, Distinct):
        return None
    (W, _), (idx, N) = read, where.owner.inputs
    return [compressed_dot(data, row_numbers(idx, N), indptr, W, N)]


products = SequenceDB()
TAGS = "numba", "sparse_products"
products.register("rows_to_product", dfs_rewriter(rows_to_product), *TAGS, position=1)
products.register("sparse_product", dfs_rewriter(sparse_product, sparse_product_gradient), *TAGS, position=2)
products.register("sparse_multiply", dfs_rewriter(sparse_multiply, sparse_multiply_sparse), *TAGS, position=2.1)
products.register("product_of_distinct_rows", dfs_rewriter(product_of_distinct_rows), *TAGS, position=3)
optdb.register("gradients_as_rows", GradientsAsRows(), *TAGS, position=POSITION - 0.01)
optdb.register("sparse_by_dense", products, *TAGS, position=POSITION + 0.01)
