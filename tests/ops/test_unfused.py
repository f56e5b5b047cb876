"""Nodes that hold a graph, taken apart."""

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.graph.fg import FunctionGraph
from pytensor.scalar.basic import Composite
from pytensor.tensor.elemwise import Elemwise

from ptembed.ops.unfused import unfuse


def test_lengths_that_are_known_need_no_node_that_checks_them():
    x = pt.matrix("x")
    fused = pytensor.function([x], pt.exp(x) + 2 * x, mode="FAST_RUN").maker.fgraph.outputs[0].owner
    assert isinstance(fused.op.scalar_op, Composite)
    out = fused.op.make_node(x)
    out.outputs[0].type = pt.TensorType(x.dtype, shape=(3, None))
    graph = FunctionGraph([x], out.outputs, clone=False)
    unfuse(graph)
    assert all(
        isinstance(node.op, Elemwise) and not isinstance(node.op.scalar_op, Composite) for node in graph.apply_nodes
    )
    assert graph.outputs[0].type.shape == (3, None)
    value = np.arange(6.0).reshape(3, 2)
    np.testing.assert_allclose(graph.outputs[0].eval({x: value}, mode="FAST_COMPILE"), np.exp(value) + 2 * value)
