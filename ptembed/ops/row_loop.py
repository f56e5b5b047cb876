r"""Many nodes that work row by row, run as one loop over the rows.

A step of an embedding is a chain of small passes: read rows, multiply, sum, squash, multiply again, add to the
gradient. Run one after the other, each pass writes :math:`m d` numbers that the next reads back, and a step of a
thousand rows costs five times its arithmetic. As one loop over the rows, what belongs to one row stays in registers
and the first cache, and the rows that come next are asked for in time (:mod:`ptembed.ops.prefetch`).

:class:`RowLoop` holds the nodes as a graph of its own. :mod:`ptembed.rewrites.row_kernels` makes it out of ordinary
graphs for the Numba linker, late, when gradients and shapes are settled; so it has neither a gradient nor
``infer_shape``. Sums over a row run in the dtype of the row, in parts of 1,024 numbers that are added in float64; their
order is not that of NumPy, so results agree to rounding.

Read next: :mod:`ptembed.ops.row_nodes`, :mod:`ptembed.ops.row_loop_source`.
"""

from pytensor.graph.basic import Apply, Constant
from pytensor.graph.op import Op
from pytensor.graph.traversal import io_toposort

from ptembed._pytensor import in_python, row_read, row_write
from ptembed.ops.row_nodes import is_zeros, role

__all__ = ["RowLoop"]


class RowLoop(Op):
    """One loop over rows.

    Parameters
    ----------
    inputs, outputs : lists of variables
        The graph of the loop; every node of it has a role in :mod:`ptembed.ops.row_nodes` or makes zeros.
    rank : int
        How many leading axes the loop runs over: 0, 1 or 2.
    inplace : bool
        Whether the tables that are written are changed, or copies of them.

    Raises
    ------
    ValueError
        When a node has no role in a loop of this rank.
    """

    def __init__(self, inputs, outputs, rank, inplace=False):
        self.inputs, self.outputs, self.rank, self.inplace = list(inputs), list(outputs), rank, inplace
        self.nodes = io_toposort(self.inputs, self.outputs)
        for node in self.nodes:
            if not role(node, rank) and not is_zeros(node):
                raise ValueError(
                    f"each node must fit into a loop of rank {rank}, got {node}: compute it before the loop"
                )
        if inplace:
            self.destroy_map = {k: [place] for k, place in self.written().items()}

    def __str__(self):
        words = " ".join(role(node, self.rank) or "zeros" for node in self.nodes)
        return f"RowLoop{{{words}{', inplace' if self.inplace else ''}}}"

    def make_node(self, *inputs):
        for given, inner in zip(inputs, self.inputs, strict=True):
            if not inner.type.is_super(given.type):
                raise TypeError(f"input must be {inner.type}, got {given.type}: build the loop from these variables")
        return Apply(self, list(inputs), [out.type() for out in self.outputs])

    def written(self):
        """Give, for each output that is a written table, the place of that table among the inputs."""
        roots = {k: self.root_table(out) for k, out in enumerate(self.outputs) if row_write(out.owner)}
        return {k: self.inputs.index(root) for k, root in roots.items() if root in self.inputs}

    def root_table(self, out):
        """Follow a written table back to the one that its writes began with."""
        while out.owner is not None and row_write(out.owner):
            out = out.owner.inputs[0]
        return out

    def last_write(self, node):
        """Follow a write to the last one into the same table, whose result is an output."""
        while node.outputs[0] not in self.outputs:
            node = next(later for later in self.nodes if row_write(later) and later.inputs[0] is node.outputs[0])
        return node

    def accesses(self):
        """Give (row numbers, table), once each, for what is read and written."""
        found = []
        for node in self.nodes:
            if role(node, self.rank) == "read":
                table, idx = row_read(node)
                found.append((idx, table))
            elif role(node, self.rank) == "write":
                found.append((row_write(node)[2], self.root_table(node.outputs[0])))
        return list(dict.fromkeys(found))

    def tables(self):
        """Give the tables that are read and written."""
        return list(dict.fromkeys(table for _, table in self.accesses()))

    def perform(self, node, inputs, output_storage):
        """Run node after node, as NumPy does."""
        values = dict(zip(self.inputs, inputs, strict=True))
        for inner in self.nodes:
            cells = [[None] for _ in inner.outputs]
            arrays = [v.data if isinstance(v, Constant) else values[v] for v in inner.inputs]
            _check_rows(inner, arrays)
            in_python(inner.op).perform(inner, arrays, cells)
            values.update((out, cell[0]) for out, cell in zip(inner.outputs, cells, strict=True))
        for k, (out, storage) in enumerate(zip(self.outputs, output_storage, strict=True)):
            storage[0] = values[out].copy() if role(out.owner, self.rank) == "column" else values[out]
            if k in self.destroy_map:
                table = inputs[self.destroy_map[k][0]]
                table[...] = values[out]
                storage[0] = table


def _check_rows(node, arrays):
    """Refuse a write of fewer rows than are to be written, as the kernel does."""
    if not row_write(node) or arrays[1].ndim < arrays[0].ndim or node.inputs[1].type.broadcastable[0]:
        return
    if len(arrays[1]) != len(arrays[2]):
        raise ValueError(
            "arrays that are combined row by row must have as many rows, and columns, as each other: "
            f"got {len(arrays[1])} rows to write at {len(arrays[2])} places"
        )
