"""What becomes of softmaxes with a bias, and of the largest element of a softmax, while a graph is compiled."""

import pytensor.tensor as pt
from pytensor.graph.rewriting.basic import copy_stack_trace, node_rewriter
from pytensor.tensor.elemwise import DimShuffle, Elemwise
from pytensor.tensor.math import Argmax
from pytensor.tensor.rewriting.basic import register_canonicalize, register_specialize
from pytensor.tensor.special import Softmax, softmax

from ptembed import _pytensor
from ptembed.theano.tensor.nnet.softmaxes import SoftmaxWithBias

_PARTS = (*_pytensor.ROW_READS, DimShuffle)
_INCREASING = (pt.exp, pt.tanh, pt.sigmoid, pt.softplus)


@register_canonicalize("fast_compile")
@node_rewriter([SoftmaxWithBias])
def local_log_of_softmax_with_bias(fgraph, node):
    """Write ``softmax_with_bias(x, b)`` under a logarithm as ``softmax(x + b)``, whose logarithm is finite."""
    if not _is_under_log(fgraph, node.outputs[0]):
        return None
    x, b = node.inputs
    result = softmax(x + b, axis=1).astype(x.dtype)
    copy_stack_trace(node.outputs[0], result)
    return [node.outputs[0].type.filter_variable(result)]


def _is_under_log(fgraph, x) -> bool:
    """Whether a logarithm reads ``x`` or a part of it."""
    readers = [node for node, place in fgraph.clients[x] if place == 0]
    parts = [node for node in readers if isinstance(node.op, _PARTS)]
    return any(node.op == pt.log for node in readers) or any(_is_under_log(fgraph, n.outputs[0]) for n in parts)


@register_specialize("fast_compile")
@node_rewriter([Argmax])
def local_argmax_pushdown(fgraph, node):
    """Look for the largest element before a softmax, or a function that keeps the order."""
    (s,) = node.inputs
    if s.owner is None:
        return None
    axis = tuple(range(s.ndim)) if node.op.axis is None else tuple(node.op.axis)
    if isinstance(s.owner.op, Softmax) and s.owner.op.axis in (axis, axis[0] if len(axis) == 1 else None):
        x = s.owner.inputs[0]
    elif isinstance(s.owner.op, SoftmaxWithBias) and axis == (1,):
        x = pt.add(*s.owner.inputs)
        copy_stack_trace(s, [x, x.owner.inputs[1]])
    elif isinstance(s.owner.op, Elemwise) and s.owner.op in _INCREASING:
        x = s.owner.inputs[0]
    else:
        return None
    result = node.op(x)
    copy_stack_trace(node.outputs[0], result)
    return [result]
