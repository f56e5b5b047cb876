"""Nodes that hold a graph, taken apart again.

PyTensor fuses elementwise nodes into one with a ``Composite`` inside, and has Ops such as softmax that are graphs,
which is good for compiled code. Node by node in Python each part has its own NumPy function, which the whole has not;
and a row loop fuses by itself.
"""

import numpy as np
from pytensor.compile.builders import OpFromGraph
from pytensor.graph.fg import FunctionGraph
from pytensor.graph.traversal import applys_between, io_toposort
from pytensor.scalar.basic import Composite
from pytensor.tensor import as_tensor_variable
from pytensor.tensor.elemwise import Elemwise

from ptembed._pytensor import inner_graph

__all__ = ["unfuse"]


def unfuse(graph: FunctionGraph) -> None:
    """Replace fused elementwise nodes of ``graph``, and Ops made from graphs, by their parts."""
    waiting = graph.toposort()
    while waiting:
        node = waiting.pop()
        if parts := _parts(node):
            graph.replace_all(zip(node.outputs, parts, strict=True), reason="unfuse")
            waiting += [n for n in applys_between(node.inputs, parts) if n in graph.apply_nodes]


def _parts(node):
    if isinstance(node.op, Elemwise) and isinstance(node.op.scalar_op, Composite):
        return _elementwise(node)
    if isinstance(node.op, OpFromGraph):
        inputs, outputs = inner_graph(node.op)
        known = dict(zip(inputs, node.inputs, strict=True))
        for step in io_toposort(inputs, outputs):
            copy = step.clone_with_new_inputs([known.get(x, x) for x in step.inputs], strict=False)
            known |= zip(step.outputs, copy.outputs, strict=True)
        return [known.get(x, x) for x in outputs]
    return None


def _elementwise(node):
    inside, ones = node.op.scalar_op.fgraph, (1,) * node.outputs[0].type.ndim
    known = dict(zip(inside.inputs, node.inputs, strict=True))
    for step in inside.toposort():
        inputs = [known[v] if v in known else as_tensor_variable(np.full(ones, v.data)) for v in step.inputs]
        known |= zip(step.outputs, Elemwise(step.op)(*inputs, return_list=True), strict=True)
    parts = [known[v] for v in inside.outputs]
    for part, out in zip(parts, node.outputs, strict=True):
        if part not in node.inputs:
            part.type = out.type  # with all lengths that are known; PyTensor would add a node that checks them
    return parts
