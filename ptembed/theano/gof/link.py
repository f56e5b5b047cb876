"""Linkers: who runs a graph."""

from pytensor.link.basic import (
    Container,
    Linker,
    LocalLinker,
    PerformLinker,
    WrapLinker,
    WrapLinkerMany,
    gc_helper,
    map_storage,
    raise_with_op,
    streamline,
)
from pytensor.link.c.basic import StringIO
