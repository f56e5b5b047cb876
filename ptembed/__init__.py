"""Theano programs and embedding recipes, on PyTensor.

The public names are imported when they are first used, so that ``import ptembed`` costs nothing. Read next:
:mod:`ptembed.graphs.rows` for the recipes, :mod:`ptembed.legacy` for old Theano programs.
"""

import importlib

__version__ = "0.1.0"

_ROOMS = {
    "data": ("load_films", "load_glosses"),
    "graphs": (
        *("Rows", "rows"),
        *("adadelta", "adagrad", "adam", "adamax", "adamw", "amsgrad", "ftrl", "momentum", "nadam", "nesterov"),
        *("rmsprop", "rowwise_adagrad", "sgd"),
    ),
    "train": ("block",),
}
_ROOM = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = sorted(_ROOM)


def __getattr__(name: str):
    if name not in _ROOM:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_ROOM[name]}"), name)
    globals()[name] = value
    return value


def load_ipython_extension(shell) -> None:
    """``%load_ext ptembed``: ``import theano`` is the drop-in, a cell that begins with ``%%py2`` is Python 2."""
    importlib.import_module(f"{__name__}.legacy.notebook").load(shell)


def unload_ipython_extension(shell) -> None:
    """``%unload_ext ptembed``."""
    importlib.import_module(f"{__name__}.legacy.notebook").unload(shell)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
