"""The variables of ``theano.tensor``."""

from pytensor.graph.basic import Constant, Variable
from pytensor.scalar.basic import ComplexError, IntegerDivisionError
from pytensor.tensor.type import TensorType
from pytensor.tensor.utils import hash_from_ndarray
from pytensor.tensor.variable import TensorConstant, TensorConstantSignature, TensorVariable, _tensor_py_operators

__all__ = [
    "AsTensorError",
    "TensorConstant",
    "TensorConstantSignature",
    "TensorVariable",
    "_tensor_py_operators",
    "equal_slices",
]


class AsTensorError(TypeError):
    """Something cannot become a symbolic array."""


def equal_slices(s1, s2):
    """Whether two slices have the same parts."""
    return (s1.start, s1.stop, s1.step) == (s2.start, s2.stop, s2.step)
