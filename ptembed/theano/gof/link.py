"""Linkers: who runs a graph."""

import sys
import traceback

from pytensor.link.basic import (
    Container,
    Linker,
    LocalLinker,
    PerformLinker,
    WrapLinker,
    WrapLinkerMany,
)
from pytensor.link.utils import gc_helper, map_storage, raise_with_op, streamline

from ptembed.theano.gof.utils import undef

__all__ = [
    "Container",
    "Linker",
    "LocalLinker",
    "PerformLinker",
    "WrapLinker",
    "WrapLinkerMany",
    "add_clear_storage",
    "gc_helper",
    "log_thunk_trace",
    "map_storage",
    "raise_with_op",
    "streamline",
    "thunk_hook",
    "undef",
]


def add_clear_storage(f, computed, storage_map) -> None:
    """Add ``f.clear_storage()``, which forgets the values of the variables ``computed``."""

    def clear_storage():
        for variable in computed:
            storage_map[variable][0] = None

    f.clear_storage = clear_storage


def log_thunk_trace(value, f=None) -> None:
    """Print where the variable was made whose computation raised ``value``."""
    trace = getattr(value, "__thunk_trace__", None)
    if trace:
        f = f or sys.stderr
        print("There was a problem executing an Op.", file=f)
        for line in traceback.format_list(trace):
            print(line.rstrip(), file=f)


def thunk_hook(type, value, trace) -> None:
    """An ``excepthook`` that prints :func:`log_thunk_trace`, too."""
    log_thunk_trace(value)
    sys.__excepthook__(type, value, trace)
