"""Fused elementwise nodes taken apart again.

PyTensor fuses elementwise nodes into one with a ``Composite`` inside, which is good for a compiled loop. Node by node in
Python each part has its own NumPy function, which the fused node has not; and a row loop fuses by itself.
"""

import numpy as np
from pytensor.graph.fg import FunctionGraph
from pytensor.scalar.basic import Composite
from pytensor.tensor import as_tensor_variable
from pytensor.tensor.elemwise import Elemwise

__all__ = ["unfuse"]


def unfuse(graph: FunctionGraph) -> dict:
    """Replace the fused nodes of ``graph`` by their parts.

    Returns
    -------
    dict
        From each variable that was replaced to what took its place.
    """
    replaced = {}
    for node in graph.toposort():
        if isinstance(node.op, Elemwise) and isinstance(node.op.scalar_op, Composite):
            pairs = list(zip(node.outputs, _parts(node), strict=True))
            graph.replace_all(pairs, reason="unfuse")
            replaced.update(pairs)
    return replaced


def _parts(node):
    inside, ones = node.op.scalar_op.fgraph, (1,) * node.outputs[0].type.ndim
    known = dict(zip(inside.inputs, node.inputs, strict=True))
    for step in inside.toposort():
        inputs = [known[v] if v in known else as_tensor_variable(np.full(ones, v.data)) for v in step.inputs]
        known |= zip(step.outputs, Elemwise(step.op)(*inputs, return_list=True), strict=True)
    return [known[v] for v in inside.outputs]
