"""Types of variables."""

from pytensor.graph.type import Generic, Type
from pytensor.link.c.type import CDataType, CDataTypeConstant, CEnumType, CLinkerType, EnumList, EnumType, generic
