"""The names of NumPy 1 that NumPy 2 dropped, for programs that import Theano.

Only names that NumPy does not have are added, so that nothing changes for a program that runs without them; those
that came back with another meaning (``np.bool``, ``np.long``) stay as they are. ``np.vstack`` and its kin take the
arrays of an iterator again. :mod:`ptembed.legacy.removed_names` puts them in and takes them out.
"""

import ast
import builtins
import math
import pickle
import unittest
from collections.abc import Iterator
from functools import wraps
from types import SimpleNamespace

import numpy as np

from ptembed.legacy.stand_ins import gone

__all__ = ["NAMES", "REPLACED", "TABLE"]


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


def asfarray(a, dtype=np.float64):
    """``a`` as an array of floats."""
    return np.asarray(a, dtype if np.issubdtype(dtype, np.inexact) else np.float64)


def issubclass_(a, b):
    """``issubclass(a, b)``, False where ``a`` is no class."""
    return isinstance(a, type) and issubclass(a, b)


def maximum_sctype(t):
    """The widest type of the kind of ``t``."""
    return np.dtype(t).type if np.dtype(t).kind not in _WIDEST else _WIDEST[np.dtype(t).kind]


_WIDEST = {"b": np.bool_, "i": np.int64, "u": np.uint64, "f": np.longdouble, "c": np.clongdouble}
SCTYPES = {
    **{"int": [np.int8, np.int16, np.int32, np.int64], "uint": [np.uint8, np.uint16, np.uint32, np.uint64]},
    **{"float": [np.float16, np.float32, np.float64, np.longdouble], "others": [bool, object, bytes, str, np.void]},
    **{"complex": [np.complex64, np.complex128, np.clongdouble]},
}


class MachAr:
    """What ``np.finfo`` says of a type of floats, under the names of old."""

    def __init__(self, float_conv=float, *_, **__):
        info = np.finfo(float_conv)
        self.eps = self.epsilon = info.eps
        self.xmin, self.xmax, self.tiny, self.huge = info.tiny, info.max, info.tiny, info.max
        self.ibeta, self.it, self.precision, self.resolution = 2, info.nmant, info.precision, info.resolution


def _also_of_iterators(stack):
    @wraps(stack)
    def stack_all(arrays, *args, **options):
        return stack(list(arrays) if isinstance(arrays, Iterator) else arrays, *args, **options)

    return stack_all


_FINANCE = "fv irr mirr nper npv pmt ppmt pv rate"
NAMES = {
    **{name: getattr(builtins, name) for name in ("float", "int", "object", "complex", "str")},
    **{"float_": np.float64, "complex_": np.complex128, "unicode_": np.str_, "string_": np.bytes_, "unicode": str},
    **{"cfloat": np.complex128, "singlecomplex": np.complex64, "longfloat": np.longdouble, "bool8": np.bool_},
    **{"longcomplex": np.clongdouble, "clongfloat": np.clongdouble, "int0": np.intp, "uint0": np.uintp},
    **{"object0": np.object_, "void0": np.void, "str0": np.str_, "bytes0": np.bytes_, "mat": np.asmatrix},
    **{"Inf": np.inf, "Infinity": np.inf, "infty": np.inf, "PINF": np.inf, "NINF": -np.inf},
    **{"NaN": np.nan, "NAN": np.nan, "PZERO": 0.0, "NZERO": -0.0, "math": math},
    **{"product": np.prod, "cumproduct": np.cumprod, "alltrue": np.all, "sometrue": np.any, "round_": np.round},
    **{"row_stack": np.vstack, "in1d": lambda a, b, **options: np.isin(np.ravel(a), b, **options)},
    **{"trapz": np.trapezoid, "cast": _Casts(), "find_common_type": find_common_type, "asscalar": asscalar},
    **{"rank": rank, "asfarray": asfarray, "msort": lambda a: np.sort(a, axis=0), "alen": lambda a: len(a)},
    **{"fastCopyAndTranspose": lambda a: np.array(a).T.copy(), "disp": lambda mesg, *_: print(mesg)},
    **{"safe_eval": ast.literal_eval, "typeDict": np.sctypeDict, "sctypes": SCTYPES, "MachAr": MachAr},
    **{"issubclass_": issubclass_, "maximum_sctype": maximum_sctype, "obj2sctype": lambda t: np.dtype(t).type},
    **{"issubsctype": lambda a, b: np.issubdtype(np.dtype(a), b), "sctype2char": lambda t: np.dtype(t).char},
    **{"issctype": lambda t: isinstance(t, np.dtype) or issubclass_(t, np.generic), "loads": pickle.loads},
    **{"byte_bounds": getattr(np.lib.array_utils, "byte_bounds", None), "deprecate": lambda *_, **__: lambda f: f},
    **{name: getattr(np.exceptions, name) for name in ("ComplexWarning", "VisibleDeprecationWarning", "RankWarning")},
    **{name: getattr(np.exceptions, name) for name in ("AxisError", "TooHardError", "ModuleDeprecationWarning")},
    **{
        n: gone(f"numpy.{n}", "the package numpy_financial")
        for n in ("fv", "pv", "npv", "pmt", "ppmt", "irr", "mirr", "nper", "rate")
    },
}
_TESTS = SimpleNamespace(
    skipif=_skipif, knownfailureif=_knownfailureif, slow=_as_is, setastest=_as_is, deprecated=_as_is
)
TABLE = {
    np: NAMES,
    np.testing: {"dec": _TESTS, "decorators": _TESTS, "rand": np.random.rand, "run_module_suite": unittest.main},
    np.linalg: {"linalg": np.linalg},
}
#: These are there, and are put in place of NumPy's.
REPLACED = {
    np: {
        name: _also_of_iterators(getattr(np, name)) for name in ("vstack", "hstack", "dstack", "column_stack", "stack")
    },
}
