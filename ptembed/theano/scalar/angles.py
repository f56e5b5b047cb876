"""Degrees and radians, and complex numbers in polar form, as Ops on scalars.

PyTensor composes these from other Ops, or is about to. As Ops of their own they have Theano's names and dtypes, and
in-place forms. Gradients by complex numbers, which are not defined in PyTensor, raise.
"""

import cmath

import numpy as np
from pytensor.gradient import grad_not_implemented
from pytensor.scalar import basic as ps

__all__ = [
    "Angle",
    "ComplexFromPolar",
    "Deg2Rad",
    "Rad2Deg",
    "angle",
    "complex_from_polar",
    "deg2rad",
    "rad2deg",
]


class _Turn(ps.UnaryScalarOp):
    """Multiplication by a constant, ``factor``; ``nfunc_spec`` names the function of NumPy that does it."""

    factor: float

    def impl(self, x):
        small = getattr(x, "dtype", None) in ("int8", "uint8")  # NumPy would compute these in half precision
        return x * (np.float32(self.factor) if small else self.factor)

    def pullback(self, inputs, outputs, cotangents):
        (x,), (gz,) = inputs, cotangents
        if x.type in ps.discrete_types:
            return [x.zeros_like(dtype=outputs[0].type.dtype)]
        return [gz * np.asarray(self.factor, dtype=gz.type.dtype)]

    def c_code(self, node, name, inputs, outputs, sub):
        if node.inputs[0].type in ps.complex_types:
            raise NotImplementedError(f"{self} has no C code for complex numbers.")
        return f"{outputs[0]} = {inputs[0]} * {self.factor!r};"


class Deg2Rad(_Turn):
    """Degrees to radians."""

    nfunc_spec = ("deg2rad", 1, 1)
    factor = float(np.pi / 180)


class Rad2Deg(_Turn):
    """Radians to degrees."""

    nfunc_spec = ("rad2deg", 1, 1)
    factor = float(180 / np.pi)


class Angle(ps.UnaryScalarOp):
    """The angle of a complex number in the plane, in radians; always float64."""

    nfunc_spec = ("angle", 1, 1)

    def impl(self, x):
        return np.angle(x)

    def pullback(self, inputs, outputs, cotangents):
        (c,) = inputs
        if c.type in ps.discrete_types:
            return [c.zeros_like(dtype="float64")]
        if c.type in ps.complex_types:
            return [grad_not_implemented(self, 0, c, "gradients of complex numbers are not defined.")]
        return [c.zeros_like()]

    def c_code(self, *args, **kwargs):
        raise NotImplementedError("Angle has no C code.")


class ComplexFromPolar(ps.BinaryScalarOp):
    """``r e^{i theta}``; ``ValueError`` where ``r`` is negative."""

    @staticmethod
    def output_types_preference(r, theta):
        return ps.Complex.output_types_preference(r, theta)

    def impl(self, r, theta):
        if r < 0:
            raise ValueError(f"the radius of a complex number in polar form must not be negative, got {r}.")
        return cmath.rect(r, theta)

    def pullback(self, inputs, outputs, cotangents):
        return [
            grad_not_implemented(self, i, x, "gradients of complex numbers are not defined.")
            for i, x in enumerate(inputs)
        ]

    def c_code(self, *args, **kwargs):
        raise NotImplementedError("ComplexFromPolar has no C code.")


deg2rad = Deg2Rad(ps.upgrade_to_float, name="deg2rad")
rad2deg = Rad2Deg(ps.upgrade_to_float, name="rad2deg")
angle = Angle(ps.specific_out(ps.float64), name="angle")
complex_from_polar = ComplexFromPolar(name="complex_from_polar")
