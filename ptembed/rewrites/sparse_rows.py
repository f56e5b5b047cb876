"""Sparse matrices of rows added into zeros become dense where a dense matrix meets them.

The gradient of ``W[idx]`` can be a sparse matrix (``theano.sparse_grad``), and ``W - lr * g`` is then a sparse Op that
passes over all of ``W``, :math:`O(N d)`. Put in the form that a dense gradient has, it is found by
:mod:`ptembed.rewrites.row_updates` and compiled to writes of the rows alone, :math:`O(k d)`.
"""

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.rewriting.basic import node_rewriter
from pytensor.sparse.basic import CSM, Cast, ConstructSparseFromList, CSMProperties, DenseFromSparse
from pytensor.sparse.math import add_s_d, add_s_s, mul_s_d
from pytensor.sparse.type import SparseTensorType
from pytensor.tensor.elemwise import Elemwise
from pytensor.tensor.rewriting.basic import register_canonicalize
from pytensor.tensor.subtensor import inc_subtensor

__all__ = []

AddSD, AddSS, MulSD = type(add_s_d), type(add_s_s), type(mul_s_d)


@register_canonicalize
@node_rewriter([AddSD, DenseFromSparse, Elemwise])
def dense_form_of_sparse_rows(fgraph, node):
    """Put the dense form of a gradient by rows where the sparse one is added to a dense matrix or made dense.

    PyTensor's elementwise Ops take a sparse variable when the graph is made, and fail when it is computed; with a
    gradient by rows they are computed.
    """
    dense = [_dense(x) if isinstance(x.type, SparseTensorType) else None for x in node.inputs]
    if all(x is None for x in dense):
        return None
    inputs = [given if x is None else x for given, x in zip(node.inputs, dense, strict=True)]
    out = node.op(*inputs) if isinstance(node.op, Elemwise) else sum(inputs[1:], inputs[0])
    return [out.astype(node.outputs[0].dtype)]


def _dense(x):
    """The dense form of what is linear in gradients by rows, else None."""
    node = x.owner
    if node is None:
        return None
    if isinstance(node.op, ConstructSparseFromList):
        shape, rows, idx = node.inputs
        zeros = pt.alloc(np.zeros((1, 1), x.dtype), shape[0], shape[1])  # as PyTensor's own gradient has them
        return inc_subtensor(zeros[idx], rows)
    if isinstance(node.op, Cast):
        parts, function = node.inputs, lambda dense: dense.astype(x.dtype)
    elif isinstance(node.op, MulSD) and node.inputs[1].type.ndim == 0:
        parts, function = node.inputs[:1], lambda dense: dense * node.inputs[1]
    elif isinstance(node.op, AddSS):
        parts, function = node.inputs, lambda left, right: left + right
    elif isinstance(node.op, CSM) and _negated(node) is not None:
        parts, function = [_negated(node)], lambda dense: -dense
    else:
        return None
    dense = [_dense(part) for part in parts]
    return None if any(part is None for part in dense) else function(*dense)


def _negated(csm):
    """``x`` where ``csm`` makes ``-x``, else None."""
    data, *structure = csm.inputs
    minus = data.owner
    if minus is None or not (isinstance(minus.op, Elemwise) and minus.op == pt.neg):
        return None
    parts = [minus.inputs[0], *structure]
    taken = parts[0].owner
    if taken is None or not isinstance(taken.op, CSMProperties) or parts != taken.outputs:
        return None
    return taken.inputs[0] if taken.inputs[0].type.format == csm.op.format else None
