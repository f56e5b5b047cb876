r"""Products of some blocks of vectors with some blocks of a matrix.

A layer whose inputs and outputs come in blocks, few of which are active, needs the products of those alone: for each
example :math:`b` and active blocks :math:`i` in, :math:`j` out, :math:`o_{bj} + \sum_i h_{bi} W_{IJ}`, where
:math:`I` and :math:`J` are the numbers of the blocks. The gradient by :math:`W` adds the outer products
:math:`x_{bi} y_{bj}^T` to block :math:`I, J`. Both are O(batch x blocks in x blocks out x size of a block of W).

Read next: :mod:`ptembed.theano.tensor.nnet.blocksparse`.
"""

import numpy as np
import pytensor.tensor as pt
from numba import njit
from pytensor.compile.mode import optdb
from pytensor.gradient import grad_undefined
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.graph.rewriting.basic import copy_stack_trace, in2out, node_rewriter
from pytensor.tensor.type import integer_dtypes

from ptembed import _pytensor
from ptembed.ops.distinct import row_number

__all__ = ["SparseBlockGemv", "SparseBlockOuter"]

OTHER_LENGTHS = "the arrays must agree in the number of examples, of blocks and in the size of the blocks"


class _OfBlocks(Op):
    __props__ = ("inplace",)

    def __init__(self, inplace=False):
        self.inplace = inplace
        if inplace:
            self.destroy_map = {0: [0]}

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [shapes[0]]


class SparseBlockGemv(_OfBlocks):
    """Adds to blocks ``o`` the products of blocks ``h`` with those blocks of ``W`` that the indices name.

    Parameters
    ----------
    inplace : bool, optional
        Whether ``o`` is overwritten.

    Notes
    -----
    It is called with ``o`` (batch, active out, size out), ``W`` (blocks in, blocks out, size in, size out), ``h``
    (batch, active in, size in), ``inputIdx`` (batch, active in) and ``outputIdx`` (batch, active out).

    Raises
    ------
    TypeError
        For inputs of another rank.
    AssertionError
        For indices that are no integers.
    IndexError
        In the call, for an index of no block.
    """

    def make_node(self, o, W, h, inputIdx, outputIdx):
        o, W, h, inputIdx, outputIdx = inputs = [pt.as_tensor(v) for v in (o, W, h, inputIdx, outputIdx)]
        _check_ranks(o=(o, 3), W=(W, 4), h=(h, 3), inputIdx=(inputIdx, 2), outputIdx=(outputIdx, 2))
        _check_indices(inputIdx, outputIdx)
        return Apply(self, inputs, [o.type()])

    def perform(self, node, inputs, output_storage):
        o, W, h, inputIdx, outputIdx = inputs
        o = o if self.inplace else o.copy()
        for b in range(len(o)):
            o[b] += np.einsum("ik,ijkl->jl", h[b], W[inputIdx[b][:, None], outputIdx[b]])
        output_storage[0][0] = o

    def pullback(self, inputs, outputs, cotangents):
        _, W, h, inputIdx, outputIdx = inputs
        (g,) = cotangents
        g_W = SparseBlockOuter()(W.zeros_like(), h, g, inputIdx, outputIdx)
        g_h = SparseBlockGemv()(h.zeros_like(), W.dimshuffle(1, 0, 3, 2), g, outputIdx, inputIdx)
        return [g, g_W, g_h, *_no_gradients(self, 3, inputIdx, outputIdx)]


class SparseBlockOuter(_OfBlocks):
    """Adds to blocks of ``o`` the outer products of blocks ``x`` and ``y``, times ``alpha``.

    Parameters
    ----------
    inplace : bool, optional
        Whether ``o`` is overwritten.

    Notes
    -----
    It is called with ``o`` (blocks of x, blocks of y, size of x, size of y), ``x`` (batch, active, size), ``y`` (batch,
    active, size), ``xIdx`` and ``yIdx`` (batch, active), and a number ``alpha``, 1 if it is left out.

    Raises
    ------
    TypeError
        For inputs of another rank.
    AssertionError
        For indices that are no integers.
    IndexError
        In the call, for an index of no block.
    """

    def make_node(self, o, x, y, xIdx, yIdx, alpha=None):
        alpha = np.asarray(1, dtype="float32") if alpha is None else alpha
        o, x, y, xIdx, yIdx, alpha = inputs = [pt.as_tensor(v) for v in (o, x, y, xIdx, yIdx, alpha)]
        _check_ranks(o=(o, 4), x=(x, 3), y=(y, 3), xIdx=(xIdx, 2), yIdx=(yIdx, 2), alpha=(alpha, 0))
        _check_indices(xIdx, yIdx)
        return Apply(self, inputs, [o.type()])

    def perform(self, node, inputs, output_storage):
        o, x, y, xIdx, yIdx, alpha = inputs
        o = o if self.inplace else o.copy()
        for b in range(len(x)):
            np.add.at(o, (xIdx[b][:, None], yIdx[b]), (alpha * np.einsum("ik,jl->ijkl", x[b], y[b])).astype(o.dtype))
        output_storage[0][0] = o

    def pullback(self, inputs, outputs, cotangents):
        _, x, y, xIdx, yIdx, alpha = inputs
        (g,) = cotangents
        g_x = SparseBlockGemv()(x.zeros_like(), g.dimshuffle(1, 0, 3, 2), y, yIdx, xIdx)
        g_y = SparseBlockGemv()(y.zeros_like(), g, x, xIdx, yIdx)
        indices = _no_gradients(self, 3, xIdx, yIdx)
        return [g, alpha * g_x, alpha * g_y, *indices, (g_x * x).sum().astype(alpha.dtype)]


def _check_ranks(**ranks):
    for name, (v, ndim) in ranks.items():
        if v.type.ndim != ndim:
            raise TypeError(f"{name} must have {ndim} dimensions, got {v.type}: reshape it")


def _check_indices(*indices):
    for idx in indices:
        if idx.type.dtype not in integer_dtypes:
            raise AssertionError(f"indices of blocks must be integers, got {idx.type}: cast them")


def _no_gradients(op, place, *indices):
    return [grad_undefined(op, place + i, v, "the number of a block is whole") for i, v in enumerate(indices)]


@njit
def multiply_blocks(o, W, h, inputIdx, outputIdx):
    """Kernel of :class:`SparseBlockGemv`; overwrites ``o``."""
    (m, J, size_out), (_, I, size_in) = o.shape, h.shape
    if len(h) != m or inputIdx.shape != (m, I) or outputIdx.shape != (m, J) or W.shape[2:] != (size_in, size_out):
        raise ValueError(OTHER_LENGTHS)
    for b in range(m):
        for j in range(J):
            column = row_number(outputIdx[b, j], W.shape[1])
            for i in range(I):
                block = W[row_number(inputIdx[b, i], W.shape[0]), column]
                for k in range(size_in):
                    for p in range(size_out):
                        o[b, j, p] += h[b, i, k] * block[k, p]


@njit
def add_outer_products(o, x, y, xIdx, yIdx, alpha):
    """Kernel of :class:`SparseBlockOuter`; overwrites ``o``."""
    (m, I, size_x), (_, J, size_y) = x.shape, y.shape
    if len(y) != m or xIdx.shape != (m, I) or yIdx.shape != (m, J) or o.shape[2:] != (size_x, size_y):
        raise ValueError(OTHER_LENGTHS)
    for b in range(m):
        for i in range(I):
            row = row_number(xIdx[b, i], o.shape[0])
            for j in range(J):
                block = o[row, row_number(yIdx[b, j], o.shape[1])]
                for k in range(size_x):
                    for p in range(size_y):
                        block[k, p] += alpha * x[b, i, k] * y[b, j, p]


@_pytensor.numba_kernel(SparseBlockGemv)
def gemv_kernel(op, node):
    inplace = op.inplace

    @njit
    def gemv(o, W, h, inputIdx, outputIdx):
        result = o if inplace else o.copy()
        multiply_blocks(result, W, h, inputIdx, outputIdx)
        return result

    return gemv


@_pytensor.numba_kernel(SparseBlockOuter)
def outer_kernel(op, node):
    inplace = op.inplace

    @njit
    def outer(o, x, y, xIdx, yIdx, alpha):
        result = o if inplace else o.copy()
        add_outer_products(result, x, y, xIdx, yIdx, alpha.item())
        return result

    return outer


@node_rewriter([SparseBlockGemv, SparseBlockOuter], inplace=True)
def local_inplace_block_products(fgraph, node):
    """Overwrite the blocks that are added to, where nothing else needs them."""
    if node.op.inplace:
        return None
    result = type(node.op)(inplace=True)(*node.inputs)
    copy_stack_trace(node.outputs[0], result)
    return [result]


optdb.register("block_products_inplace", in2out(local_inplace_block_products), "fast_run", "inplace", position=60)
