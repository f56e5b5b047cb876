"""The folders below which Python 2 sources are translated, and whether the language of all of them was named."""

import functools
import os
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from ptembed.legacy.python2.kind import Kind

__all__ = ["add", "clear", "forced", "holds", "is_any"]

_folders: list[str] = []
_forced: list[Kind] = []


def add(folders: Iterable[str | os.PathLike], python: str | None) -> None:
    """Take more folders, and those of ``PTEMBED_PATH``; take the language, or that of ``PTEMBED_PYTHON``."""
    python = python or os.environ.get("PTEMBED_PYTHON") or None
    if python not in (None, "2", "3"):
        raise ValueError(f"the Python of the sources must be '2' or '3', or not given at all, got {python!r}.")
    named = [path for path in os.environ.get("PTEMBED_PATH", "").split(os.pathsep) if path]
    new = [os.path.realpath(folder) for folder in (*folders, *named)]
    for folder in new:
        if not os.path.isdir(folder):
            raise NotADirectoryError(f"Python 2 sources are looked for below folders, but {folder} is none.")
    _folders.extend(folder for folder in new if folder not in _folders)
    _forced[:] = [Kind(python)] if python else _forced


def clear() -> None:
    """Forget them."""
    _folders.clear()
    _forced.clear()


def is_any() -> bool:
    """Whether there is a folder."""
    return bool(_folders)


def forced() -> Kind | None:
    """The language that was named."""
    return _forced[0] if _forced else None


def holds(path: str) -> bool:
    """Whether a file is below one of the folders, and none of an installed package's, of Python's own or of ours."""
    real = os.path.realpath(path)
    if any(real.startswith(place) for place in _not_the_users()):
        return False
    below = (real.removeprefix(folder) for folder in _folders if real.startswith(folder.rstrip(os.sep) + os.sep))
    return any(not {"site-packages", "dist-packages"} & set(part.split(os.sep)) for part in below)


@functools.cache
def _not_the_users() -> tuple[str, ...]:
    places = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), Path(__file__).parent.parent)
    return tuple(os.path.realpath(place) + os.sep for place in places)
