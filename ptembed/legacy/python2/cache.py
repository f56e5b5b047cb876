"""What was made of a source, kept by its content in the user's cache folder.

The folder is ``python2`` below ``$PTEMBED_CACHE``, else below ``ptembed`` in ``$XDG_CACHE_HOME``, else in ``~/.cache``.
A file of it is written in one step, and read only if it is whole; any that is not is made again. The folder may be
removed at any time; where it cannot be written, nothing is kept.

What is kept is code, and runs. So a folder or a file that is another user's, a folder that others may write into, and
a symbolic link in place of either are left alone: neither read nor written.
"""

import contextlib
import functools
import hashlib
import marshal
import os
import stat
import sys
from pathlib import Path

from ptembed.whole_files import write_whole

__all__ = ["folder", "key", "read", "write"]

#: No link is followed, and no pipe waited for.
OPENED = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def folder() -> Path:
    """The user's cache folder of translations."""
    if own := os.environ.get("PTEMBED_CACHE"):
        return Path(own) / "python2"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ptembed" / "python2"


def key(data: bytes, *settings: object) -> str:
    """The name under which what is made of ``data`` is kept."""
    return hashlib.sha256(b"\0".join([_maker(), repr(settings).encode(), data])).hexdigest()


@functools.cache
def _maker() -> bytes:
    """Changes with Python and with the translation's own sources."""
    own = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    return hashlib.sha256(sys.version.encode() + own).digest()


def read(name: str):
    """What is kept under the name, else None."""
    try:
        _refuse_of_others(folder(), folder() / name[:2])
        kept = _content(folder() / name[:2] / name)
    except OSError:
        return None
    digest, content = kept[:32], kept[32:]
    return marshal.loads(content) if hashlib.sha256(content).digest() == digest else None


def write(name: str, value) -> None:
    """Keep the value: of numbers, strings, tuples and code objects."""
    content = marshal.dumps(value)
    kept = hashlib.sha256(content).digest() + content
    with contextlib.suppress(OSError):
        folder().parent.mkdir(parents=True, exist_ok=True)
        for place in (folder(), folder() / name[:2]):
            place.mkdir(mode=0o700, exist_ok=True)
            _refuse_of_others(place)
        write_whole(place / name, lambda file: file.write(kept), lasting=False)


def _refuse_of_others(*places: Path) -> None:
    """Raise PermissionError unless these are folders, no links, that this user alone can change."""
    for place in places:
        about = os.lstat(place)
        if not (stat.S_ISDIR(about.st_mode) and _is_own(about)) or about.st_mode & 0o022:
            raise PermissionError(f"{place} must be a folder of this user that no other may write into")


def _content(path: Path) -> bytes:
    with open(os.open(path, OPENED), "rb") as file:
        about = os.fstat(file.fileno())
        if not (stat.S_ISREG(about.st_mode) and _is_own(about)):
            raise PermissionError(f"{path} must be a file of this user")
        return file.read()


def _is_own(about: os.stat_result) -> bool:
    return not hasattr(os, "geteuid") or about.st_uid == os.geteuid()
