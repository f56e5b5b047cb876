"""What was made of a source, kept by its content in the user's cache folder.

The folder is ``python2`` below ``$PTEMBED_CACHE``, else below ``ptembed`` in ``$XDG_CACHE_HOME``, else in ``~/.cache``.
A file of it is written in one step, and read only if it is whole; any that is not is made again. The folder may be
removed at any time; where it cannot be written, nothing is kept.
"""

import contextlib
import functools
import hashlib
import marshal
import os
import sys
import tempfile
from pathlib import Path

__all__ = ["folder", "key", "read", "write"]


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
        kept = (folder() / name[:2] / name).read_bytes()
    except OSError:
        return None
    digest, content = kept[:32], kept[32:]
    return marshal.loads(content) if hashlib.sha256(content).digest() == digest else None


def write(name: str, value) -> None:
    """Keep the value: of numbers, strings, tuples and code objects."""
    content = marshal.dumps(value)
    with contextlib.suppress(OSError):
        place = folder() / name[:2]
        place.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=place)
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(content).digest() + content)
        os.replace(temporary, place / name)
