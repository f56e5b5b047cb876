"""Whether a source is Python 2, where its program has to be asked: the last part of the rule of :mod:`.kind`."""

import functools
import os
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path

from ptembed.legacy.python2 import cache, folders, source
from ptembed.legacy.python2.kind import Evidence, Kind, evidence

__all__ = ["forget", "importing", "is_python2", "is_python2_elsewhere"]

#: Whether the module that is being imported is so by a Python 2 module.
importing: ContextVar[bool] = ContextVar("importing", default=False)


def is_python2(path: str, data: bytes, in_package: bool = False) -> bool:
    """Whether a source is Python 2; ``in_package`` says whether it is imported as a part of a package."""
    path, forced = os.path.realpath(path), folders.forced()
    found = _evidence(path, data, in_package)
    if forced is not None:
        return forced is Kind.PYTHON2 and found.kind is not Kind.PYTHON3
    if found.kind is Kind.EITHER:
        return importing.get() or _imports_python2(path, found)
    return found.kind is Kind.PYTHON2


def is_python2_elsewhere(path: str) -> bool:
    """Whether a source is Python 2 by itself and outside of the folders."""
    return not folders.holds(path) and _evidence(path, Path(path).read_bytes(), False).kind is Kind.PYTHON2


def forget() -> None:
    """Read all sources again."""
    _evidence.cache_clear()


@functools.lru_cache(1024)
def _evidence(path: str, data: bytes, in_package: bool) -> Evidence:
    beside = _modules_beside(path) if in_package else frozenset()
    key = cache.key(data, "kind", sorted(beside))
    if (kept := cache.read(key)) is not None:
        return Evidence(Kind(kept[0]), *kept[1:])
    try:
        found = evidence(source.decode(data), path, beside)
    except RecursionError:
        raise source.too_deep(path) from None
    cache.write(key, (found.kind.value, found.why, found.line, found.imports))
    return found


def _modules_beside(path: str) -> frozenset[str]:
    with os.scandir(os.path.dirname(path)) as entries:
        names = {e.name.removesuffix(".py") for e in entries if e.name.endswith(".py") or _is_package(e.path)}
    return frozenset(names - {"__init__", Path(path).stem} - sys.stdlib_module_names)


def _is_package(path: str) -> bool:
    return os.path.exists(os.path.join(path, "__init__.py"))


def _imports_python2(path: str, found: Evidence) -> bool:
    """Whether one of the modules that the program imports from the named folders is Python 2."""
    seen, waiting = {path}, [(path, found)]
    while waiting:
        for other, in_package in _imported_files(*waiting.pop()):
            if other not in seen:
                seen.add(other)
                theirs = _evidence(other, Path(other).read_bytes(), in_package)
                if theirs.kind is Kind.PYTHON2:
                    return True
                waiting.append((other, theirs))
    return False


def _imported_files(path: str, found: Evidence) -> Iterator[tuple[str, bool]]:
    """The files below the folders that a source imports, and whether each is so as a part of a package."""
    for name, level in found.imports:
        parts = name.split(".") if name else []
        places = [Path(path).parents[level - 1]] if level else [Path(path).parent, *map(Path, sys.path)]
        file = next(filter(None, (_module_file(place.joinpath(*parts)) for place in places)), None)
        if file is not None and folders.holds(str(file)):
            yield os.path.realpath(file), bool(level) or len(parts) > 1 or file.name == "__init__.py"


def _module_file(path: Path) -> Path | None:
    candidates = (path / "__init__.py", path.parent / (path.name + ".py"))
    return next((candidate for candidate in candidates if candidate.is_file()), None)
