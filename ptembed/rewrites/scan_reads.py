r"""Rows that a loop reads one after another are written once after the loop.

The gradient of ``scan`` in a matrix of which each step reads some rows adds a dense matrix in every step,
``G = G + inc(0, x[t], idx[t])``: :math:`O(T N d)` for :math:`T` steps. If the loop does nothing else with ``G``, then
it may as well hand out the rows and their numbers, and all are added after it, in one write:

.. math:: G_T = G_0 + \sum_t \mathrm{inc}(0, x_t, idx_t) = \mathrm{inc}(G_0, [x_1, x_2, ...], [idx_1, idx_2, ...])

This needs as many row numbers in each step. So they must be a scalar, or made elementwise from what the loop is given.

Read next: :mod:`ptembed.rewrites.row_updates`, which writes these rows into the matrix itself.
"""

import pytensor.tensor as pt
from pytensor.compile.mode import optdb
from pytensor.graph.basic import Constant
from pytensor.graph.rewriting.basic import GraphRewriter
from pytensor.graph.traversal import ancestors, graph_inputs
from pytensor.scan.op import Scan
from pytensor.scan.utils import ScanArgs
from pytensor.tensor.elemwise import DimShuffle, Elemwise
from pytensor.tensor.subtensor import Subtensor, inc_subtensor

from ptembed import _pytensor
from ptembed.rewrites.row_sums import RowSums, is_zero

__all__ = ["ScanReads"]

# Before PyTensor rewrites loops (0.05) and the reads of their last step.
POSITION = 0.04


class ScanReads(GraphRewriter):
    """Move the sums of row gradients out of loops."""

    def apply(self, fgraph):
        for node in fgraph.toposort():
            while isinstance(node.op, Scan) and (moved := _first_moved(fgraph, node)) is not None:
                new_node, replaced = moved
                fgraph.replace_all(replaced, import_missing=True, reason="row_updates")
                node = new_node


def _first_moved(fgraph, node):
    """Move out the first sum that can be; gives the new node and the variables to replace, or None."""
    states = node.op.outer_sitsot_outs(node.outputs)
    reads = [_last_steps(fgraph, out) for out in states]
    if any(reads):
        parts = ScanArgs(node.inputs, node.outputs, *_pytensor.inner_graph(node.op), node.op.info, clone=False)
        for state, last in enumerate(reads):
            writes = last and _summed_writes(parts, state)
            if writes:
                return _moved(node.op, parts, state, writes, last)
    return None


def _last_steps(fgraph, out):
    """Give the variables that read the last step of a state, or None where another step is read too."""
    reads = [client for client, _ in fgraph.clients[out]]
    return [read.outputs[0] for read in reads] if reads and all(map(_reads_last, reads)) else None


def _reads_last(client):
    if not isinstance(getattr(client, "op", None), Subtensor) or client.op.idx_list != (0,):
        return False
    index = client.inputs[1]
    return isinstance(index, Constant) and index.data == -1


def _summed_writes(parts, state):
    """Give the writes whose rows a state adds up over the steps, or None where it is anything else."""
    before, after = parts.inner_in_sit_sot[state], parts.inner_out_sit_sot[state]
    total = RowSums(lambda var: var is before)(after)
    if total is None or total.base is not before or not total.layers:
        return None
    if not all(_is_regular(parts, before, write) for write in total.writes):
        return None
    used = [var for write in total.writes for var in (write.rows, *write.indices)]
    others = [out for out in parts.inner_outputs if out is not after]
    alone = before not in ancestors([*used, *others]) and parts.inner_outputs.count(after) == 1
    return total.writes if alone else None


def _is_regular(parts, matrix, write):
    """Tell whether a write has rows of one shape in each step."""
    if write.sets or len(write.indices) != 1 or isinstance(write.indices[0], slice):
        return False
    idx = write.indices[0]
    return _keeps_shape(parts, idx) and write.rows.type.broadcastable == matrix[idx].type.broadcastable


def _keeps_shape(parts, var):
    """Tell whether ``var`` has one shape in each step."""
    if getattr(var.type, "ndim", 0) == 0 or isinstance(var, Constant) or var in parts.inner_inputs:
        return True
    if isinstance(var.owner.op, (Elemwise, DimShuffle)):
        return all(_keeps_shape(parts, part) for part in var.owner.inputs)
    return all(isinstance(part, Constant) or part in parts.inner_in_non_seqs for part in graph_inputs([var]))


def _moved(op, parts, state, writes, last):
    """Give the loop without ``state``, and what to put in place of the old outputs."""
    initial = parts.outer_in_sit_sot[state]
    for kind in ("inner_in", "outer_in", "inner_out", "outer_out"):
        del getattr(parts, f"{kind}_sit_sot")[state]
    handed_out = [var for write in writes for var in (write.rows, pt.as_tensor(write.indices[0]))]
    parts.inner_out_nit_sot += handed_out
    parts.outer_in_nit_sot += [parts.n_steps] * len(handed_out)
    loop = _pytensor.loop_like(op, parts.inner_inputs, parts.inner_outputs, parts.info)
    new_node = loop.make_node(*parts.outer_inputs)

    added = new_node.op.outer_nitsot_outs(new_node.outputs)[-len(handed_out) :]
    kept = [out for out in new_node.outputs if out not in added]
    total = _first_step(initial)
    for rows, idx in zip(added[::2], added[1::2], strict=True):
        total = inc_subtensor(total[idx], rows)
    return new_node, [*zip(parts.outer_outputs, kept, strict=True), *((var, total) for var in last)]


def _first_step(initial):
    """Give the first step of a buffer, as zeros where the buffer is, so that nobody needs the buffer."""
    if is_zero(initial):
        return pt.zeros([initial.shape[i] for i in range(1, initial.type.ndim)], dtype=initial.type.dtype)
    return initial[0]


optdb.register("row_updates_of_scan", ScanReads(), "fast_run", "row_updates", "scan", position=POSITION)
