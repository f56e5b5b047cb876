"""The variables of ``theano.tensor``."""

from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Constant, Variable
from pytensor.scalar.basic import ComplexError, IntegerDivisionError
from pytensor.tensor.type import TensorType
from pytensor.tensor.utils import hash_from_ndarray
from pytensor.tensor.variable import TensorConstant, TensorConstantSignature, _tensor_py_operators
from pytensor.tensor.variable import TensorVariable as _TensorVariable

__all__ = [
    "AsTensorError",
    "TensorConstant",
    "TensorConstantSignature",
    "TensorVariable",
    "_tensor_py_operators",
    "equal_slices",
]


class _Plain(type(_TensorVariable)):
    """The metaclass of `TensorVariable`, which stands for PyTensor's class and is equal to it (``type(v) == ...``).

    In Theano neither shared variables nor constants were of that class, and Lasagne asks.
    """

    def __call__(cls, *args, **kwargs):
        return _TensorVariable(*args, **kwargs) if cls is TensorVariable else super().__call__(*args, **kwargs)

    def __instancecheck__(cls, v):
        return issubclass(type(v), cls)

    def __subclasscheck__(cls, kind):
        kinds = kind.__mro__  # issubclass(kind, _TensorVariable) would ask here again
        if cls is not TensorVariable:
            return any(k is cls for k in kinds)
        return _TensorVariable in kinds and SharedVariable not in kinds and Constant not in kinds

    def __eq__(cls, other):
        return other is cls or (cls is TensorVariable and other is _TensorVariable)

    def __hash__(cls):
        return hash(_TensorVariable) if cls is TensorVariable else super().__hash__()


class TensorVariable(_TensorVariable, metaclass=_Plain):
    """A symbolic array that is neither shared nor a constant; ``TensorVariable(type)`` makes PyTensor's."""

    def __new__(cls, *args, **kwargs):  # pickles call it
        return super().__new__(_TensorVariable if cls is TensorVariable else cls)


class AsTensorError(TypeError):
    """Something cannot become a symbolic array."""


def equal_slices(s1, s2):
    """Whether two slices have the same parts."""
    return (s1.start, s1.stop, s1.step) == (s2.start, s2.stop, s2.step)
