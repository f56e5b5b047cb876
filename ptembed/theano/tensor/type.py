"""The type of symbolic arrays.

Theano's type is a dtype and, for each dimension, whether it may be broadcast; PyTensor's is a dtype and, for each
dimension, its length if known. ``TensorType(dtype, broadcastable)`` here makes PyTensor's type, and ``isinstance`` of
it holds for PyTensor's types; a class that derives from it derives from PyTensor's.
"""

import pytensor.scalar as scal
import pytensor.tensor.type as _type
from pytensor.graph.basic import Variable
from pytensor.graph.type import Type
from pytensor.tensor.type import (
    _logger,
    all_dtypes,
    complex_dtypes,
    continuous_dtypes,
    discrete_dtypes,
    float_dtypes,
    int_dtypes,
    integer_dtypes,
    uint_dtypes,
    values_eq_approx,
    values_eq_approx_always_true,
    values_eq_approx_remove_inf,
    values_eq_approx_remove_inf_nan,
    values_eq_approx_remove_nan,
)

__all__ = [
    "TensorType",
    "values_eq_approx",
    "values_eq_approx_always_true",
    "values_eq_approx_remove_inf",
    "values_eq_approx_remove_inf_nan",
    "values_eq_approx_remove_nan",
]


class _Face(type(_type.TensorType)):
    """Makes ``TensorType(...)`` a type of PyTensor's, and all of PyTensor's types instances of ``TensorType``."""

    def __call__(cls, *args, **kwargs):
        if "_is_face" not in vars(cls):
            return super().__call__(*args, **kwargs)
        return cls._make(*args, **kwargs)

    def __instancecheck__(cls, instance):
        return (
            isinstance(instance, _type.TensorType) if "_is_face" in vars(cls) else super().__instancecheck__(instance)
        )

    def __subclasscheck__(cls, other):
        # by hand: PyTensor's class asks those derived from it in turn, this one among them
        return _type.TensorType in other.__mro__ if "_is_face" in vars(cls) else super().__subclasscheck__(other)


class TensorType(_type.TensorType, metaclass=_Face):
    """The type of a symbolic array, ``TensorType(dtype, broadcastable, name=None, sparse_grad=False)``.

    Parameters
    ----------
    dtype : str
        A NumPy dtype, or ``"floatX"``.
    broadcastable : sequence of bool
        One for each dimension: whether its length is 1 and may be broadcast. Any other truth value counts as such.
    name : str, optional
    sparse_grad : bool
        Accepted for old programs: gradients by rows of a table are written as rows whatever it says.
    shape : sequence of int or None, optional
        PyTensor's argument, in place of ``broadcastable``.

    Raises
    ------
    TypeError
        If there is no such dtype.

    Examples
    --------
    >>> TensorType("float32", (True, False))().type.broadcastable
    (True, False)
    """

    _is_face = True

    @staticmethod
    def _make(dtype, broadcastable=None, name=None, sparse_grad=False, shape=None):
        if shape is None:
            shape = [1 if b else None for b in broadcastable]
        try:
            return _type.TensorType(dtype, shape, name)
        except TypeError as error:
            raise TypeError(f"Unsupported dtype for TensorType: {dtype}") from error

    def __init__(self, dtype, broadcastable=None, name=None, sparse_grad=False, shape=None):
        super().__init__(dtype, [_length(b) for b in broadcastable] if shape is None else shape, name)
        self.sparse_grad = sparse_grad

    def __setstate__(self, state):
        """Become PyTensor's type if Theano pickled it, which knew no lengths."""
        if "shape" in state:
            self.__dict__.update(state)
        else:
            self.__class__ = _type.TensorType
            self.__init__(state["dtype"], [_length(b) for b in state["broadcastable"]], state["name"])


def _length(broadcastable):
    """The static length that says whether a dimension may be broadcast; PyTensor's ``clone`` gives lengths already."""
    if broadcastable is None or (type(broadcastable) is int and broadcastable > 1):
        return broadcastable
    return 1 if broadcastable else None
