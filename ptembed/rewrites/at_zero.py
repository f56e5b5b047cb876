"""What an expression is where the gradient is zero: a number, a stored matrix, or unknown.

A row that the cost did not read has a gradient of zero. If the new value of a matrix there is the old one, whatever
else the expression does, then only the rows that were read change. This is found by reading the expression once with
zeros in place of the row sums: ``acc + g**2`` is ``acc``, ``W - lr * g / sqrt(acc + eps)`` is ``W``, and
``m * v - lr * g`` is neither a number nor ``v``. NaN stands for what may not be finite there, as ``g / norm(g)``.

What does not depend on the gradient is taken as finite, and as non-zero where it divides.

Read next: :mod:`ptembed.rewrites.row_updates`.
"""

import math

import numpy as np
import pytensor.scalar as ps
from pytensor.graph.basic import Constant, Variable
from pytensor.tensor.basic import Alloc
from pytensor.tensor.elemwise import CAReduce, DimShuffle, Elemwise

__all__ = ["AtZero"]

UNKNOWN = None


class AtZero:
    """Read the variables of one graph with zero in place of every sum of rows.

    Parameters
    ----------
    row_sums : RowSums
        Of the same graph.
    """

    def __init__(self, row_sums):
        self.row_sums = row_sums
        self.seen = {}

    def __call__(self, var):
        """Give a float, a stored variable, or None when it is neither."""
        if var not in self.seen:
            self.seen[var] = self._read(var)
        return self.seen[var]

    def _read(self, var):
        total = self.row_sums(var)
        if total is not None:
            return 0.0 if total.base is None else total.base
        if isinstance(var, Constant):
            return _uniform(np.asarray(var.data))
        op = var.owner and var.owner.op
        if isinstance(op, (DimShuffle, Alloc)):
            value = self(var.owner.inputs[0])
            return UNKNOWN if isinstance(value, Variable) else value
        if isinstance(op, CAReduce):
            return _reduced(op.scalar_op, self(var.owner.inputs[0]))
        if isinstance(op, Elemwise) and len(var.owner.outputs) == 1:
            return _elementwise(var.owner, [self(part) for part in var.owner.inputs])
        return UNKNOWN


def _uniform(data):
    if data.size and data.dtype.kind in "fiub" and (data == data.flat[0]).all():
        return float(data.flat[0])
    return UNKNOWN


def _reduced(scalar_op, value):
    if not isinstance(value, float):
        return UNKNOWN
    return 0.0 if value == 0.0 and isinstance(scalar_op, (ps.Add, ps.Maximum, ps.Minimum)) else math.nan


def _elementwise(node, values):
    """Read ``node``, whose arguments are ``values`` where the gradient is zero."""
    scalar_op = node.op.scalar_op
    if all(isinstance(value, float) for value in values):
        return _evaluated(scalar_op, values)
    if any(isinstance(value, float) and math.isnan(value) for value in values):
        return math.nan
    if type(scalar_op) in RULES:
        return RULES[type(scalar_op)](node, values)
    return math.nan if any(_is(value, 0.0) or _is_infinite(value) for value in values) else UNKNOWN


def _evaluated(scalar_op, values):
    try:
        with np.errstate(all="ignore"):
            return float(scalar_op.impl(*map(np.float64, values)))
    except Exception:  # an Op without Python code, or not a real number
        return math.nan


def _sum(node, values):
    return math.nan if any(map(_is_infinite, values)) else _without(values, 0.0)


def _difference(node, values):
    return values[0] if _is(values[1], 0.0) else _sum(node, [*values, UNKNOWN])


def _product(node, values):
    if any(map(_is_infinite, values)):
        return math.nan
    return 0.0 if any(_is(value, 0.0) for value in values) else _without(values, 1.0)


def _quotient(node, values):
    above, below = values
    if _is(below, 0.0) or _is_infinite(above) or _is_infinite(below):
        return math.nan
    if _is(above, 0.0):
        return 0.0
    return above if _is(below, 1.0) else UNKNOWN


def _choice(node, values):
    _, yes, no = values
    if yes is no or (isinstance(yes, float) and _is(no, yes)):
        return yes
    return math.nan if _is_infinite(yes) or _is_infinite(no) else UNKNOWN


def _bound(node, values):
    return UNKNOWN


def _cast(node, values):
    widens = np.can_cast(values[0].type.dtype, node.outputs[0].type.dtype) if values[0] is not UNKNOWN else False
    return values[0] if widens else UNKNOWN


RULES = {
    ps.Add: _sum,
    ps.Sub: _difference,
    ps.Mul: _product,
    ps.TrueDiv: _quotient,
    ps.Switch: _choice,
    ps.Second: lambda node, values: values[1],
    ps.Cast: _cast,
    ps.Maximum: _bound,
    ps.Minimum: _bound,
}


def _without(values, neutral):
    """Give the one value that is left when the neutral element is taken away."""
    rest = [value for value in values if not _is(value, neutral)]
    return rest[0] if len(rest) == 1 else UNKNOWN


def _is(value, number):
    return isinstance(value, float) and value == number


def _is_infinite(value):
    return isinstance(value, float) and math.isinf(value)
