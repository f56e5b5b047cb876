"""The name ``theano``: a finder that serves the modules of :mod:`ptembed.theano` under it.

``theano.tensor`` and ``ptembed.theano.tensor`` are one module object, so that ``isinstance`` and pickles agree
whichever name a program used. The finder costs one string comparison for each import of another name.

:func:`activate` needs to be called by nobody after an install: the wheel's top-level ``theano.py`` calls it. It is for
a checkout without an install and for programs that want to say so. What else legacy code expects of PyTensor's
classes is in the modules of :func:`_parts`, which change them by :mod:`ptembed.legacy.changes`.
"""

import builtins
import importlib
import os
import sys
from collections.abc import Iterable
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, NamespaceLoader, PathFinder
from pathlib import Path
from types import ModuleType

from ptembed.legacy import removed_names

__all__ = ["activate", "activate_on_import", "deactivate", "is_active"]

NAME = "theano"
PACKAGE = "ptembed.theano"
TOPLEVEL = Path(__file__).parent / "toplevel"


class _SameModule(Loader):
    """Loads ``theano.x`` by importing ``ptembed.theano.x`` and giving back that very module."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(_own_name(spec.name))
        spec.loader_state = module.__spec__
        _alias_loaded()
        return module

    def exec_module(self, module: ModuleType) -> None:
        # The import system has just replaced the module's own spec by the alias's.
        alias = module.__spec__
        assert alias is not None
        module.__spec__ = alias.loader_state


class _Finder(MetaPathFinder):
    def find_spec(self, fullname, path=None, target=None):
        if fullname != NAME and not fullname.startswith(NAME + "."):
            return None
        try:
            own = importlib.util.find_spec(_own_name(fullname))
        except ModuleNotFoundError:
            own = None
        if own is None:
            return None
        is_package = own.submodule_search_locations is not None
        return ModuleSpec(fullname, _SameModule(), origin=own.origin, is_package=is_package)


class _OnImport(MetaPathFinder):
    """Waits for the first import of the name.

    A program may have put its own ``range`` into the built-in names by then, with which neither PyTensor nor Numba can
    be loaded.
    """

    def find_spec(self, fullname, path=None, target=None):
        if fullname != NAME and not fullname.startswith(NAME + "."):
            return None
        programs, builtins.range = builtins.range, _RANGE  # type: ignore[misc]
        try:
            _start()
            importlib.import_module("ptembed.rewrites")
        finally:
            builtins.range = programs  # type: ignore[misc]
        del sys.modules[NAME]  # else the import system would take the package's own spec, and run it once more
        return _FINDER.find_spec(fullname, path, target)


_RANGE = range


_FINDER = _Finder()


def _own_name(name: str) -> str:
    return PACKAGE + name[len(NAME) :]


def _alias_loaded() -> None:
    """Enter all modules loaded so far under their second name.

    Importing one of them under it then binds nothing in its package, where a function may have the module's name:
    ``theano.tensor.var`` is a function, ``from theano.tensor.var import TensorVariable`` a module.
    """
    for name, module in list(sys.modules.items()):
        if name == PACKAGE or name.startswith(PACKAGE + "."):
            sys.modules.setdefault(NAME + name[len(PACKAGE) :], module)


def is_active() -> bool:
    """Whether ``import theano`` gives the drop-in in this process."""
    return _FINDER in sys.meta_path


def activate(python2: Iterable[str | os.PathLike] = ()) -> ModuleType:
    """Make ``import theano`` give :mod:`ptembed.theano` in this process.

    Also gives PyTensor's classes the few calls of Theano's that PyTensor rejects, and NumPy, SciPy and the standard
    library their dropped names. Calling it again changes nothing of that. :func:`deactivate` takes it back.

    Parameters
    ----------
    python2 : iterable of path, optional
        Folders below which Python 2 sources may be imported, beside those of the variable ``PTEMBED_PATH``.

    Returns
    -------
    module
        :mod:`ptembed.theano`.

    Raises
    ------
    ImportError
        If another ``theano`` has been imported already, or a real Theano is installed.

    Examples
    --------
    >>> import ptembed.legacy, ptembed.theano
    >>> theano = ptembed.legacy.activate()
    >>> import theano.tensor as T
    >>> T is ptembed.theano.tensor
    True
    """
    if not is_active():
        _refuse_another_theano()
        _start()
    if python2 or os.environ.get("PTEMBED_PATH"):
        from ptembed.legacy.python2 import translate

        translate(python2)
    return sys.modules[NAME]


def activate_on_import() -> None:
    """The same, but only when the program imports ``theano``: what it says in ``THEANO_FLAGS`` before has its effect.

    The dropped names of other libraries are there from now on.
    """
    if not is_active():
        _refuse_another_theano()
        removed_names.add()
        sys.meta_path.insert(0, _OnImport())
        _let_children_find_it()


def _start() -> None:
    package = importlib.import_module(PACKAGE)
    removed_names.add()
    for part in _parts():
        part.extend()
    sys.meta_path[:] = [_FINDER, *(finder for finder in sys.meta_path if not isinstance(finder, _OnImport))]
    sys.modules[NAME] = package
    _alias_loaded()
    _let_children_find_it()


def deactivate() -> None:
    """Undo :func:`activate`: the name ``theano`` is free again, PyTensor's variables are as they were."""
    if not is_active():
        return
    sys.meta_path.remove(_FINDER)
    for part in reversed(_parts()):
        part.restore()
    removed_names.restore()
    if "ptembed.legacy.python2" in sys.modules:
        sys.modules["ptembed.legacy.python2"].stop()
    for name in [n for n in sys.modules if n == NAME or n.startswith(NAME + ".")]:
        del sys.modules[name]
    if str(TOPLEVEL) in sys.path:
        sys.path.remove(str(TOPLEVEL))


def _parts() -> tuple:
    """The modules that change PyTensor's classes; they need the flags of :mod:`ptembed.theano`."""
    from ptembed.legacy import (
        linkers,
        loops,
        nodes,
        old_graphs,
        shared_variables,
        sparse_operands,
        test_values,
        variables,
    )

    return variables, shared_variables, sparse_operands, loops, linkers, nodes, test_values, old_graphs


def _refuse_another_theano() -> None:
    imported = sys.modules.get(NAME)
    if imported is not None and not _is_folder(imported) and not _is_toplevel(getattr(imported, "__spec__", None)):
        raise ImportError(
            f"ptembed must be activated before theano is imported, but {_where(imported)} is imported already: "
            "call ptembed.legacy.activate() first, or uninstall the other package."
        )
    installed = PathFinder.find_spec(NAME)
    if installed is not None and installed.origin is not None and not _is_toplevel(installed):
        raise ImportError(
            f"ptembed serves the name theano only where no other theano is installed, but found {installed.origin}: "
            "run `pip uninstall Theano` (or rename that file), then `pip install --force-reinstall --no-deps ptembed`."
        )


def _is_folder(module: ModuleType) -> bool:
    """Whether ``module`` is nothing but a folder of the name: Python makes a package of it."""
    return type(getattr(module, "__loader__", None)) is NamespaceLoader


def _is_toplevel(spec: ModuleSpec | None) -> bool:
    """Whether ``spec`` is our one-file module ``theano.py``, in the checkout or as installed."""
    if spec is None or spec.origin is None or spec.submodule_search_locations is not None:
        return False
    path = Path(spec.origin)
    return path.is_file() and path.read_bytes() == (TOPLEVEL / "theano.py").read_bytes()


def _let_children_find_it() -> None:
    """Where ptembed runs from a checkout, spawned children (which inherit ``sys.path``) must find ``theano`` too."""
    found = PathFinder.find_spec(NAME)
    if found is None or found.origin is None:  # nothing, or a folder that happens to have the name
        sys.path.append(str(TOPLEVEL))


def _where(module: ModuleType) -> str:
    return getattr(module, "__file__", None) or repr(module)
