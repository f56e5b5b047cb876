"""The names that NumPy, SciPy and the standard library have dropped: given back while ``theano`` is active.

One table in four parts: :mod:`ptembed.legacy.numpy_names`, :mod:`ptembed.legacy.scipy_names`,
:mod:`ptembed.legacy.sklearn_names` and :mod:`ptembed.legacy.stdlib_names`; modules that are gone are in
:mod:`ptembed.legacy.library_modules` and :mod:`ptembed.legacy.stdlib_modules`. One switch: the environment variable
``PTEMBED_REMOVED_NAMES=0`` keeps all of them out. A name that is there stays as it is, so that nothing changes for a
program that runs without them.
"""

import os
import sys
import types
from collections.abc import Callable
from types import ModuleType

from ptembed.legacy import library_modules, numpy_names, stdlib_modules, stdlib_names
from ptembed.legacy.changes import Changes
from ptembed.legacy.python2.library import Face

__all__ = ["add", "add_python2", "names", "restore"]

SWITCH = "PTEMBED_REMOVED_NAMES"

_changes = Changes()
_TYPES: dict[str, object] = {}


def add() -> None:
    """Give the libraries the names that they do not have any more."""
    if not _is_wanted():
        return
    for table in (numpy_names.TABLE, stdlib_names.TABLE):
        _add(table, _changes.add)
    _add(numpy_names.REPLACED, _changes.set)
    for name in library_modules.TABLE.keys() & sys.modules.keys():
        _add_to(sys.modules[name])
    if _WHEN_IMPORTED not in sys.meta_path:
        sys.meta_path.insert(0, _WHEN_IMPORTED)
        sys.meta_path += [library_modules.FINDER, stdlib_modules.FINDER]


def add_python2() -> None:
    """Give the standard library the names that it had under Python 2."""
    if _is_wanted():
        _add(stdlib_names.PYTHON2_TABLE, _changes.add)


def restore() -> None:
    """Take back what :func:`add` and :func:`add_python2` did."""
    _changes.undo()
    _TYPES.clear()
    finders = (_WHEN_IMPORTED, library_modules.FINDER, stdlib_modules.FINDER)
    sys.meta_path[:] = [finder for finder in sys.meta_path if finder not in finders]
    for name in library_modules.MODULES:
        if isinstance(sys.modules.get(name), Face):
            del sys.modules[name]


def names() -> dict[str, str]:
    """All of them, each with why it raises if it is used: ``{"numpy.float": "", "scipy.misc.imread": "SciPy ..."}``."""
    tables: tuple[dict, ...] = (
        numpy_names.TABLE,
        stdlib_names.TABLE,
        stdlib_names.PYTHON2_TABLE,
        library_modules.TABLE,
    )
    modules = {name: f"use {to}." if isinstance(to, str) else "" for name, to in library_modules.DROPPED.items()}
    return modules | {
        f"{owner.__name__ if isinstance(owner, ModuleType) else owner}.{name}": getattr(value, "gone", "")
        for table in tables
        for owner, group in table.items()
        if isinstance(owner, ModuleType | str)
        for name, value in group.items()
    }


def _is_wanted() -> bool:
    return os.environ.get(SWITCH) != "0"


def _add(table: dict, change: Callable[[object, str, object], None]) -> None:
    for owner, names in table.items():
        if owner is types:
            _add_types(names)
            continue
        for name, value in names.items():
            change(owner, name, value)


def _add_types(names: dict[str, object]) -> None:
    """Serve the old names of ``types`` without putting them into the module.

    What pickles functions, as Numba's cache does, looks in the module for the name of a type. It would write ``object``
    down as ``types.InstanceType``, and no process that runs without the old names could read that.
    """
    _TYPES.update(names)
    _changes.set(types, "__getattr__", _type_named)


def _type_named(name: str) -> object:
    if name not in _TYPES:
        raise AttributeError(f"module 'types' has no attribute {name!r}")
    return _TYPES[name]


def _add_to(module: ModuleType) -> None:
    _add({module: library_modules.TABLE[module.__name__]}, _changes.add)


_WHEN_IMPORTED = library_modules.WhenImported(library_modules.TABLE, _add_to)
