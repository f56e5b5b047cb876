"""The variables of ``theano.tensor``."""

from pytensor.tensor.variable import TensorConstant, TensorVariable

__all__ = ["TensorConstant", "TensorVariable"]
