"""Function graphs."""

from pytensor.graph.fg import FunctionGraph, MissingInputError
from pytensor.graph.null_type import NullType
from pytensor.graph.utils import InconsistencyError, StringIO
