"""Sizes of axes, named so that an equal name means an equal size.

A name is a number, or a variable with one of its axes, or a scalar variable; a size has several of them, since arrays
that are combined must agree. PyTensor's own shape inference differs between its lines in what it simplifies; the few
Ops around the rows of a table need no more than this.

Read next: :mod:`ptembed.rewrites.row_slots`.
"""

from pytensor.graph.basic import Constant, Variable
from pytensor.scalar.basic import mul
from pytensor.tensor.basic import Alloc, MakeVector
from pytensor.tensor.elemwise import CAReduce, DimShuffle, Elemwise
from pytensor.tensor.math import Prod
from pytensor.tensor.shape import Reshape, Shape_i
from pytensor.tensor.subtensor import IncSubtensor, Subtensor

from ptembed._pytensor import row_read, row_write, split_parts
from ptembed.ops.distinct import Distinct, RowNumbers

__all__ = ["is_flattened", "known_size", "same_size"]


def same_size(x, axis_x, y, axis_y):
    """Tell whether an axis of ``x`` surely is as long as one of ``y``."""
    return not _names(x, axis_x).isdisjoint(_names(y, axis_y))


def is_flattened(flat, whole, leading):
    """Tell whether the first axis of ``flat`` surely holds the leading axes of ``whole``, one after the other."""
    for name in _names(flat, 0):
        factors = _factors(name) if isinstance(name, Variable) else []
        if len(factors) == leading:
            pairs = zip(factors, range(leading), strict=True)
            return all(not _names(whole, axis).isdisjoint(_spelled(factor)) for factor, axis in pairs)
    return False


def known_size(var, axis):
    """Give the size of an axis as a number, or as a scalar as near to the inputs of the graph as can be."""
    names = _names(var, axis)
    numbers = [name for name in names if isinstance(name, int)]
    inputs = [name for name in names if isinstance(name, tuple) and name[0].owner is None]
    scalars = [name for name in names if isinstance(name, Variable)]
    if numbers or (scalars and not inputs):
        return (numbers or scalars)[0]
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
    if split_parts(node):
        return _split_sizes(var, *split_parts(node), axis)
    if isinstance(node.op, Reshape):
        return _named(_entry(node.inputs[1], axis))
    if isinstance(node.op, Alloc):
        return _named(node.inputs[1 + axis])
    if isinstance(node.op, IncSubtensor):
        return [(node.inputs[0], axis), *_part(node, axis)]
    if row_read(node):
        table, idx = row_read(node)
        ndim = getattr(idx.type, "ndim", 0)
        return [(idx, axis) if axis < ndim else (table, axis - ndim + 1)]
    if isinstance(node.op, Elemwise):
        return [(v, axis) for v in node.inputs if not v.type.broadcastable[axis]]
    if isinstance(node.op, DimShuffle):
        place = node.op.new_order[axis]
        return [1] if place == "x" else [(node.inputs[0], place)]
    if isinstance(node.op, CAReduce) and node.op.axis is not None:
        kept = [k for k in range(node.inputs[0].type.ndim) if k not in node.op.axis]
        return [(node.inputs[0], kept[axis])]
    if row_write(node) or isinstance(node.op, RowNumbers) or (isinstance(node.op, Distinct) and var is node.outputs[1]):
        return [(node.inputs[0], axis)]
    return []


def _split_sizes(var, x, sizes, axis):
    return _named(_entry(sizes, var.owner.outputs.index(var))) if axis == 0 else [(x, axis)]


def _part(node, axis):
    """Give the axis of a part that is written to whole rows of an array."""
    part, whole = node.inputs[1], node.inputs[0].type.ndim
    from_end = axis - whole
    if axis < len(node.op.idx_list) or -from_end > part.type.ndim or part.type.broadcastable[from_end]:
        return []
    return [(part, part.type.ndim + from_end)]


def _entry(sizes, place):
    """Give the entry at ``place`` of a vector of sizes, None where it is not known."""
    if isinstance(sizes, Constant):
        return int(sizes.data[place])
    node = sizes.owner
    if node is not None and isinstance(node.op, MakeVector):
        return node.inputs[place]
    if node is not None and isinstance(node.op, IncSubtensor) and node.op.set_instead_of_inc:
        return _set_entry(node, place)
    return None


def _set_entry(node, place):
    base, value, *at = node.inputs
    if node.op.idx_list != (0,) or not isinstance(at[0], Constant) or at[0].data < 0:
        return None
    return value if at[0].data == place else _entry(base, place)


def _factors(scalar):
    """Give the scalars that are multiplied to ``scalar``."""
    node = scalar.owner
    if node is not None and isinstance(node.op, Prod) and node.inputs[0].owner:
        return node.inputs[0].owner.inputs if isinstance(node.inputs[0].owner.op, MakeVector) else []
    return node.inputs if node is not None and isinstance(node.op, Elemwise) and node.op.scalar_op == mul else []


def _spelled(scalar):
    names = set()
    for name in _named(scalar):
        names |= _names(*name) if isinstance(name, tuple) else {name}
    return names


def _named(scalar):
    """Give the names of a scalar."""
    if scalar is None:
        return []
    if isinstance(scalar, int):
        return [scalar]
    if isinstance(scalar, Constant):
        return [int(scalar.data)] if scalar.data >= 0 else []
    node = scalar.owner
    if node is not None and isinstance(node.op, Shape_i):
        return [(node.inputs[0], node.op.i)]
    if node is not None and isinstance(node.op, Subtensor) and node.op.idx_list == (0,):
        at = node.inputs[1]
        entry = _entry(node.inputs[0], int(at.data)) if isinstance(at, Constant) and at.data >= 0 else None
        return _named(entry) if entry is not None else [scalar]
    return [scalar]
