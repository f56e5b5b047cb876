"""What Python 2 did with an object and Python 3 does otherwise: division, attributes, order, ``raise``.

The functions that :mod:`ptembed.legacy.python2.meaning` puts into a translated module.
"""

import codecs
import contextlib
import functools
import operator
import sys
from collections.abc import Callable, MappingView
from typing import Any

import numpy as np

__all__ = [
    "ATTRIBUTES",
    "METHODS",
    "attribute",
    "compare",
    "div",
    "idiv",
    "in_order",
    "key_of",
    "print_statement",
    "raised",
]


def div(a, b):
    """``a / b``: whole numbers, and arrays of them, are divided without remainder; else what ``__div__`` says."""
    if type(a) is float or type(b) is float:
        return a / b
    if _is_whole(a) and _is_whole(b):
        return a // b
    for owner, name, other in ((a, "__div__", b), (b, "__rdiv__", a)):
        method = getattr(type(owner), name, None)
        if method is not None and (result := method(owner, other)) is not NotImplemented:
            return result
    return a / b


def idiv(a, b):
    """``a /= b``: gives the new value of ``a``; an array is changed in its place."""
    if isinstance(a, np.ndarray):
        return operator.ifloordiv(a, b) if _is_whole(a) and _is_whole(b) else operator.itruediv(a, b)
    method = getattr(type(a), "__idiv__", None)
    if method is not None and (result := method(a, b)) is not NotImplemented:
        return result
    return operator.itruediv(a, b) if hasattr(type(a), "__itruediv__") else div(a, b)


def _is_whole(x) -> bool:
    if isinstance(x, np.ndarray):
        return x.dtype.kind in "iub"
    return isinstance(x, int | np.integer | np.bool_)


class _Key:
    """``key_of[1:2, ...]`` is the key."""

    def __getitem__(self, key):
        return key


key_of = _Key()


def raised(kind, value=None, traceback=None) -> BaseException:
    """The exception that ``raise kind, value, traceback`` raises."""
    if isinstance(kind, tuple):
        return raised(kind[0], value, traceback)
    if isinstance(value, BaseException) and (kind is None or (isinstance(kind, type) and isinstance(value, kind))):
        error = value
    elif isinstance(kind, type) and issubclass(kind, BaseException):
        error = kind() if value is None else kind(*value) if isinstance(value, tuple) else kind(value)
    elif isinstance(kind, BaseException):
        error = kind
    else:
        return TypeError(f"exceptions must be classes or instances of BaseException, not {type(kind).__name__}")
    return error.with_traceback(traceback)


def print_statement(*values, sep=" ", end="\n", file=None):
    """``print x, y,``: a space is written before the next value, unless a line has ended."""
    out = sys.stdout if file is None else file
    for value in values:
        text = str(value)
        out.write((sep if getattr(out, "softspace", False) else "") + text)
        _set_softspace(out, not text[-1:].isspace() or text[-1:] == " ")
    if end != sep:
        out.write(end)
        _set_softspace(out, False)


def _set_softspace(out, value: bool) -> None:
    with contextlib.suppress(AttributeError, TypeError):
        out.softspace = value


def compare(a, b) -> int:
    """``cmp(a, b)``: also of values of different types, None first, then numbers, then by the types' names."""
    method = getattr(type(a), "__cmp__", None)
    if method is not None and (result := method(a, b)) is not NotImplemented:
        return result
    try:
        return (a > b) - (a < b)
    except TypeError:
        first, second = _rank(a), _rank(b)
        return (first > second) - (first < second)


def _rank(x) -> tuple[bool, str]:
    return x is not None, "" if isinstance(x, int | float | np.number) else type(x).__name__


def in_order(values, cmp=None, key=None, reverse=False) -> list:
    """``sorted(values, cmp, key, reverse)``, also of values of different types."""
    if cmp is None:
        values = list(values)
        try:
            return sorted(values, key=key, reverse=reverse)
        except TypeError:
            cmp = compare
    order = functools.cmp_to_key(cmp)
    return sorted(values, key=(lambda value: order(key(value))) if key else order, reverse=reverse)


def attribute(x, name: str) -> Any:
    """``x.name``, for the names in :data:`ATTRIBUTES` and :data:`METHODS`."""
    make = _ALWAYS.get(name)
    if make is not None:
        return make(x, getattr(x, name))
    try:
        return getattr(x, name)
    except AttributeError:
        found = _MISSING[name](x)
        if found is None:
            raise
        return found


def _listing(x, method: Callable) -> Callable:
    def listed(*args, **kwargs):
        found = method(*args, **kwargs)
        return list(found) if isinstance(found, MappingView) else found

    return listed if callable(method) else method


def _sort(x, method: Callable) -> Callable:
    if not isinstance(x, list):
        return method

    def sort(cmp=None, key=None, reverse=False):
        x[:] = in_order(x, cmp, key, reverse)

    return sort


def _encode(x, method: Callable) -> Callable:
    """Of a text: its bytes, as the text that Python 2 would have read from a file of them."""
    if not isinstance(x, str):
        return method

    def encode(encoding="ascii", errors="strict"):
        if codecs.lookup(encoding)._is_text_encoding:
            return x.encode(encoding, errors).decode("utf8", "surrogateescape")
        return codecs.encode(x.encode("utf8", "surrogateescape"), encoding).decode("latin-1")

    return encode


def _decode(x) -> Callable | None:
    """Of a text: what its bytes say, which is the text, unless they are of a code like ``hex``."""

    def decode(encoding="ascii", errors="strict"):
        if codecs.lookup(encoding)._is_text_encoding:
            return x.encode("utf8", "surrogateescape").decode(encoding, errors)
        return codecs.decode(x.encode("latin-1"), encoding).decode("latin-1")

    return decode if isinstance(x, str) else None


def _translate(x, method: Callable) -> Callable:
    if not isinstance(x, str):
        return method

    def translate(table, deletechars=""):
        kept = "".join(letter for letter in x if letter not in deletechars)
        return kept if table is None else kept.translate(table)

    return translate


def _iterator(name: str) -> Callable:
    def of(x):
        method = getattr(x, name, None)
        return None if method is None else lambda *args: iter(method(*args))

    return of


def _other(name: str) -> Callable:
    return lambda x: getattr(x, name, None)


def _message(x) -> str | None:
    return (str(x.args[0]) if len(x.args) == 1 else "") if isinstance(x, BaseException) else None


_ALWAYS = {
    **dict.fromkeys(("keys", "values", "items"), _listing),
    **{"sort": _sort, "encode": _encode, "translate": _translate},
}
_MISSING = {
    "has_key": lambda x: (lambda key: key in x) if hasattr(x, "__contains__") else None,
    **{f"iter{name}": _iterator(name) for name in ("keys", "values", "items")},
    **{f"view{name}": _other(name) for name in ("keys", "values", "items")},
    **{f"func_{name}": _other(f"__{name}__") for name in ("name", "code", "defaults", "globals", "closure", "doc")},
    **{"func_dict": _other("__dict__"), "im_func": _other("__func__"), "im_self": _other("__self__")},
    **{"im_class": lambda x: type(x.__self__), "next": _other("__next__"), "xreadlines": _other("__iter__")},
    **{"decode": _decode, "message": _message},
}
#: Differ, or are missing, wherever they are read.
ATTRIBUTES = frozenset({*_MISSING, "sort", "encode", "translate"})
#: Differ where they are called.
METHODS = frozenset({"keys", "values", "items"})
