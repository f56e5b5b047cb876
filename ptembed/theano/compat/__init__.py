"""Python 2 and 3 at once, as Theano spelled it: each name is what it is in Python 3."""

import configparser
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, ValuesView
from collections.abc import MutableMapping as DictMixin
from importlib import reload
from io import BytesIO
from operator import truediv as operator_div

__all__ = [
    "PY3",
    "BytesIO",
    "Callable",
    "DefaultOrderedDict",
    "DictMixin",
    "Iterable",
    "Mapping",
    "OrderedDict",
    "ValuesView",
    "b",
    "cmp",
    "configparser",
    "decode",
    "decode_iter",
    "decode_with",
    "exc_message",
    "get_unbound_function",
    "ifilter",
    "imap",
    "izip",
    "maybe_add_to_os_environ_pathlist",
    "next",
    "operator_div",
    "reload",
]

PY3 = True
ifilter, imap, izip, next = filter, map, zip, next


def b(text):
    """The bytes of ``text``, one a character (Latin-1)."""
    return text.encode("latin-1")


def cmp(x, y):
    """-1, 0 or 1 where ``x`` is less than, equal to, greater than ``y``."""
    return int(x > y) - int(x < y)


def decode(x):
    """The text of UTF-8 bytes."""
    return x.decode()


def decode_iter(itr):
    """The texts of an iterable of UTF-8 bytes."""
    return (x.decode() for x in itr)


def decode_with(x, encoding):
    """The text of bytes in ``encoding``."""
    return x.decode(encoding)


def exc_message(e):
    """The message of an exception, of the innermost where exceptions are wrapped in each other."""
    while isinstance(e, Exception):
        e = e.args[0]
    return e


def get_unbound_function(unbound):
    """The function of a method; a function itself."""
    return getattr(unbound, "__func__", unbound)


class DefaultOrderedDict(OrderedDict):
    """An ordered ``defaultdict``.

    Parameters
    ----------
    default_factory : callable, optional
        Makes the value of a key that is missing; without it such a key is a ``KeyError``.

    Raises
    ------
    TypeError
        If ``default_factory`` cannot be called.
    """

    def __init__(self, default_factory=None, *args, **kwargs):
        if default_factory is not None and not callable(default_factory):
            raise TypeError("first argument must be callable")
        super().__init__(*args, **kwargs)
        self.default_factory = default_factory

    def __missing__(self, key):
        if self.default_factory is None:
            raise KeyError(key)
        self[key] = self.default_factory()
        return self[key]

    def __reduce__(self):
        return type(self), (self.default_factory,), None, None, iter(self.items())

    def __copy__(self):
        return type(self)(self.default_factory, self)

    copy = __copy__


def maybe_add_to_os_environ_pathlist(var, newpath):
    """Put the absolute path ``newpath`` first in the environment variable ``var``, unless it is there already."""
    paths = os.environ.get(var)
    if paths is not None and os.path.isabs(newpath) and newpath not in paths.split(os.pathsep):
        os.environ[var] = os.pathsep.join([newpath, paths])
