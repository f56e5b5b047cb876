"""Python 2 sources, translated when they are imported.

Only below folders that were named: the script's (:mod:`ptembed.legacy.runner`), those of ``--path`` and of the variable
``PTEMBED_PATH``, and those that a program gives to :func:`translate`. Which sources are Python 2 is decided by the rule
in :mod:`ptembed.legacy.python2_kind`; :func:`translate` and the variable ``PTEMBED_PYTHON`` (``2`` or ``3``) settle it
for all of them. Nothing is written beside the sources.

The order of the work: :mod:`~ptembed.legacy.python2_source` parses, :mod:`~ptembed.legacy.python2_meaning` puts in what
Python 2 meant, :mod:`~ptembed.legacy.python2_cache` keeps the result, and the module runs with the names of
:mod:`~ptembed.legacy.python2_builtins`.
"""

import ast
import functools
import os
import sys
import warnings
from collections.abc import Iterable
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

from ptembed.legacy import python2_cache, python2_folders, python2_program, python2_source

__all__ = [
    "ONLY_PYTHON2",
    "Python2Loader",
    "code_of",
    "code_of_text",
    "compiled",
    "new_module",
    "stop",
    "translate",
    "tree_of",
]


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
    python2_folders.add(folders, python)
    if python2_folders.is_any() and _FINDER not in sys.meta_path:
        at = sys.meta_path.index(PathFinder) if PathFinder in sys.meta_path else len(sys.meta_path)
        sys.meta_path.insert(at, _FINDER)


def stop() -> None:
    """Translate nothing any more; modules that are imported stay as they are."""
    python2_folders.clear()
    python2_program.forget()
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Finder)]


def code_of(data: bytes, path: str) -> CodeType:
    """The code of a Python 2 file; its lines are those of the file.

    Raises
    ------
    SyntaxError
        If it cannot be translated: with the file, the line and the construct.
    """
    key = python2_cache.key(data, "code", path)
    code = python2_cache.read(key)
    if code is None:
        code = compiled(tree_of(python2_source.decode(data), path), path)
        python2_cache.write(key, code)
    return code


@functools.lru_cache(1024)
def code_of_text(text: str, mode: str, future: frozenset[str]) -> CodeType:
    """The code of a text that a Python 2 program gives to ``exec`` or ``eval``."""
    tree = tree_of(text, "<string>", future)
    if mode == "exec":
        return compiled(tree, "<string>")
    assert isinstance(tree.body[0], ast.Expr)
    return compiled(ast.Expression(tree.body[0].value), "<string>", mode)


def tree_of(text: str, path: str, future: frozenset[str] = frozenset()) -> ast.Module:
    """The tree of a Python 2 text, which may import more from ``__future__`` than ``future``."""
    from ptembed.legacy.python2_meaning import Meaning, imports_of_future

    tree = python2_source.parse(text, path)
    return Meaning(future | imports_of_future(tree)).visit(tree)


def compiled(tree: ast.Module | ast.Expression, path: str, mode: str = "exec") -> CodeType:
    """The code of what :func:`tree_of` gave."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python 2 had none of them
        return compile(tree, path, mode, dont_inherit=True)


def new_module(name: str) -> ModuleType:
    """An empty module with Python 2's built-in names, in which translated code may run."""
    from ptembed.legacy import python2_builtins, removed_names

    removed_names.add_python2()
    module = ModuleType(name)
    vars(module)["__builtins__"] = python2_builtins.names()
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
        if spec.origin is None or not spec.origin.endswith(".py") or not python2_folders.holds(spec.origin):
            return spec if self.others else None
        in_package = "." in fullname or spec.submodule_search_locations is not None
        if python2_program.is_python2(spec.origin, Path(spec.origin).read_bytes(), in_package):
            return _with_loader(spec, Python2Loader)
        return _with_loader(spec, SourceFileLoader) if self.others else None

    def invalidate_caches(self) -> None:
        python2_program.forget()


def _with_loader(spec: ModuleSpec, make) -> ModuleSpec | None:
    """The same module by a loader of ours: the folder may be one that has a loader of its own."""
    places, origin = spec.submodule_search_locations, str(spec.origin)
    return spec_from_file_location(spec.name, origin, loader=make(spec.name, origin), submodule_search_locations=places)


_FINDER = _Finder(others=True)
#: Leaves all other sources to the finders after it.
ONLY_PYTHON2 = _Finder(others=False)
