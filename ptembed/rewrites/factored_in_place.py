"""A factored step changes its factors in place.

Where a view of a factor is an output of the function beside it, PyTensor would have the step work on a copy of the
factor; so the view is copied, as :mod:`ptembed.rewrites.in_place` does for row writes.
"""

from contextlib import suppress

from pytensor.compile.mode import optdb
from pytensor.compile.ops import deep_copy_op
from pytensor.graph.fg import Output
from pytensor.graph.rewriting.basic import GraphRewriter
from pytensor.graph.utils import InconsistencyError

from ptembed.ops.factored_step import FactoredStep
from ptembed.rewrites.in_place import POSITION, copy_views

__all__ = ["FactoredStepsInPlace"]


class FactoredStepsInPlace(GraphRewriter):
    """Make the factored steps of a function run in place."""

    def apply(self, fgraph):
        for node in fgraph.toposort():
            if isinstance(node.op, FactoredStep) and not node.op.inplace:
                for x in FactoredStep.changed(node):
                    copy_views(fgraph, x, [])
                    _copy_output(fgraph, x)
                op = FactoredStep(inplace=True, momentum=node.op.momentum)
                outputs = op(*node.inputs, return_list=True)
                with suppress(InconsistencyError):  # something else overwrites a factor: the step then copies it
                    fgraph.replace_all_validate(
                        list(zip(node.outputs, outputs, strict=True)), reason="factored_in_place"
                    )


def _copy_output(fgraph, x):
    for client, place in list(fgraph.clients[x]):
        if isinstance(client.op, Output):
            fgraph.change_node_input(client, place, deep_copy_op(x), reason="factored_in_place")


optdb.register("factored_in_place", FactoredStepsInPlace(), "fast_run", "inplace", "row_updates", position=POSITION)
