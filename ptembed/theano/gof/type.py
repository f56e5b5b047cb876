"""Types of variables, in Theano's protocol."""

import pytensor.graph.type
from pytensor.graph.basic import Constant, Variable
from pytensor.graph.utils import MethodNotDefined
from pytensor.link.c.interface import CLinkerType
from pytensor.link.c.type import CDataType, CDataTypeConstant, CEnumType, CType, EnumList, EnumType, Generic, generic

from ptembed.theano.gof._protocol import C_METHODS, kind_of
from ptembed.theano.gof.utils import hashtype

__all__ = [
    "CDataType",
    "CDataTypeConstant",
    "CEnumType",
    "CLinkerType",
    "EnumList",
    "EnumType",
    "Generic",
    "PureType",
    "SingletonType",
    "Type",
    "generic",
]

_PyTensorType = pytensor.graph.type.Type


class Type(CType, metaclass=kind_of(_PyTensorType)):
    """The base of all types; every type of PyTensor's is an instance, too.

    A subclass defines ``filter(self, data, strict=False, allow_downcast=None)``, which gives a legal value for ``data``
    or raises ``TypeError``; as far as they are needed ``__eq__`` and ``__hash__``, ``make_variable(self, name=None)``,
    ``convert_variable``, ``values_eq``, ``values_eq_approx``, and the classes ``Variable`` and ``Constant`` of what the
    type makes.
    """

    _stands_for = _PyTensorType
    Variable = Variable
    Constant = Constant

    def __init_subclass__(cls, **kwargs):
        for name, adapt in C_METHODS.items():
            if name in vars(cls):
                adapt(cls, vars(cls)[name])
        for theanos, pytensors in (("Variable", "variable_type"), ("Constant", "constant_type")):
            if theanos in vars(cls):
                setattr(cls, pytensors, vars(cls)[theanos])
        super().__init_subclass__(**kwargs)

    def filter(self, data, strict=False, allow_downcast=None):
        raise MethodNotDefined("filter", type(self), type(self).__name__)

    def filter_variable(self, other, allow_convert=True):
        if not isinstance(other, Variable):
            other = self.make_constant(other)
        return super().filter_variable(other, allow_convert)

    def make_constant(self, value, name=None):
        return self.constant_type(type=self, data=value, name=name)

    def is_valid_value(self, data, strict=True):
        try:
            self.filter(data, strict=strict)
        except (TypeError, ValueError):
            return False
        return True

    def value_validity_msg(self, data) -> str:
        """Say why ``data`` is no value of this type."""
        try:
            self.filter(data, strict=True)
        except Exception as error:
            return str(error)
        return "value is valid"


PureType = Type


class SingletonType(Type):
    """A type of which there is one instance a class."""

    _instance = None

    def __new__(cls):
        if cls._instance is None or type(cls._instance) is not cls:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __str__(self):
        return type(self).__name__

    def __eq__(self, other):
        return self is other or type(self) is type(other)

    __hash__ = hashtype
