"""Sizes of axes, named so that an equal name means an equal size.

A name is a number, or a variable with one of its axes, or a scalar variable; a size has several of them, since arrays
that are combined must agree. PyTensor's own shape inference differs between its lines in what it simplifies; the few
Ops around the rows of a table need no more than this.

Read next: :mod:`ptembed.rewrites.row_slots`.
"""

from pytensor.graph.basic import Constant
from pytensor.tensor.basic import Alloc, MakeVector
from pytensor.tensor.elemwise import Elemwise
from pytensor.tensor.shape import Reshape, Shape_i
from pytensor.tensor.subtensor import IncSubtensor

from ptembed._pytensor import row_read, row_write, split_parts

__all__ = ["known_size", "same_size"]


def same_size(x, axis_x, y, axis_y):
    """Tell whether an axis of ``x`` surely is as long as one of ``y``."""
    return not _names(x, axis_x).isdisjoint(_names(y, axis_y))


def known_size(var, axis):
    """Give the size of an axis as a number, or as a scalar as near to the inputs of the graph as can be."""
    names = _names(var, axis)
    numbers = [name for name in names if isinstance(name, int)]
    inputs = [name for name in names if isinstance(name, tuple) and name[0].owner is None]
    if numbers:
        return numbers[0]
    var, axis = min(inputs, key=str) if inputs else (var, axis)
    return Shape_i(axis)(var)


def _names(var, axis):
    names, waiting = set(), [(var, axis)]
    while waiting:
        name = waiting.pop()
        if name in names:
            continue
        names.add(name)
        if isinstance(name, tuple):
            var, axis = name
            static = var.type.shape[axis]
            waiting += [] if static is None else [int(static)]
            waiting += [] if var.owner is None else _sources(var, axis)
    return names


def _sources(var, axis):
    """Give what the size of an axis is taken from: (variable, axis), number or scalar."""
    node = var.owner
    if isinstance(node.op, Reshape):
        sizes = node.inputs[1].owner
        return _named(sizes.inputs[axis]) if sizes is not None and isinstance(sizes.op, MakeVector) else []
    if isinstance(node.op, Alloc):
        return _named(node.inputs[1 + axis])
    if split_parts(node):
        return _split_sizes(var, *split_parts(node), axis)
    if row_write(node):
        return [(node.inputs[0], axis)]
    if isinstance(node.op, IncSubtensor):
        return [(node.inputs[0], axis), *_part(node, axis)]
    if row_read(node):
        table, idx = row_read(node)
        ndim = getattr(idx.type, "ndim", 0)
        return [(idx, axis) if axis < ndim else (table, axis - ndim + 1)]
    if isinstance(node.op, Elemwise):
        return [(v, axis) for v in node.inputs if not v.type.broadcastable[axis]]
    return []


def _split_sizes(var, x, sizes, axis):
    if axis > 0:
        return [(x, axis)]
    place = var.owner.outputs.index(var)
    if isinstance(sizes, Constant):
        return [int(sizes.data[place])]
    return (
        _named(sizes.owner.inputs[place]) if sizes.owner is not None and isinstance(sizes.owner.op, MakeVector) else []
    )


def _part(node, axis):
    """Give the axis of a part that is written to whole rows of an array."""
    part, whole = node.inputs[1], node.inputs[0].type.ndim
    from_end = axis - whole
    if axis < len(node.op.idx_list) or -from_end > part.type.ndim or part.type.broadcastable[from_end]:
        return []
    return [(part, part.type.ndim + from_end)]


def _named(scalar):
    if isinstance(scalar, Constant):
        return [int(scalar.data)] if scalar.data >= 0 else []
    if scalar.owner is not None and isinstance(scalar.owner.op, Shape_i):
        return [(scalar.owner.inputs[0], scalar.owner.op.i)]
    return [scalar]
