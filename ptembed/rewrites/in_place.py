"""Row writes into stored matrices take place in them.

PyTensor makes writes at vectors of row numbers in place late, after elementwise operations. By then one of these may
have been given the row ``W[i]``, a view, to overwrite, and nothing else may write to ``W`` in place: each step copies
:math:`N d` numbers. A view of a row that is an output of the function, or the increment itself, has the same effect.
So the writes come first here, and such views are copied, :math:`O(k d)`.

What PyTensor excludes with ``inplace`` is excluded here too.
"""

from contextlib import suppress

from pytensor.compile.mode import optdb
from pytensor.compile.ops import deep_copy_op
from pytensor.graph.fg import Output
from pytensor.graph.rewriting.basic import GraphRewriter
from pytensor.graph.utils import InconsistencyError

from ptembed import _pytensor
from ptembed.ops.row_loop import RowLoop

__all__ = ["RowWritesInPlace"]

# After PyTensor has the graph watch for overwritten variables (49.5), and before its own in-place rewrites (50.1).
POSITION = 49.9


class RowWritesInPlace(GraphRewriter):
    """Make the row writes of updates run in place."""

    def apply(self, fgraph):
        updated = {fgraph.outputs[out]: fgraph.inputs[place] for out, place in (fgraph.update_mapping or {}).items()}
        for new, matrix in updated.items():
            chain = _chain(new, matrix)
            if chain:
                writes = [node for node in chain if isinstance(node.op, _pytensor.ROW_WRITES)]
                copy_views(fgraph, matrix, writes)
                for node in reversed(writes):  # row loops have a rewrite of their own for this
                    _make_in_place(fgraph, node)


def _chain(new, matrix):
    """Give the row writes and loops that lead from ``matrix`` to ``new``, last first; none where anything else does."""
    chain = []
    while (place := _written_place(new)) is not None:
        chain.append(new.owner)
        new = new.owner.inputs[place]
    return chain if new is matrix else []


def _written_place(new):
    """Give which input of its node ``new`` is after rows of it were written, None where it is nothing of the kind."""
    op = new.owner.op if new.owner is not None else None
    if isinstance(op, RowLoop):
        return op.written().get(new.owner.outputs.index(new))
    return 0 if isinstance(op, _pytensor.ROW_WRITES) else None


def copy_views(fgraph, matrix, writes):
    """Copy the views of ``matrix`` that are outputs, or the values of its writes."""
    for view in _views(fgraph, matrix):
        for node, place in list(fgraph.clients[view]):
            if isinstance(node.op, Output) or (node in writes and place == 1):
                fgraph.change_node_input(node, place, deep_copy_op(view), reason="row_updates")


def _views(fgraph, matrix):
    """Give the variables that share memory with ``matrix``."""
    views, stack = [], [matrix]
    while stack:
        var = stack.pop()
        for node, place in fgraph.clients[var]:
            found = [node.outputs[out] for out, seen in getattr(node.op, "view_map", {}).items() if place in seen]
            views += found
            stack += found
    return views


def _make_in_place(fgraph, node):
    props = node.op._props_dict() | {"inplace": True}
    new_node = type(node.op)(**props).make_node(*node.inputs)
    with suppress(InconsistencyError):  # something else overwrites the matrix: PyTensor then copies it
        fgraph.replace_all_validate([(node.outputs[0], new_node.outputs[0])], reason="row_updates")


optdb.register("row_updates_in_place", RowWritesInPlace(), "fast_run", "inplace", "row_updates", position=POSITION)
