"""The type of a gradient that does not exist."""

from pytensor.graph.null_type import NullType, null_type
