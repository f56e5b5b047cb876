"""The standard library's modules that Python dropped and old programs import: ``imp`` and ``lib2to3``.

``lib2to3`` is fissix, which goes on with it. Only where Python has none any more.
"""

import importlib
import os
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

__all__ = ["FINDER"]


class _Fissix(Loader):
    def create_module(self, spec):
        module = importlib.import_module("fissix" + spec.name.removeprefix("lib2to3"))
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module):
        module.__spec__ = module.__spec__.loader_state


class _Imp(Loader):
    def create_module(self, spec):
        return None

    def exec_module(self, module):
        vars(module).update(new_module=ModuleType, reload=importlib.reload, load_source=load_source)
        vars(module).update(find_module=find_module, load_module=load_module, PY_SOURCE=1, PKG_DIRECTORY=5)


class _Finder(MetaPathFinder):
    """Stands last: it is asked for what nobody has found."""

    def find_spec(self, fullname, path=None, target=None):
        head = fullname.partition(".")[0]
        if head == "lib2to3":
            found = importlib.util.find_spec("fissix" + fullname.removeprefix("lib2to3"))
            package = found is not None and found.submodule_search_locations is not None
            return found and ModuleSpec(fullname, _Fissix(), origin=found.origin, is_package=package)
        return ModuleSpec(fullname, _Imp()) if fullname == "imp" else None


FINDER = _Finder()


def load_source(name: str, pathname: str, file=None) -> ModuleType:
    """Import the source ``pathname`` under ``name``; also Python 2, where these are translated."""
    from ptembed.legacy import python2
    from ptembed.legacy.python2 import folders, language

    loader = None
    if folders.holds(pathname) and language.is_python2(pathname, Path(pathname).read_bytes()):
        loader = python2.Python2Loader(name, pathname)
    spec = spec_from_file_location(name, pathname, loader=loader)
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def find_module(name: str, path=None):
    """Where the source of a module is: an open file, its path and a description."""
    for folder in sys.path if path is None else path:
        if os.path.isfile(source := os.path.join(folder, name + ".py")):
            return open(source), source, (".py", "r", 1)
        if os.path.isdir(package := os.path.join(folder, name)):
            return None, package, ("", "", 5)
    raise ImportError(f"No module named {name}")


def load_module(name: str, file, pathname: str, description) -> ModuleType:
    """Import what :func:`find_module` found."""
    return load_source(name, pathname if file is not None else os.path.join(pathname, "__init__.py"), file)
