r"""Softmaxes that programs write by hand, ``e / e.sum(axis=1, keepdims=True)`` of ``e = T.exp(x)``, as e overflows.

Let m be the largest number of each row of x. With :math:`e^{x - m}` for e a variable v of degree d in e becomes
:math:`v e^{-d m}`: sums of a row have degree 1, the quotient has degree 0 and stays the same, and so do the terms of
its gradient, as :math:`(g / \sum e) \cdot e`. Where a gradient is computed, what comes out with degree 0 is computed
from :math:`e^{x - m}`, which is at most 1 while its sum is at least 1. The value alone is left to PyTensor's rewrites,
and so is what else is computed from e. O(nodes) for each softmax.
"""

from typing import NamedTuple

import pytensor.tensor as pt
from pytensor.compile.mode import optdb
from pytensor.graph.basic import Variable
from pytensor.graph.features import ReplaceValidate
from pytensor.graph.rewriting.basic import GraphRewriter, copy_stack_trace
from pytensor.tensor.elemwise import DimShuffle
from pytensor.tensor.math import Max, Sum

__all__ = ["Scaled", "SmallerExponentials"]


class Scaled(NamedTuple):
    """What replaces a variable of a degree other than 0.

    Attributes
    ----------
    variable : array
    degree : int
    axes : tuple of int or None
        For each dimension that of x which it is, None where m does not vary.
    """

    variable: Variable
    degree: int
    axes: tuple


class SmallerExponentials(GraphRewriter):
    """Compute softmaxes by hand and their gradients from exponentials of at most 1."""

    def add_requirements(self, fgraph):
        fgraph.attach_feature(ReplaceValidate())

    def apply(self, fgraph):
        for node in fgraph.toposort():
            if node in fgraph.apply_nodes and _is_sum_of_exponentials(node) and _is_divisor(fgraph, node):
                _replace(fgraph, node)


optdb.register("smaller_exponentials", SmallerExponentials(), "fast_run", position=0.7)  # of merged graphs


def _is_sum_of_exponentials(node):
    e = node.inputs[0] if isinstance(node.op, Sum) else None
    if e is None or e.owner is None or e.owner.op != pt.exp:
        return False
    x = e.owner.inputs[0]
    return x.dtype.startswith("float") and not _is_small(x)


def _is_small(x):
    if x.owner is None or x.owner.op != pt.sub:
        return False
    largest = x.owner.inputs[1].owner
    if largest is not None and isinstance(largest.op, DimShuffle):
        largest = largest.inputs[0].owner
    return largest is not None and isinstance(largest.op, Max)


def _is_divisor(fgraph, node):
    """Whether a sum divides something, and is read elsewhere too, as it is for a gradient."""
    readers = _readers(fgraph, node.outputs[0])
    return len(readers) > 1 and any(reader.op == pt.true_div and place == 1 for reader, place in readers)


def _readers(fgraph, x):
    """Give the nodes that read ``x``, as it is or with other dimensions, and at which place."""
    readers = []
    for node, place in fgraph.clients[x]:
        readers += _readers(fgraph, node.outputs[0]) if isinstance(node.op, DimShuffle) else [(node, place)]
    return readers


def _replace(fgraph, node):
    """Compute what follows from the exponentials that ``node`` sums from smaller ones, where it stays the same."""
    e = node.inputs[0]
    scaled = {e: _smaller(e, node.op.axis)}
    for reader in fgraph.toposort():
        result = _scaled(reader, [scaled.get(v) for v in reader.inputs]) if reader in fgraph.apply_nodes else None
        if result is None:
            continue
        copy_stack_trace(reader.outputs[0], result.variable)
        if result.degree:
            scaled[reader.outputs[0]] = result
        else:
            fgraph.replace_validate(reader.outputs[0], result.variable, reason="smaller_exponentials")


def _smaller(e, axis):
    x = e.owner.inputs[0]
    smaller = pt.exp(x - pt.max(x, axis=axis, keepdims=True))
    copy_stack_trace(e, smaller)
    summed = range(x.ndim) if axis is None else axis
    return Scaled(smaller, 1, tuple(None if i in summed else i for i in range(x.ndim)))


def _scaled(node, inputs):
    """Give the output of ``node`` from those inputs that are scaled; None if there are none, or if it has no degree."""
    if node.op == pt.second:
        inputs = [None, inputs[1]]
    given = [s for s in inputs if s is not None]
    degree = _degree(node.op, [0 if s is None else s.degree for s in inputs])
    if not given or degree is None or any(s.axes != given[0].axes for s in given):
        return None
    axes = _axes(node.op, given[0].axes)
    if axes is None:
        return None
    new = node.clone_with_new_inputs([v if s is None else s.variable for v, s in zip(node.inputs, inputs, strict=True)])
    return Scaled(node.outputs[0].type.filter_variable(new.outputs[0]), degree, axes)


def _degree(op, degrees):
    if op == pt.mul:
        return sum(degrees)
    if op == pt.true_div:
        return degrees[0] - degrees[1]
    if op in (pt.add, pt.sub):
        return degrees[0] if len(set(degrees)) == 1 else None
    return degrees[-1] if op in (pt.neg, pt.second) or isinstance(op, Sum | DimShuffle) else None


def _axes(op, axes):
    if isinstance(op, DimShuffle):
        return tuple(None if i == "x" else axes[i] for i in op.new_order)
    if isinstance(op, Sum):
        summed = range(len(axes)) if op.axis is None else op.axis
        left = tuple(a for i, a in enumerate(axes) if i not in summed)
        return left if all(axes[i] is None for i in summed) else None
    return axes
