"""Files that are whole or not there: written beside their place, and moved to it at the end."""

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # no locks: what a killed writer leaves stays
    fcntl = None  # type: ignore[assignment]

__all__ = ["write_whole"]

PART = ".part"
RANDOM = 8  # characters of a name that tempfile makes


def write_whole(path: str | os.PathLike, write: Callable[[IO[bytes]], object], lasting: bool = True) -> None:
    """Write a file so that an interruption leaves the old one.

    Until it is whole it lies beside its place as a hidden file, ``.name.xxxxxxxx.part``. One that a killed writer left
    is removed by the next.

    Parameters
    ----------
    path : path
    write : function of a binary file
        Writes the content.
    lasting : bool
        Whether the file must be whole after a power failure, too; what can be made again need not wait for the disk.

    Raises
    ------
    OSError
        When the file cannot be written. The old one is as it was.

    Examples
    --------
    >>> write_whole("/no/such/folder/file", lambda file: file.write(b"text"))
    Traceback (most recent call last):
    FileNotFoundError: the folder /no/such/folder must exist: make it first
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"the folder {path.parent} must exist: make it first")
    _remove_left(path)
    handle, temporary = _reserved(path)
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            if lasting:
                os.fsync(file.fileno())
        os.chmod(temporary, _mode_of(path))
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _reserved(path: Path) -> tuple[int, str]:
    """Create the hidden file, locked while it is open, so that others see that somebody writes it."""
    while True:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=PART)
        if fcntl is None:
            return handle, temporary
        with contextlib.suppress(OSError):  # not every file system has locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:  # else it was taken for one left, before the lock
            return handle, temporary
        os.close(handle)


def _remove_left(path: Path) -> None:
    """Remove the hidden files of writers that were killed: those that nobody holds a lock on."""
    if fcntl is None:
        return
    begin, length = f".{path.name}.", len(path.name) + 2 + RANDOM + len(PART)
    with contextlib.suppress(OSError):
        for name in os.listdir(path.parent):
            if name.startswith(begin) and name.endswith(PART) and len(name) == length:
                with contextlib.suppress(OSError):  # being written, of another user, or gone meanwhile
                    _remove_unlocked(path.parent / name)


def _remove_unlocked(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(path)
    finally:
        os.close(handle)


def _mode_of(path: Path) -> int:
    """The permissions of the old file, or those that a new one gets."""
    with contextlib.suppress(OSError):
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
