"""Ordinary graphs of rows, compiled as loops over rows.

A graph that reads rows, combines them and writes rows back is for PyTensor a chain of passes over ``(m, d)`` arrays.
This rewrite finds the nodes that share their leading axes and makes each such group one
:class:`ptembed.ops.row_loop.RowLoop`.

Nodes are of one component when rows or cells flow between them, so they have as many rows. Of a component, those go
into one loop that no path outside of the loop connects: each node gets a *level*, which rises along a path that leaves
the component, or that starts at a node whose value is there only when its loop is over. A component cut by levels is a
convex part of the graph.

The rows that a step writes back are in the cache and are fetched in any case. So each loop that needs them reads them
itself, and none is handed a copy by another; histories are read by the loop that writes them.

What is left alone: a group without a read, a write or a sum of rows; rows that are given and written as they are, which
NumPy broadcasts; and rows that are written to a table that the same loop reads, unless by the same distinct row
numbers, since a loop in place would read what it has written.

Only graphs for the Numba linker are rewritten. ``mode.excluding("row_kernels")`` leaves them as they are.

Read next: :mod:`ptembed.ops.row_loop`.
"""

import numpy as np
from pytensor.compile.mode import optdb
from pytensor.graph.basic import Constant, clone_get_equiv
from pytensor.graph.fg import FunctionGraph
from pytensor.graph.rewriting.basic import GraphRewriter, copy_stack_trace, dfs_rewriter, node_rewriter
from pytensor.scalar import basic as ps
from pytensor.tensor.shape import Shape_i

from ptembed._pytensor import row_read, row_write
from ptembed.ops import row_loop_kernel  # noqa: F401  what the loops are compiled by
from ptembed.ops.distinct import Distinct, RowNumbers
from ptembed.ops.row_loop import RowLoop
from ptembed.ops.row_nodes import is_end, is_row, is_zeros, role, row_places, sums_row
from ptembed.ops.unfused import unfuse

__all__ = ["RowLoops", "row_loop_inplace"]

# computed again for each loop over the columns that needs them, so no more than some cycles each
CHEAP = {
    "Add",
    "Sub",
    "Mul",
    "TrueDiv",
    "Neg",
    "Sqr",
    "Root",
    "Sqrt",
    "Abs",
    "Sign",
    "Reciprocal",
    "Identity",
    "Cast",
    "Second",
}
CHEAP |= {"Maximum", "Minimum", "Clip", "Switch", "LT", "LE", "GT", "GE", "EQ", "NEQ"}
DTYPES = {"bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64"}


class RowLoops(GraphRewriter):
    """Make loops over rows out of ordinary nodes; see the module."""

    def apply(self, fgraph):
        for rank in (2, 1, 0):
            for nodes in _components(fgraph, rank):
                nodes |= _repeated_reads(fgraph, nodes, rank)
                while group := _first_group(fgraph, nodes, rank):
                    _replace(fgraph, group, rank)
                    nodes = nodes.difference(group)


@node_rewriter([RowLoop])
def row_loop_inplace(fgraph, node):
    """Let a loop write into its tables."""
    if node.op.inplace or not node.op.written():
        return None
    inplace = RowLoop(node.op.inputs, node.op.outputs, node.op.rank, inplace=True)
    outputs = inplace(*node.inputs, return_list=True)
    copy_stack_trace(node.outputs, outputs)
    return outputs


def _components(fgraph, rank):
    """Give sets of nodes between which rows or cells flow, and which are worth a loop of ``rank``."""
    parent = {node: node for node in fgraph.toposort() if _fits(fgraph, node, rank)}

    def find(node):
        while parent[node] is not node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for node in parent:
        # writes one after the other may be of different sizes, but for single rows
        flows = _flows(fgraph, node, parent, rank) if rank == 0 else _row_flows(node, parent, rank)
        for place in flows:
            parent[find(node)] = find(node.inputs[place].owner)
    components = {}
    for node in parent:
        components.setdefault(find(node), set()).add(node)
    return [nodes for nodes in components.values() if _is_worth_it(nodes, rank)]


def _first_group(fgraph, nodes, rank):
    """Give those of ``nodes`` that make the first loop of ``rank``, in the order of evaluation; None at the end."""
    if not _is_worth_it(nodes, rank):
        return None
    groups = {}
    for node, level in _levels(fgraph, nodes, rank).items():
        groups.setdefault(level, []).append(node)
    for _, group in sorted(groups.items()):
        group = _without_conflicts(group, rank)
        if _is_worth_it(group, rank):
            return group
    return None


def _levels(fgraph, nodes, rank):
    """Number ``nodes`` so that those of one number have no path between them outside of the loop."""
    level, beyond = {}, {}  # beyond: the least level of a node that comes after this one
    for node in fgraph.toposort():
        flows = _flows(fgraph, node, nodes, rank) if node in nodes else ()
        makers = [(place, v.owner) for place, v in enumerate(node.inputs) if v.owner is not None]
        least = max((level[maker] if place in flows else beyond[maker] for place, maker in makers), default=0)
        if node in nodes:
            level[node] = least
        beyond[node] = max((beyond[maker] for _, maker in makers), default=0)
        if node in nodes:
            beyond[node] = max(beyond[node], least + 1)
    for node in list(level):
        takers = [level[client] for client, _ in _takers(fgraph, node, nodes, rank)]
        if takers and min(takers) <= _first_write(fgraph, node, level):
            level[node] = min(takers)
    return level


def _repeated_reads(fgraph, nodes, rank):
    """Let each loop read the rows that are written back for itself; gives the new reads."""
    level, made = _levels(fgraph, nodes, rank), set()
    for node in level:
        last, reads = _first_write(fgraph, node, level), {level[node]: node}
        for client, place in _takers(fgraph, node, nodes, rank):
            if level[node] < level[client] <= last:
                read = reads.setdefault(level[client], node.clone())
                fgraph.change_node_input(client, place, read.outputs[0], reason="row_kernels")
        made |= fgraph.apply_nodes.intersection(reads.values())
    return made


def _takers(fgraph, node, nodes, rank):
    """Give (client, place) for what takes the rows of ``node``; none where anything but ``nodes`` does."""
    clients = [taker for out in node.outputs for taker in fgraph.clients[out]]
    return clients if all(client in nodes and place in row_places(client, rank) for client, place in clients) else []


def _first_write(fgraph, node, level):
    """Give the least level of the nodes that write back, at the same distinct rows, what ``node`` reads; -1 for none.

    A table that is written in any other way must not be read later than it was to be: it would be copied.
    """
    if not row_read(node) or row_read(node)[0].owner is not None:
        return -1
    table, idx = row_read(node)
    writers = [client for client, _ in fgraph.clients[table] if not _only_reads(client, table)]
    written_back = all(client in level and row_write(client) and row_write(client)[2] is idx for client in writers)
    return min((level[client] for client in writers), default=-1) if written_back and _is_distinct(idx) else -1


def _only_reads(node, table):
    if isinstance(node.op, RowLoop):
        return all(node.inputs[place] is not table for place in node.op.written().values())
    return bool(row_read(node)) or isinstance(node.op, Shape_i)


def _flows(fgraph, node, candidates, rank):
    """Give the places of the inputs that other candidates hand to ``node`` within one loop."""
    return _row_flows(node, candidates, rank) | ({0} if _continues(fgraph, node, candidates) else set())


def _row_flows(node, candidates, rank):
    makers = {place: node.inputs[place].owner for place in row_places(node, rank)}
    return {place for place, maker in makers.items() if maker in candidates and not is_end(maker, rank)}


def _continues(fgraph, node, candidates):
    """Tell whether ``node`` goes on to write a table of another candidate, that nobody looks at in between."""
    match = row_write(node)
    before = match[0].owner if match else None
    if before not in candidates or not row_write(before) or len(fgraph.clients[match[0]]) > 1:
        return False
    return not (node.op.set_instead_of_inc or before.op.set_instead_of_inc)


def _fits(fgraph, node, rank):
    kind = role(node, rank)
    if kind is None or not all(getattr(v.type, "dtype", None) in DTYPES for v in (*node.inputs, *node.outputs)):
        return False
    if kind != "map" or not is_row(node.outputs[0], rank):
        return True
    return _is_cheap(node.op.scalar_op) or sum(len(fgraph.clients[out]) for out in node.outputs) == 1


def _is_cheap(scalar_op):
    if isinstance(scalar_op, ps.Composite):
        return all(_is_cheap(node.op) for node in scalar_op.fgraph.apply_nodes)
    return type(scalar_op).__name__ in CHEAP


def _without_conflicts(nodes, rank):
    """Leave out the writes to tables that the loop reads by other row numbers."""
    left_out = set()
    for node in nodes:
        if row_write(node):
            table, _, idx = row_write(node)
            while table.owner in nodes and row_write(table.owner):
                table = table.owner.inputs[0]
            if node.inputs[0].owner in left_out or _conflicts(table, idx, nodes, rank):
                left_out.add(node)
    return [node for node in nodes if node not in left_out]


def _conflicts(table, idx, nodes, rank):
    """Tell whether a loop in place could read a row of ``table`` that it has written at ``idx``."""
    if any(node.inputs[place] is table for node in nodes for place in row_places(node, rank)):
        return True
    reads = {row_read(node)[1] for node in nodes if role(node, rank) == "read" and row_read(node)[0] is table}
    writes = {row_write(node)[2] for node in nodes if row_write(node) and row_write(node)[0] is table}
    return bool(reads) and (rank == 0 or not _is_distinct(idx) or reads | writes != {idx})


def _is_distinct(idx):
    return idx.owner is not None and isinstance(idx.owner.op, Distinct | RowNumbers) and idx is idx.owner.outputs[0]


def _is_worth_it(nodes, rank):
    if len(nodes) == 1 and all(map(_writes_given_rows, nodes)):
        return False
    roles = [role(node, rank) for node in nodes]
    reads = any(kind == "read" and node.inputs[0].type.ndim == 2 for kind, node in zip(roles, nodes, strict=True))
    writes = any(kind == "write" and node.inputs[0].type.ndim == 2 for kind, node in zip(roles, nodes, strict=True))
    sums = any(kind == "sum" and sums_row(node, rank) for kind, node in zip(roles, nodes, strict=True))
    return writes or (reads and sums) if rank == 0 else reads or writes or sums


def _writes_given_rows(node):
    """Whether ``node`` writes rows that are an input: one row may have been given for several."""
    match = row_write(node)
    return bool(match) and match[1].owner is None


def _replace(fgraph, nodes, rank):
    """Put a loop in the place of its nodes, and of the zeros that they write to."""
    outputs = [
        out for node in nodes for out in node.outputs if any(client not in nodes for client, _ in fgraph.clients[out])
    ]
    tables = [row_write(node)[0].owner for node in nodes if row_write(node)]
    zeros = [node for node in tables if node is not None and is_zeros(node)]
    made = {out for node in (*zeros, *nodes) for out in node.outputs}
    inputs = [v for node in (*zeros, *nodes) for v in node.inputs if v not in made and not _is_literal(v)]
    inner = {v: v.type() for v in inputs}
    equal = clone_get_equiv(inner, outputs, copy_inputs=False, copy_orphans=False, memo=dict(inner))
    graph = FunctionGraph(list(inner.values()), [equal[v] for v in outputs], clone=False)
    unfuse(graph)
    loop = RowLoop(graph.inputs, graph.outputs, rank)
    replacements = loop(*inner, return_list=True)
    copy_stack_trace(outputs, replacements)
    fgraph.replace_all_validate(list(zip(outputs, replacements, strict=True)), reason="row_kernels")


def _is_literal(var):
    return isinstance(var, Constant) and np.size(var.data) == 1 and bool(np.isfinite(var.data))


# after elementwise fusion (49) and before anything is done in place (49.5 and on)
optdb.register("row_loops", RowLoops(), "numba", "row_kernels", position=49.4)
optdb.register(
    "row_loops_inplace", dfs_rewriter(row_loop_inplace), "fast_run", "inplace", "row_kernels", position=50.05
)
