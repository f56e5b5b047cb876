"""The import of Python 2 sources: what :func:`translate` puts among Python's finders."""

import os
import sys
from collections.abc import Iterable
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

from ptembed.legacy.python2 import folders as named
from ptembed.legacy.python2 import language
from ptembed.legacy.python2.translation import code_of

__all__ = ["ONLY_PYTHON2", "Python2Loader", "new_module", "stop", "translate"]


def translate(folders: Iterable[str | os.PathLike] = (), python: str | None = None) -> None:
    """Translate Python 2 sources below some folders from now on.

    Parameters
    ----------
    folders : iterable of path, optional
        The folders, added to those of earlier calls and of the variable ``PTEMBED_PATH``.
    python : {"2", "3"}, optional
        Take all sources as Python 2, but those that it cannot be; or none. The rule decides if it is not given, nor the
        variable ``PTEMBED_PYTHON``.

    Raises
    ------
    NotADirectoryError
        If one is no folder.
    ValueError
        If ``python`` is something else.
    """
    named.add(folders, python)
    if named.is_any() and _FINDER not in sys.meta_path:
        at = sys.meta_path.index(PathFinder) if PathFinder in sys.meta_path else len(sys.meta_path)
        sys.meta_path.insert(at, _FINDER)


def stop() -> None:
    """Translate nothing any more; modules that are imported stay as they are."""
    named.clear()
    language.forget()
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Finder)]


def new_module(name: str) -> ModuleType:
    """An empty module with Python 2's built-in names, in which translated code may run."""
    from ptembed.legacy import removed_names
    from ptembed.legacy.python2 import builtin_names

    removed_names.add_python2()
    module = ModuleType(name)
    vars(module)["__builtins__"] = builtin_names.names()
    return module


class Python2Loader(SourceFileLoader):
    """Loads a Python 2 source; no byte code is written beside it."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return new_module(spec.name)

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return code_of(self.get_data(path), path)


class _Finder(MetaPathFinder):
    """Finds what is below the folders: Python 2 sources, and with ``others`` the rest too."""

    def __init__(self, others: bool):
        self.others = others

    def find_spec(self, fullname, path=None, target=None):
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return None
        if spec.origin is None or not spec.origin.endswith(".py") or not named.holds(spec.origin):
            return spec if self.others else None
        in_package = "." in fullname or spec.submodule_search_locations is not None
        if language.is_python2(spec.origin, Path(spec.origin).read_bytes(), in_package):
            return _with_loader(spec, Python2Loader)
        return _with_loader(spec, SourceFileLoader) if self.others else None

    def invalidate_caches(self) -> None:
        language.forget()


def _with_loader(spec: ModuleSpec, make) -> ModuleSpec | None:
    """The same module by a loader of ours: the folder may be one that has a loader of its own."""
    places, origin = spec.submodule_search_locations, str(spec.origin)
    return spec_from_file_location(spec.name, origin, loader=make(spec.name, origin), submodule_search_locations=places)


_FINDER = _Finder(others=True)
#: Leaves all other sources to the finders after it.
ONLY_PYTHON2 = _Finder(others=False)
