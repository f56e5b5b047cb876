r"""Dense gradients read back as the few rows that they hold.

The gradient of ``W[idx]`` in ``W`` is a matrix of zeros into which rows are added. Whatever is linear in it (a learning
rate, a sign, a cast, the sum over several reads) can be done to those rows before they are written:

.. math:: c \odot \mathrm{inc}(0, x, idx) = \mathrm{inc}(0, c_{idx} \odot x, idx), \qquad
          W + \mathrm{inc}(0, x, idx) = \mathrm{inc}(W, x, idx)

A factor :math:`c` is a scalar, one number a column, or a matrix whose rows can be read
(:mod:`ptembed.rewrites.at_rows`). Repeated indices need no care, because their increments add on both sides; what
differs is the rounding, since here each is added to the row, and not to the others first. Factors are taken as finite
and divisors as non-zero: an infinite learning rate makes every row of the dense form NaN, and only the rows read here.

Read next: :mod:`ptembed.rewrites.row_updates`.
"""

from itertools import chain
from typing import NamedTuple

import numpy as np
import pytensor.scalar as ps
import pytensor.tensor as pt
from pytensor.graph.basic import Constant, Variable
from pytensor.tensor.basic import get_underlying_scalar_constant_value
from pytensor.tensor.elemwise import Elemwise
from pytensor.tensor.subtensor import inc_subtensor, indices_from_subtensor, set_subtensor
from pytensor.tensor.type import TensorType, float_dtypes

from ptembed import _pytensor
from ptembed.rewrites.at_rows import at_rows, is_stored

__all__ = ["RowSum", "RowSums", "Write", "add_rows", "is_zero"]


class Write(NamedTuple):
    """``matrix[indices] += rows``, or ``=`` where ``sets``.

    ``source`` is the variable in the graph that this write made, ``zeros`` the one of zeros at the root of its chain.
    """

    indices: tuple
    rows: Variable
    sets: bool
    source: Variable
    zeros: Variable


class RowSum(NamedTuple):
    """The sum of ``base``, which may be None for zero, and ``layers``: chains of writes, each into its own zeros."""

    base: Variable | None
    layers: tuple[tuple[Write, ...], ...]

    @property
    def writes(self):
        return list(chain.from_iterable(self.layers))

    @property
    def is_rows(self):
        """Whether there are rows and nothing else."""
        return self.base is None and bool(self.layers)


ZERO = RowSum(None, ())


class RowSums:
    """Read the variables of one graph as row sums, each once.

    Parameters
    ----------
    stored : callable
        Tells of a variable that it stands for itself, as a base.
    """

    def __init__(self, stored=is_stored):
        self.stored = stored
        self.seen, self.bases = {}, {}

    def __call__(self, var):
        """Give the `RowSum` that equals ``var``, or None when there is none."""
        if var not in self.seen:
            self.seen[var] = self._read(var)
        return self.seen[var]

    def as_base(self, var):
        """Let ``var`` stand for itself from here on."""
        self.bases[var] = self(var)
        self.seen[var] = RowSum(var, ())

    def _below(self, total):
        """Write out the bases that only stand for a row sum."""
        while total is not None and (below := self.bases.get(total.base)) is not None:
            total = RowSum(below.base, below.layers + total.layers)
        return total

    def _read(self, var):
        if not isinstance(var.type, TensorType):
            return None
        if self.stored(var):
            return RowSum(var, ())
        if is_zero(var):
            return ZERO
        if var.owner is None:
            return None
        if isinstance(var.owner.op, _pytensor.ROW_WRITES):
            return self._read_write(var)
        if isinstance(var.owner.op, Elemwise):
            return self._read_elementwise(var.owner)
        return None

    def _read_write(self, var):
        matrix, rows, *numbers = var.owner.inputs
        indices = indices_from_subtensor(numbers, var.owner.op.idx_list)
        below = self(matrix)
        if below is None or below.base is not None or not _is_exact(var.owner.op, indices):
            return None
        zeros = below.writes[0].zeros if below.layers else matrix
        write = Write(indices, rows.astype(var.type.dtype), var.owner.op.set_instead_of_inc, var, zeros)
        if not below.layers and _is_basic(indices):
            write = write._replace(sets=False)
        if not write.sets:
            return RowSum(None, (*below.layers, (write,)))
        chained = _one_layer(below.layers)
        return None if chained is None else RowSum(None, ((*chained, write),))

    def _read_elementwise(self, node):
        kind, out = type(node.op.scalar_op), node.outputs[0]
        if kind not in LINEAR:
            return None
        parts = [self(part) for part in node.inputs]
        if kind is ps.Switch:
            parts = [self._below(part) for part in parts]
        has_rows = any(part is not None and part.layers for part in parts)
        fits = all(_fits(part, whole, out) for part, whole in zip(parts, node.inputs, strict=True))
        return LINEAR[kind](node, parts) if has_rows and fits else None


def add_rows(base, total):
    """Write the rows of a row sum into ``base``.

    Parameters
    ----------
    base : tensor, shape (N, ...)
    total : RowSum
        Its own base is not looked at.

    Returns
    -------
    tensor, shape (N, ...)
        ``base`` plus the layers, one write after the other; PyTensor makes each of them run in place.
    """
    for layer in _sets_first(total.layers):
        before = base
        for write in layer:
            rows = write.rows.astype(base.type.dtype)
            if write.sets:
                base = set_subtensor(base[write.indices], before[write.indices] + rows)
            else:
                base = inc_subtensor(base[write.indices], rows)
    return base


def is_zero(var):
    """Tell whether ``var`` is known to be zero everywhere."""
    if isinstance(var, Constant):
        return not np.any(var.data)
    value = get_underlying_scalar_constant_value(var, elemwise=False, raise_not_constant=False)
    return not isinstance(value, Variable) and value == 0


def _is_basic(indices):
    return all(isinstance(index, slice) or getattr(index.type, "ndim", 0) == 0 for index in indices)


def _is_exact(op, indices):
    """Tell whether increments at repeated indices add, and whether the index says which rows there are."""
    masks = any(not isinstance(index, slice) and index.type.dtype == "bool" for index in indices)
    return not masks and not getattr(op, "ignore_duplicates", False)


def _sets_first(layers):
    return sorted(layers, key=lambda layer: not any(write.sets for write in layer))


def _one_layer(layers):
    """Chain layers into one; at most one of them may set rows, and comes first."""
    ordered = _sets_first(layers)
    if any(write.sets for layer in ordered[1:] for write in layer):
        return None
    return tuple(chain.from_iterable(ordered))


def _fits(part, whole, out):
    """Tell whether a matrix has the shape of the elementwise result, so that no row of it is stretched over others."""
    return part is None or not part.layers or whole.type.broadcastable == out.type.broadcastable


def _scaled(total, change):
    """Apply ``change``, which maps a write to its new rows or to None, to every write of ``total``."""
    layers = []
    for layer in total.layers:
        rows = [change(write) for write in layer]
        if any(row is None for row in rows):
            return None
        layers.append(tuple(write._replace(rows=row) for write, row in zip(layer, rows, strict=True)))
    return RowSum(total.base, tuple(layers))


def _factor(var, write):
    """Give a factor of a matrix as a factor of the rows of one write."""
    if all(var.type.broadcastable):
        return var.dimshuffle()
    return at_rows(var, write.indices) if len(write.indices) == 1 else None


def _apply(node, place, write):
    """Apply an elementwise operation to the rows of ``write`` in place of its argument number ``place``."""
    arguments = [write.rows if i == place else _factor(var, write) for i, var in enumerate(node.inputs)]
    return None if any(argument is None for argument in arguments) else node.op(*arguments)


def _add(node, parts):
    if any(part is None for part in parts):
        return None
    bases = [part.base for part in parts if part.base is not None]
    return None if len(bases) > 1 else RowSum(bases[0] if bases else None, _together(parts))


def _together(parts):
    """Give the layers of all parts; those that come from the same writes become one, with the sum of their rows."""
    together = {}
    for layer in chain.from_iterable(part.layers for part in parts):
        key = tuple(write.source for write in layer)
        together[key] = tuple(map(_plus, together[key], layer)) if key in together else layer
    return tuple(together.values())


def _plus(one, other):
    return one._replace(rows=one.rows + other.rows)


def _neg(node, parts):
    return _scaled(parts[0], lambda write: -write.rows) if parts[0].base is None else None


def _sub(node, parts):
    left, right = parts
    if left is None or right is None or right.base is not None:
        return None
    return _add(node, [left, _neg(node, [right])])


def _cast(node, parts):
    dtype, base = node.outputs[0].type.dtype, parts[0].base
    if dtype not in float_dtypes or (base is not None and not np.can_cast(base.type.dtype, dtype)):
        return None
    return _scaled(parts[0], lambda write: write.rows.astype(dtype))


def _mul(node, parts):
    if sum(part is not None and part.is_rows for part in parts) != 1:
        return None
    place = next(i for i, part in enumerate(parts) if part is not None and part.is_rows)
    return _scaled(parts[place], lambda write: _apply(node, place, write))


def _true_div(node, parts):
    if parts[0] is None or not parts[0].is_rows:
        return None
    return _scaled(parts[0], lambda write: _apply(node, 0, write))


def _switch(node, parts):
    _, yes, no = parts
    if yes is None or no is None or yes.base is not no.base:
        return None
    chosen = [_scaled(part, lambda write, i=i: _chosen(node, i, write)) for i, part in ((1, yes), (2, no))]
    return None if None in chosen else RowSum(yes.base, _together(chosen))


def _chosen(node, place, write):
    """Keep the rows of ``write`` where the condition is for argument ``place``, zero elsewhere."""
    condition = _factor(node.inputs[0], write)
    if condition is None:
        return None
    zero = pt.zeros((), dtype=write.rows.type.dtype)
    return pt.switch(condition, *((write.rows, zero) if place == 1 else (zero, write.rows)))


LINEAR = {
    ps.Add: _add,
    ps.Sub: _sub,
    ps.Neg: _neg,
    ps.Cast: _cast,
    ps.Mul: _mul,
    ps.TrueDiv: _true_div,
    ps.Switch: _switch,
}
