"""Square roots of floats as one instruction, in what Numba compiles: elementwise nodes with them are vectorised.

``mode.excluding("roots")`` leaves them as they are.
"""

from pytensor.compile.mode import optdb
from pytensor.graph.rewriting.basic import copy_stack_trace, dfs_rewriter, node_rewriter
from pytensor.scalar.basic import Sqrt
from pytensor.tensor.elemwise import Elemwise

from ptembed.ops.root import root

__all__ = []


@node_rewriter([Elemwise])
def float_roots(fgraph, node):
    """Take the root of a float32 or a float64 as one instruction."""
    if type(node.op.scalar_op) is not Sqrt or node.inputs[0].type.dtype not in ("float32", "float64"):
        return None
    new = Elemwise(root)(*node.inputs)
    copy_stack_trace(node.outputs, new)
    return [new]


# before elementwise nodes are fused (49)
optdb.register("roots", dfs_rewriter(float_roots), "numba", position=48.9)
