"""Files as Python 2 opened them: text is never refused, and either kind of string may be written to either kind.

A Python 2 program reads a file's bytes as ``str`` and rarely asks for their encoding. Here its text is UTF-8, and what
is none is kept as it is (``surrogateescape``), so that reading a Latin-1 file raises nothing and writing it back gives
the same bytes. Lines end where Python 2 ended them.
"""

import builtins
import io

__all__ = ["StringIO", "file", "open_file"]


class Text(io.TextIOWrapper):
    """A text file; bytes may be written to it."""

    def write(self, text):
        return super().write(_text(text))


class Binary(io.BufferedWriter):
    """A binary file to write to; text may be written to it."""

    def write(self, data):
        return super().write(data.encode("utf8", "surrogateescape") if isinstance(data, str) else data)


def _text(data) -> str:
    return data.decode("utf8", "surrogateescape") if isinstance(data, bytes | bytearray) else data


def open_file(name, mode="r", buffering=-1):
    """``open(name, mode)`` as in Python 2; ``name`` may have any of its modes, also ``U``."""
    universal = "U" in mode
    kind = mode.replace("U", "") or "r"
    kind = kind if kind[0] in "rwax" else "r" + kind
    if "b" in kind and "r" not in kind and "+" not in kind:
        return Binary(io.FileIO(name, kind.replace("b", "")))
    if "b" in kind:
        return builtins.open(name, kind)
    raw = builtins.open(name, kind.replace("t", "") + "b")  # noqa: SIM115  the caller closes it
    text = Text(raw, "utf8", "surrogateescape", newline=None if universal else "\n", line_buffering=buffering == 1)
    text.mode = mode
    return text


class _File(type):
    def __instancecheck__(cls, x):
        return isinstance(x, io.IOBase)

    def __call__(cls, name, mode="r", buffering=-1):
        return open_file(name, mode, buffering)


class file(metaclass=_File):
    """Python 2's name of the type of files."""


class StringIO(io.StringIO):
    """A file in memory, to which either kind of string may be written."""

    def __init__(self, buffer=""):
        super().__init__(buffer.decode("latin-1") if isinstance(buffer, bytes) else buffer, newline="\n")

    def write(self, text):
        return super().write(text.decode("latin-1") if isinstance(text, bytes) else text)

    @property
    def len(self):
        return len(self.getvalue())
