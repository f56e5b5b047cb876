"""Names that cannot exist any more, and say so.

A module of the drop-in ends with ``__getattr__ = getattr_of(__name__, {"name": ("reason", "replacement")})``.
"""

import dis
import importlib
import sys
from collections.abc import Callable, Mapping

__all__ = ["GoneError", "getattr_of"]


class GoneError(AttributeError, NotImplementedError):
    """A name of Theano's that cannot work on PyTensor; ``hasattr`` is false of it."""


def getattr_of(
    module: str, gone: Mapping[str, tuple[str, str]] | None = None, lazy: Mapping[str, str] | None = None
) -> Callable[[str], object]:
    """Make the ``__getattr__`` of a module.

    Parameters
    ----------
    module : str
        The module's ``__name__``.
    gone : mapping of str to (str, str), optional
        For each name that Theano had and that is gone: why (``"it compiled C code, ended with Theano 1.0"``; say since
        when where it is known) and what to use in its place (``"theano.function"``).
    lazy : mapping of str to str, optional
        For each name that is imported when it is first asked for: ``"package.module"``, or
        ``"package.module:attribute"``.

    Returns
    -------
    callable
        Raises :class:`GoneError` for the names in ``gone``, ``AttributeError`` for all others but those of ``lazy``. In
        ``from module import name``, where Python would drop the text of an ``AttributeError``, ``ImportError`` with
        the same text.

    Examples
    --------
    >>> getattr_of("ptembed.theano.compile", {"Old": ("it ended with Theano 0.9", "profile=True")})("Old")
    Traceback (most recent call last):
        ...
    ptembed.theano._gone.GoneError: theano.compile.Old is gone: it ended with Theano 0.9; use profile=True.
    """
    gone, lazy = gone or {}, lazy or {}
    public = module.removeprefix("ptembed.")

    def __getattr__(name: str) -> object:
        if name in lazy:
            value = _load(lazy[name])
            setattr(sys.modules[module], name, value)
            return value
        if name in gone:
            reason, replacement = gone[name]
            error: Exception = GoneError(f"{public}.{name} is gone: {reason}; use {replacement}.")
        else:
            error = AttributeError(f"module {public!r} has no attribute {name!r}: Theano 1.0.5 defined none either")
        if _is_from_import(sys._getframe(1)):
            raise ImportError(str(error), name=name)
        raise error

    return __getattr__


def _load(place: str) -> object:
    module, _, attribute = place.partition(":")
    found = importlib.import_module(module)
    return getattr(found, attribute) if attribute else found


def _is_from_import(frame) -> bool:
    """Whether the frame is at the second half of ``from module import name``."""
    return frame.f_lasti >= 0 and frame.f_code.co_code[frame.f_lasti] == dis.opmap["IMPORT_FROM"]
