"""Whether a scalar lies in an interval."""

import pytensor
from pytensor.scalar import basic as ps

__all__ = ["InRange", "inclosedrange", "inopenrange"]


class InRange(ps.LogicalComparison):
    """Whether ``x`` lies between ``low`` and ``hi``.

    Parameters
    ----------
    openlow, openhi : bool
        Whether ``low``, and ``hi``, lie outside of the interval.
    """

    nin = 3

    def __init__(self, openlow, openhi):
        super().__init__()
        self.openlow, self.openhi = openlow, openhi

    def __str__(self):
        return f"InRange{{openlow={self.openlow}, openhi={self.openhi}}}"

    def __eq__(self, other):
        return type(self) is type(other) and (self.openlow, self.openhi) == (other.openlow, other.openhi)

    def __hash__(self):
        return hash((type(self), self.openlow, self.openhi))

    def output_types(self, types):
        return [ps.int8]

    def impl(self, x, low, hi):
        return (low < x if self.openlow else low <= x) and (x < hi if self.openhi else x <= hi)

    def pullback(self, inputs, outputs, cotangents):
        if any(x.type in ps.complex_types for x in inputs):
            raise NotImplementedError("InRange has no gradient for complex numbers.")
        floatX = pytensor.config.floatX
        return [x.zeros_like(dtype=floatX if x.type in ps.discrete_types else x.type.dtype) for x in inputs]

    def c_code(self, node, name, inputs, outputs, sub):
        x, low, hi = inputs
        above, below = ">" if self.openlow else ">=", "<" if self.openhi else "<="
        return f"{outputs[0]} = {x} {above} {low} && {x} {below} {hi};"


inopenrange = InRange(True, True)
inclosedrange = InRange(False, False)
