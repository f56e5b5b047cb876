"""The names that NumPy, SciPy and the standard library have dropped: given back while ``theano`` is active.

One table in three parts: :mod:`ptembed.legacy.numpy_names`, :mod:`ptembed.legacy.scipy_names` and
:mod:`ptembed.legacy.stdlib_names`; modules that are gone are in :mod:`ptembed.legacy.stdlib_modules`. One switch: the
environment variable ``PTEMBED_REMOVED_NAMES=0`` keeps all of them out. A name that is there stays as it is, so that
nothing changes for a program that runs without them.
"""

import os
import sys
from collections.abc import Callable
from types import ModuleType

from ptembed.legacy import numpy_names, scipy_names, stdlib_modules, stdlib_names
from ptembed.legacy.changes import Changes

__all__ = ["add", "add_python2", "names", "restore"]

SWITCH = "PTEMBED_REMOVED_NAMES"

_changes = Changes()


def add() -> None:
    """Give the libraries the names that they do not have any more."""
    for table in (numpy_names.TABLE, scipy_names.TABLE, stdlib_names.TABLE):
        _add(table, _changes.add)
    _add(numpy_names.REPLACED, _changes.set)
    if _is_wanted() and stdlib_modules.FINDER not in sys.meta_path:
        sys.meta_path.append(stdlib_modules.FINDER)


def add_python2() -> None:
    """Give the standard library the names that it had under Python 2."""
    _add(stdlib_names.PYTHON2_TABLE, _changes.add)


def restore() -> None:
    """Take back what :func:`add` and :func:`add_python2` did."""
    _changes.undo()
    if stdlib_modules.FINDER in sys.meta_path:
        sys.meta_path.remove(stdlib_modules.FINDER)


def _is_wanted() -> bool:
    return os.environ.get(SWITCH) != "0"


def _add(table: dict, change: Callable[[object, str, object], None]) -> None:
    if _is_wanted():
        for owner, names in table.items():
            for name, value in names.items():
                change(owner, name, value)


def names() -> dict[str, object]:
    """All of them: ``{"numpy.float": float, ...}``."""
    tables: tuple[dict, ...] = (numpy_names.TABLE, scipy_names.TABLE, stdlib_names.TABLE, stdlib_names.PYTHON2_TABLE)
    return {
        f"{owner.__name__}.{name}": value
        for table in tables
        for owner, group in table.items()
        if isinstance(owner, ModuleType)
        for name, value in group.items()
    }
