"""Files that are whole or not there: written beside their place, and moved to it at the end."""

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

__all__ = ["write_whole"]


def write_whole(path: str | os.PathLike, write: Callable[[IO[bytes]], object], lasting: bool = True) -> None:
    """Write a file so that an interruption leaves the old one.

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
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
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


def _mode_of(path: Path) -> int:
    """The permissions of the old file, or those that a new one gets."""
    with contextlib.suppress(OSError):
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
