"""``x log x`` and ``x log y``, which are zero where ``x`` is."""

import numpy as np
from pytensor.scalar import basic as ps

from ptembed.theano import scalar
from ptembed.theano.tensor.elemwise import Elemwise

__all__ = ["XlogX", "XlogY0", "scalar_xlogx", "scalar_xlogy0", "xlogx", "xlogy0"]


class XlogX(ps.UnaryScalarOp):
    """``x log x``, 0 at 0."""

    @staticmethod
    def st_impl(x):
        return x * np.log(x) if x != 0 else x * 0.0

    def impl(self, x):
        return self.st_impl(x)

    def pullback(self, inputs, outputs, cotangents):
        (x,), (gz,) = inputs, cotangents
        if x.type in ps.discrete_types:
            return [x.zeros_like(dtype=outputs[0].type.dtype)]
        return [gz * (1 + ps.log(x))]

    def c_code(self, node, name, inputs, outputs, sub):
        if node.inputs[0].type not in (ps.float32, ps.float64):
            raise NotImplementedError("x log x has C code for float32 and float64 alone.")
        return f"{outputs[0]} = {inputs[0]} == 0.0 ? 0.0 : {inputs[0]} * log({inputs[0]});"


class XlogY0(ps.BinaryScalarOp):
    """``x log y``, 0 where ``x`` is."""

    @staticmethod
    def st_impl(x, y):
        return x * np.log(y) if x != 0 else x * 0.0

    def impl(self, x, y):
        return self.st_impl(x, y)

    def pullback(self, inputs, outputs, cotangents):
        (x, y), (gz,) = inputs, cotangents
        return [gz * ps.log(y), gz * x / y]

    def c_code(self, node, name, inputs, outputs, sub):
        if node.inputs[0].type not in (ps.float32, ps.float64):
            raise NotImplementedError("x log y has C code for float32 and float64 alone.")
        x, y = inputs
        return f"{outputs[0]} = {x} == 0.0 ? 0.0 : {x} * log({y});"


scalar_xlogx = XlogX(ps.upgrade_to_float, name="scalar_xlogx")
scalar_xlogy0 = XlogY0(ps.upgrade_to_float, name="scalar_xlogy0")
xlogx = Elemwise(scalar_xlogx, name="xlogx")
xlogy0 = Elemwise(scalar_xlogy0, name="xlogy0")
