"""Which nodes of a graph work row by row, and how.

A loop of rank ``r`` runs over the ``r`` leading axes that its variables share: 1 for a minibatch of rows ``(m, d)``,
0 for a single row ``(d,)``, 2 for rows in groups ``(m, q, d)``. At each place of the loop a variable is one number (a
*cell*) or one row of ``d`` numbers. Five kinds of nodes fit in:

======== ====================================================== ===========================
role     node                                                   gives
======== ====================================================== ===========================
read     ``table[idx]``                                         a row, or a cell of a vector
map      any elementwise node                                   rows or cells
sum      over the last axis; over leading axes                  cells; an end of the loop
column   ``(m,)`` seen as ``(m, 1)`` and back; ``together``     the same cells
write    ``inc_subtensor`` or ``set_subtensor`` of table[idx]   an end of the loop
======== ====================================================== ===========================

An *end* has its value when the loop is over, so no node of the same loop may use it.

Read next: :mod:`ptembed.ops.row_loop`.
"""

from pytensor.graph.basic import Constant
from pytensor.scalar.basic import Add
from pytensor.tensor.basic import Alloc, ScalarFromTensor, TensorFromScalar
from pytensor.tensor.elemwise import CAReduce, DimShuffle, Elemwise

from ptembed._pytensor import row_read, row_write
from ptembed.ops.guard import Together

__all__ = ["is_end", "is_row", "is_zeros", "role", "row_places", "sum_axes", "sums_row"]


def role(node, rank):
    """Give the role of ``node`` in a loop of ``rank``: one of the words in the table above, or None."""
    if _fits_read(node, rank):
        return "read"
    if _fits_write(node, rank):
        return "write"
    if isinstance(node.op, Elemwise):
        return "map" if not node.op.inplace_pattern and all(_spans(out, rank) for out in node.outputs) else None
    if isinstance(node.op, CAReduce):
        return "sum" if _fits_sum(node, rank) else None
    return "column" if _fits_column(node, rank) else None


def is_row(var, rank):
    """Tell whether ``var`` is one row at each place of a loop of ``rank``, else it is one cell."""
    return _ndim(var) == rank + 1 and not var.type.broadcastable[-1]


def is_end(node, rank):
    """Tell whether ``node`` has its value only when a loop of ``rank`` is over."""
    kind = role(node, rank)
    return kind == "write" or (kind == "sum" and any(axis < rank for axis in sum_axes(node)))


def is_zeros(node):
    """Tell whether ``node`` allocates zeros: a target that a loop can make by itself."""
    return isinstance(node.op, Alloc) and isinstance(node.inputs[0], Constant) and not node.inputs[0].data.any()


def row_places(node, rank):
    """Give the places of the inputs that ``node`` takes place by place.

    The others are tables, what :func:`ptembed.ops.guard.together` waits for, and from rank 1 on row numbers: these are
    complete before the loop begins.
    """
    if row_read(node):
        return {1} if rank == 0 else set()
    if row_write(node):
        return {1, 2} if rank == 0 else {1}
    if isinstance(node.op, Together):
        return {0}
    return set(range(len(node.inputs)))


def sum_axes(node):
    """Give the axes that a sum runs over."""
    axes = node.op.axis
    return tuple(range(node.inputs[0].type.ndim)) if axes is None else tuple(axes)


def sums_row(node, rank):
    """Tell whether a sum runs over rows, besides leading axes or not."""
    return is_row(node.inputs[0], rank) and rank in sum_axes(node)


def _ndim(var):
    return getattr(var.type, "ndim", 0)


def _spans(var, rank):
    """Tell whether ``var`` has one row or cell for each place of the loop."""
    if rank == 0 and all(getattr(var.type, "broadcastable", ())):
        return True
    return _ndim(var) in (rank, rank + 1) and not any(var.type.broadcastable[:rank])


def _is_cell(var, rank):
    return _spans(var, rank) and not is_row(var, rank)


def _fits_read(node, rank):
    match = row_read(node)
    return bool(match) and _ndim(match[1]) == rank and match[0].type.ndim in (1, 2) and _spans(node.outputs[0], rank)


def _fits_write(node, rank):
    match = row_write(node)
    if not match:
        return False
    table, rows, idx = match
    return (
        _ndim(idx) == rank
        and not any(getattr(idx.type, "broadcastable", ()))
        and table.type.ndim in (1, 2)
        and rows.type.ndim == rank + table.type.ndim - 1
        and rows.type.dtype == table.type.dtype
    )


def _fits_sum(node, rank):
    x, out = node.inputs[0], node.outputs[0]
    floats = x.type.dtype.startswith("float") and x.type.dtype == out.type.dtype
    whole = x.type.ndim == rank or is_row(x, rank)
    return isinstance(node.op.scalar_op, Add) and floats and whole and bool(sum_axes(node)) and _spans(x, rank)


def _fits_column(node, rank):
    if isinstance(node.op, ScalarFromTensor | TensorFromScalar):
        return rank == 0
    if isinstance(node.op, Together):
        return node.op.n == 1 and _is_cell(node.inputs[0], rank)
    if not isinstance(node.op, DimShuffle) or not _is_cell(node.inputs[0], rank):
        return False
    if rank == 0:
        return not is_row(node.outputs[0], 0) and _spans(node.outputs[0], 0)
    return tuple(node.op.new_order) in (tuple(range(rank)), (*range(rank), "x"))
