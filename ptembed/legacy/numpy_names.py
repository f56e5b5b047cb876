"""The names of NumPy 1 that NumPy 2 dropped, for programs that import Theano.

Only names that NumPy does not have are added, so that nothing changes for a program that runs without them; those
that came back with another meaning (``np.bool``, ``np.long``) stay as they are. :func:`restore` takes them out again,
and the environment variable ``PTEMBED_NUMPY_NAMES=0`` keeps them out.
"""

import builtins
import os
import unittest
import warnings
from types import SimpleNamespace

import numpy as np

__all__ = ["add", "restore"]

_added: list[tuple[object, str]] = []


class _Casts:
    """``np.cast[dtype](x)``."""

    def __getitem__(self, dtype):
        return lambda x: np.asarray(x).astype(dtype)


def find_common_type(array_types, scalar_types):
    """The dtype that holds arrays of some dtypes and scalars of others, by NumPy 1's rules."""
    arrays, scalars = ([np.dtype(t) for t in types] for types in (array_types, scalar_types))
    widest = np.result_type(*arrays) if arrays else None
    scalar = np.result_type(*scalars) if scalars else None
    if widest is None or scalar is None:
        return scalar if widest is None else widest
    kinds = "buifc"
    return np.promote_types(scalar, widest) if kinds.find(scalar.kind) > kinds.find(widest.kind) else widest


def _skipif(condition, msg=None):
    return unittest.skipIf(condition() if callable(condition) else condition, msg or "skipped")


def _knownfailureif(condition, msg=None):
    return _skipif(condition, msg or "a known failure")


def _as_is(*arguments):
    return arguments[0] if arguments and callable(arguments[0]) else lambda f: f


def asscalar(a):
    """The number in an array of one element."""
    return a.item()


def rank(a):
    """The number of dimensions of ``a``."""
    return np.ndim(a)


NAMES = {
    **{name: getattr(builtins, name) for name in ("float", "int", "object", "complex", "str")},
    **{"float_": np.float64, "complex_": np.complex128, "unicode_": np.str_, "string_": np.bytes_, "unicode": str},
    **{
        "Inf": np.inf,
        "Infinity": np.inf,
        "infty": np.inf,
        "PINF": np.inf,
        "NINF": -np.inf,
        "NaN": np.nan,
        "NAN": np.nan,
    },
    **{"product": np.prod, "cumproduct": np.cumprod, "alltrue": np.all, "sometrue": np.any, "round_": np.round},
    **{"row_stack": np.vstack, "in1d": lambda a, b, **options: np.isin(np.ravel(a), b, **options)},
    **{
        "trapz": np.trapezoid,
        "cast": _Casts(),
        "find_common_type": find_common_type,
        "asscalar": asscalar,
        "rank": rank,
    },
}
DECORATORS = SimpleNamespace(
    skipif=_skipif, knownfailureif=_knownfailureif, slow=_as_is, setastest=_as_is, deprecated=_as_is
)


def add() -> None:
    """Give NumPy the names that it does not have any more."""
    if os.environ.get("PTEMBED_NUMPY_NAMES") == "0":
        return
    for name, value in NAMES.items():
        _add(np, name, value)
    _add(np.testing, "dec", DECORATORS)
    _add(np.linalg, "linalg", np.linalg)


def _add(module, name: str, value: object) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if hasattr(module, name):
            return
    setattr(module, name, value)
    _added.append((module, name))


def restore() -> None:
    """Take back what :func:`add` did."""
    while _added:
        delattr(*_added.pop())
