"""Index algebra: read the rows that are used, add to the rows that have a gradient.

``W[ids]`` with a matrix of ids, one column a role (reference, positive, negative), is the usual way to write a step,
and its parts ``W[ids][:, 0]`` and the gradient put together from parts are copies. Here the index is cut instead of
the rows:

* ``table[idx][slots]``          becomes  ``table[idx[slots]]``
* ``table[idx].reshape(...)``    becomes  ``table[idx.reshape(...)]`` where whole rows stay whole
* ``split(table[idx])``          becomes  ``table[split(idx)]``
* ``table[ids][where]``          becomes  ``table[ids[where]]``, and ``ids[where]`` of distinct ids the index they
came from * adding rows put together from parts, to ``table[idx]``, becomes adding each part to ``table[idx[slots]]``

The numbers are the same, but for the order in which the gradients of a repeated row are added.

Read next: :mod:`ptembed.rewrites.row_kernels`.
"""

import pytensor.tensor as pt
from pytensor.compile.mode import optdb
from pytensor.graph.basic import Constant
from pytensor.graph.rewriting.basic import copy_stack_trace, dfs_rewriter, node_rewriter
from pytensor.graph.rewriting.db import EquilibriumDB, SequenceDB
from pytensor.scalar import basic as ps
from pytensor.tensor.basic import ScalarFromTensor, Split, TensorFromScalar
from pytensor.tensor.elemwise import DimShuffle, Elemwise
from pytensor.tensor.shape import Reshape
from pytensor.tensor.subtensor import IncSubtensor, Subtensor

from ptembed._pytensor import join_parts, row_read, row_write, split_parts
from ptembed.ops.distinct import Distinct
from ptembed.ops.row_nodes import is_zeros
from ptembed.rewrites.row_sizes import is_flattened, known_size, same_size

CUTS = DimShuffle | Subtensor | Reshape | Split | ScalarFromTensor | TensorFromScalar

__all__ = ["add_parts", "read_composed", "read_reshaped", "read_slots", "read_split", "split_joined"]


@node_rewriter([Subtensor])
def read_slots(fgraph, node):
    """``table[idx][slots]`` to ``table[idx[slots]]``."""
    read = _read(node.inputs[0])
    if read is None or row_read(node):  # the latter by read_composed
        return None
    table, idx = read
    if len(node.op.idx_list) > getattr(idx.type, "ndim", 0):
        return None
    return _done(node, table[node.op(idx, *node.inputs[1:])])


@node_rewriter([Reshape])
def read_reshaped(fgraph, node):
    """``table[idx].reshape(...)`` to ``table[idx.reshape(...)]`` where the axes of a row are kept."""
    read = _read(node.inputs[0])
    if read is None:
        return None
    table, idx = read
    kept = node.op.ndim - table.type.ndim + 1
    if kept < 0 or not _same_rows(node.outputs[0], kept, table):
        return None
    return _done(node, table[_reshaped(idx, node.outputs[0], kept)])


@node_rewriter([Split])
def read_split(fgraph, node):
    """``split(table[idx])`` to ``table[split(idx)]``."""
    read = _read(node.inputs[0])
    if read is None or read[1].type.ndim != 1 or not split_parts(node):
        return None
    table, idx = read
    pieces = node.op(idx, *node.inputs[1:], return_list=True)
    return _done(node, *(table[piece] for piece in pieces))


@node_rewriter([Split])
def split_joined(fgraph, node):
    """``split(join(parts))`` to ``parts`` where it is split at their ends."""
    x, _ = split_parts(node) or (None, None)
    parts = join_parts(x.owner) if x is not None and x.owner is not None else None
    if not parts or len(parts) != len(node.outputs):
        return None
    return _done(node, *parts) if all(same_size(p, 0, q, 0) for p, q in zip(parts, node.outputs, strict=True)) else None


@node_rewriter(None)
def read_composed(fgraph, node):
    """``table[ids][where]`` to ``table[ids[where]]``, and distinct ids at their places to what they were found in."""
    match = row_read(node)
    if not match:
        return None
    part, where = match
    read = _read(part)
    if read is None or getattr(read[1].type, "ndim", 0) == 0:
        return None
    table, ids = read
    if ids.owner and isinstance(ids.owner.op, Distinct) and ids is ids.owner.outputs[0]:
        idx = _cut_alike(where, ids.owner.outputs[1], ids.owner.inputs[0])
        if idx is not None:
            return _done(node, table[idx])
    return _done(node, table[ids[where]])


@node_rewriter(None)
def add_parts(fgraph, node):
    """Add rows that are put together from parts, part by part."""
    match = row_write(node)
    if not match or node.op.set_instead_of_inc or match[2].type.ndim == 0:
        return None
    table, rows, idx = match
    if rows.type.ndim != idx.type.ndim + table.type.ndim - 1:
        return None
    parts = _Parts(table)
    if not parts.collect(rows, idx):
        return None
    for part_idx, part in parts.summed():
        table = pt.inc_subtensor(table[part_idx], part)
    return _done(node, table)


@node_rewriter(None)
def write_reshaped(fgraph, node):
    """A write of rows that were in groups (m, q, d), as a write of these groups."""
    match = row_write(node)
    rows = match[1].owner.inputs[0] if match and match[1].owner and isinstance(match[1].owner.op, Reshape) else None
    if rows is None:
        return None
    table, _, idx = match
    leading = rows.type.ndim - table.type.ndim + 1
    if leading != 2 or getattr(idx.type, "ndim", 0) != 1 or not _keeps_rows(match[1], rows, leading, table):
        return None
    part = table[_reshaped(idx, rows, leading)]
    return _done(node, (pt.set_subtensor if node.op.set_instead_of_inc else pt.inc_subtensor)(part, rows))


class _Parts:
    """The parts that rows are put together from, each with its row numbers."""

    def __init__(self, table):
        self.table = table
        self.found = []
        self.cut = {}  # one variable for equal cuts of an index, so that their parts can be summed

    def collect(self, rows, idx):
        """Find the parts; tells whether there are any, rather than ``rows`` as a whole."""
        node = rows.owner
        if idx.type.shape == (1,) and rows.type.ndim == self.table.type.ndim:
            self.collect(node.inputs[0] if self._is_one_row(rows) else rows[0], _reshaped(idx, rows, 0))
            return True
        if node is None:
            return self._whole(rows, idx)
        if is_zeros(node):
            return True
        if isinstance(node.op, IncSubtensor) and len(node.op.idx_list) <= idx.type.ndim:
            return self._increment(node, rows, idx)
        if isinstance(node.op, Reshape):
            return self._reshape(node, rows, idx)
        if join_parts(node) and idx.type.ndim == 1:
            return self._join(join_parts(node), rows, idx)
        if isinstance(node.op, Elemwise) and not any(rows.type.broadcastable[: idx.type.ndim]):
            return self._linear(node, rows, idx)
        return self._whole(rows, idx)

    def summed(self):
        """Give (row numbers, rows), those with equal row numbers added."""
        sums = {}
        for idx, rows in self.found:
            sums[idx] = sums[idx] + rows if idx in sums else rows
        return sums.items()

    def _whole(self, rows, idx):
        self.found.append((idx, rows))
        return False

    def _increment(self, node, rows, idx):
        base, part, *slots = node.inputs
        if node.op.set_instead_of_inc and not (base.owner and is_zeros(base.owner)):
            return self._whole(rows, idx)
        cut = Subtensor(node.op.idx_list)(base, *slots)
        if part.type.broadcastable != cut.type.broadcastable:
            return self._whole(rows, idx)
        self.collect(base, idx)
        key = (idx, str(node.op.idx_list), *(s.data.item() if isinstance(s, Constant) else s for s in slots))
        self.cut.setdefault(key, Subtensor(node.op.idx_list)(idx, *slots))
        self.collect(part, self.cut[key])
        return True

    def _reshape(self, node, rows, idx):
        inner = node.inputs[0]
        leading = inner.type.ndim - self.table.type.ndim + 1
        if idx.type.ndim != 1 or leading < 0 or not _keeps_rows(rows, inner, leading, self.table):
            return self._whole(rows, idx)
        before = len(self.found)
        if self.collect(inner, self._cut_reshape(idx, inner, leading)) or leading == 0:
            return True
        del self.found[before:]
        return self._whole(rows, idx)

    def _cut_reshape(self, idx, inner, leading):
        return self.cut.setdefault((idx, inner, leading), _reshaped(idx, inner, leading))

    def _join(self, parts, rows, idx):
        if any(part.type.ndim != rows.type.ndim for part in parts):
            return self._whole(rows, idx)
        start = 0
        for part in parts:
            stop = start + (1 if self._is_one_row(part) else known_size(part, 0))
            self.collect(part, idx[start:stop])
            start = stop
        return True

    def _is_one_row(self, part):
        row = part.owner.inputs[0] if part.owner and isinstance(part.owner.op, Reshape) else None
        return row is not None and row.type.ndim == self.table.type.ndim - 1 and _same_rows(row, 0, self.table)

    def _linear(self, node, rows, idx):
        """Look into sums, and into products with numbers."""
        op, before = node.op.scalar_op, len(self.found)
        if isinstance(op, ps.Add) and all(v.type.broadcastable == rows.type.broadcastable for v in node.inputs):
            collected = [self.collect(v, idx) for v in node.inputs]  # all of them, found or not
            if any(collected):
                return True
        elif isinstance(op, ps.Mul | ps.Neg):
            factors = [v for v in node.inputs if all(v.type.broadcastable)]
            others = [v for v in node.inputs if not all(v.type.broadcastable)]
            if len(others) == 1 and others[0].type.dtype == rows.type.dtype and self.collect(others[0], idx):
                self.found[before:] = [(i, _scaled(op, factors, part)) for i, part in self.found[before:]]
                return True
        del self.found[before:]
        return self._whole(rows, idx)


def _scaled(op, factors, rows):
    if isinstance(op, ps.Neg):
        return -rows
    for factor in factors:
        scalar = factor.dimshuffle(())
        rows = scalar * rows
    return rows


def _read(var):
    return row_read(var.owner) if var.owner is not None else None


def _cut_alike(where, places, idx):
    """Cut ``idx`` as ``where`` is cut out of ``places``; None where it is not a cut of them."""
    if where is places:
        return idx
    if where.owner is None or not isinstance(where.owner.op, CUTS):
        return None
    cut = _cut_alike(where.owner.inputs[0], places, idx)
    if cut is None:
        return None
    outputs = where.owner.op(cut, *where.owner.inputs[1:], return_list=True)
    return outputs[where.owner.outputs.index(where)]


def _same_rows(var, leading, table):
    """Tell whether the axes of ``var`` after the leading ones are those of a row of ``table``."""
    return all(same_size(var, leading + axis, table, 1 + axis) for axis in range(table.type.ndim - 1))


def _keeps_rows(flat, rows, leading, table):
    """Tell whether ``flat``, written to ``table``, holds the rows of ``rows`` one after the other."""
    return _same_rows(rows, leading, table) or is_flattened(flat, rows, leading)


def _reshaped(idx, like, leading):
    """Reshape ``idx`` to the leading axes of ``like``; what was ravelled before is taken as it was."""
    node = idx.owner
    if leading == 0:
        return node.inputs[0] if node and isinstance(node.op, DimShuffle) and not node.inputs[0].ndim else idx.squeeze()
    if node is not None and isinstance(node.op, Reshape) and node.inputs[0].type.ndim == leading:
        unravelled = node.inputs[0]
        if all(same_size(unravelled, axis, like, axis) for axis in range(leading)):
            return unravelled
    return idx.reshape([known_size(like, axis) for axis in range(leading)], ndim=leading)


def _done(node, *outputs):
    if any(not old.type.is_super(new.type) for old, new in zip(node.outputs, outputs, strict=True)):
        return None
    copy_stack_trace(node.outputs, list(outputs))
    return list(outputs)


row_slots = EquilibriumDB()
for rewrite in (read_slots, read_reshaped, read_split, split_joined, read_composed, add_parts):
    row_slots.register(rewrite.__name__, rewrite, "numba", "row_kernels")

# specialised graphs of 3.0 read and write at vectors of row numbers only; here, rows in groups become such again
row_groups = SequenceDB()
row_groups.register("read_reshaped", dfs_rewriter(read_reshaped), "numba", "row_kernels", position=1)
row_groups.register("write_reshaped", dfs_rewriter(write_reshaped), "numba", "row_kernels", position=2)
optdb.register("row_groups", row_groups, "numba", "row_kernels", position=49.35)

# after graphs are canonical (1.5), before indexing is specialised (2)
optdb.register("row_slots", row_slots, "numba", "row_kernels", position=1.9)
