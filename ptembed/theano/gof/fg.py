"""Function graphs."""

from pytensor.graph.fg import FunctionGraph
from pytensor.graph.null_type import NullType
from pytensor.graph.utils import InconsistencyError, MissingInputError, get_variable_trace_string

__all__ = ["CachedConstantError", "FunctionGraph", "InconsistencyError", "MissingInputError", "NullType"]


class CachedConstantError(Exception):
    """A constant of the cache of constants was put into a graph. PyTensor copies them, and never raises it."""
