"""Modules that libraries have dropped, and the dropped names of modules that are imported later.

A program that never imports ``scipy.signal`` does not pay for the names that it has lost: they are put in when it is
imported. Both are finders, which :mod:`ptembed.legacy.removed_names` puts in and takes out.
"""

import importlib.util
from collections.abc import Callable
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from ptembed.legacy import scipy_names, sklearn_names
from ptembed.legacy.python2.library import Face

__all__ = ["DROPPED", "FINDER", "MODULES", "TABLE", "WhenImported"]

#: Those that have been dropped.
DROPPED = scipy_names.MODULES | sklearn_names.MODULES
MODULES = DROPPED | scipy_names.GOING
#: The dropped names by module.
TABLE = scipy_names.TABLE | sklearn_names.TABLE


class _Faces(Loader):
    def create_module(self, spec):
        return Face(spec.name, *MODULES[spec.name], **TABLE.get(spec.name, {}))

    def exec_module(self, module: ModuleType) -> None:
        pass


class _Finder(MetaPathFinder):
    """Stands last: it is asked for what nobody has found."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in MODULES:
            return None
        if isinstance(instead := MODULES[fullname], str):
            raise ModuleNotFoundError(f"{fullname} is gone: use {instead}.", name=fullname)
        for module in instead:
            if importlib.util.find_spec(module) is None:
                return None
        return ModuleSpec(fullname, _Faces(), is_package=True)


FINDER = _Finder()


class WhenImported(MetaPathFinder):
    """Calls a function with each module of some names, as soon as it has been executed.

    Parameters
    ----------
    names : collection of str
        The modules.
    then : callable
        Gets the module.
    """

    def __init__(self, names, then: Callable[[ModuleType], object]):
        self.names, self.then = frozenset(names), then
        self._finding: set[str] = set()

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in self.names or fullname in self._finding:
            return None
        self._finding.add(fullname)
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._finding.discard(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader.exec_module = self._followed(spec.loader.exec_module)  # the loader stays what it is
        return spec

    def _followed(self, execute):
        def exec_module(module):
            execute(module)
            self.then(module)

        return exec_module
