"""Writes of a single row on PyTensor 3.0 without Numba.

There the check of sizes compares the number of rows written with that of the matrix, and refuses to write one row into
many. Later lines have it right.

Read next: :mod:`ptembed.rewrites.in_place`.
"""

from pytensor.compile.mode import optdb
from pytensor.graph.rewriting.basic import copy_stack_trace, dfs_rewriter, node_rewriter

from ptembed._pytensor import CheckedRowWrite

__all__ = []

if CheckedRowWrite is not None:

    @node_rewriter(CheckedRowWrite.__bases__)
    def checked_row_write(fgraph, node):
        """Check the sizes of a row write as they are."""
        if isinstance(node.op, CheckedRowWrite):
            return None
        new = CheckedRowWrite(node.op.inplace, node.op.set_instead_of_inc)(*node.inputs)
        copy_stack_trace(node.outputs, new)
        return [new]

    # before PyTensor has the graph watch for overwritten variables
    optdb.register("checked_row_write", dfs_rewriter(checked_row_write), "fast_run", "fast_compile", position=49.45)
