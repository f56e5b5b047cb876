"""An unpickler for files from anywhere: of the names that it admits, a pickle can make values, and change nothing else.

Which names are admitted is the business of :mod:`ptembed.legacy.pickles`. But some of them do harm in the wrong hands:
NumPy puts the state of a dtype and of an array into memory as it is given, so that arrays of numbers become arrays of
addresses; and a pickle may set attributes of a class, which all its other users have too. Python's own unpickler in
Python is the base, since the one in C takes as much memory as a pickle says, and cannot be told to look.
"""

import importlib
import io
import math
import pickle
import struct
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import ClassVar

import numpy as np
import scipy.sparse

from ptembed.random_states import refuse_places

__all__ = ["GuardedUnpickler", "HarmfulError"]

NO_INSTANCES = (type, FunctionType, BuiltinFunctionType, MethodType, ModuleType, np.ufunc)
RANDOM = (np.random.RandomState, np.random.Generator, np.random.BitGenerator)


class HarmfulError(pickle.UnpicklingError):
    """A pickle would change what is not its own."""


class Array(np.ndarray):
    """Stands for NumPy's class in a pickle: it is named, but not called, since a buffer of any kind may be given."""

    def __new__(cls, *args, **kwargs):
        raise HarmfulError("it makes an array of a buffer")


def reconstruct(kind, shape, typecode):
    """Give the empty array that NumPy's ``_reconstruct`` makes, before its state is known."""
    kinds: dict[type, type] = {Array: np.ndarray, np.matrix: np.matrix}
    if kind not in kinds:
        raise HarmfulError(f"it makes an array of the class {kind}")
    return np.ndarray.__new__(kinds[kind], (0,), "b")


def encode(text, encoding="latin1"):
    """Give bytes as Python 3 has them in pickles for Python 2."""
    if encoding != "latin1":
        raise HarmfulError(f"it encodes a text by {encoding}")
    return text.encode(encoding)


STAND_INS: dict[tuple[str, str], Callable] = {
    ("numpy", "ndarray"): Array,
    ("_codecs", "encode"): encode,
    **{(f"numpy.{core}.multiarray", "_reconstruct"): reconstruct for core in ("core", "_core")},
}


class GuardedUnpickler(pickle._Unpickler):  # type: ignore[name-defined]
    """Unpickles; see the module. ``find_class`` is to be given by a subclass.

    Parameters
    ----------
    content : bytes
    encoding : str
        As for ``pickle.Unpickler``.
    """

    dispatch: ClassVar[dict[int, Callable]] = dict(pickle._Unpickler.dispatch)  # type: ignore[attr-defined]

    def __init__(self, content, encoding):
        super().__init__(_Whole(content), encoding=encoding)
        self._to_check = []

    def load(self):
        """Read the object.

        Raises
        ------
        HarmfulError
            For a pickle that would change what is not its own.
        Exception
            Of any kind, for one that is not whole or makes no sense.
        """
        made = super().load()
        for instance in self._to_check:
            _check(instance)
        return made

    def found(self, module, name):
        """What a name that is admitted stands for."""
        return STAND_INS.get((module, name)) or getattr(importlib.import_module(module), name)

    def get_extension(self, code):
        raise HarmfulError(f"it has a name that this process has numbered, {code}")

    def load_build(self):
        state, instance = self.stack[-1], self.stack[-2]
        if isinstance(instance, NO_INSTANCES):
            raise HarmfulError(f"it gives attributes to {instance}, which others have too")
        if isinstance(instance, np.dtype):
            self._replace(_dtype(instance, state))
            return
        if isinstance(instance, np.ndarray) and instance.size:
            raise HarmfulError("it gives an array its values twice")
        _refuse_special(state)
        super().load_build()
        if isinstance(instance, RANDOM) or scipy.sparse.issparse(instance):
            _check(instance)
            self._to_check.append(instance)

    dispatch[pickle.BUILD[0]] = load_build

    def load_bytearray8(self):
        (size,) = struct.unpack("<Q", self.read(8))
        self.append(bytearray(self.read(size)))

    dispatch[pickle.BYTEARRAY8[0]] = load_bytearray8

    def _replace(self, new):
        """Put another object in the place of the last but one: the state of a dtype would change all its arrays."""
        self.stack.pop()
        old, self.stack[-1] = self.stack[-1], new
        for key, value in self.memo.items():
            if value is old:
                self.memo[key] = new


class _Whole(io.BytesIO):
    """A file in memory that must have what is asked for."""

    def read(self, size=-1):
        data = super().read(size)
        if size is not None and len(data) < size:
            raise EOFError("Ran out of input")
        return data

    def readline(self, size=-1):
        line = super().readline(size)
        if not line.endswith(b"\n"):
            raise EOFError("Ran out of input")
        return line


def _refuse_special(state):
    """Refuse attributes that are set one by one, past the object's own, and are the object's class and the like."""
    slots = state[1] if isinstance(state, tuple) and len(state) == 2 and isinstance(state[1], dict) else {}
    special = next((name for name in slots if isinstance(name, str) and name.startswith("__")), None)
    if special is not None:
        raise HarmfulError(f"it sets the attribute {special} of an object")


def _dtype(dtype, state):
    """The dtype that its pickled state describes, by NumPy's constructor."""
    order, subtype, names, fields, size = (_text(part) for part in state[1:6])
    order = "" if order == "|" else order
    if fields:
        formats, offsets = zip(*(fields[name][:2] for name in names), strict=True)
        names = [_text(name) for name in names]
        made = {"names": names, "formats": list(formats), "offsets": list(offsets), "itemsize": size}
        return np.dtype(made, align=dtype.isalignedstruct)
    if subtype:
        return np.dtype(tuple(subtype))
    if dtype.kind in "SUV":
        return np.dtype(f"{order}{dtype.kind}{size // 4 if dtype.kind == 'U' else size}")
    if dtype.kind in "mM":
        unit, number = state[8][1][:2]
        return np.dtype(f"{order}{dtype.kind}8[{number}{_text(unit)}]") if _text(unit) != "generic" else dtype
    return dtype.newbyteorder(order) if order else dtype


def _text(part):
    return part.decode("latin1") if isinstance(part, bytes) else part


def _check(instance):
    """Refuse what compiled code would follow out of its arrays."""
    if isinstance(instance, np.random.RandomState):
        refuse_places(instance.get_state(legacy=False))
    elif isinstance(instance, RANDOM):
        refuse_places(getattr(instance, "bit_generator", instance).state)
    elif instance.format in ("csr", "csc", "bsr"):
        instance.check_format(full_check=True)
    elif instance.format == "coo":
        within = all(
            len(part) == len(instance.data) and (not len(part) or 0 <= part.min() <= part.max() < size)
            for part, size in zip((instance.row, instance.col), instance.shape, strict=True)
        )
        if not within:
            raise ValueError("a sparse matrix must have its places within its shape")
    elif instance.format == "dia" and math.prod(instance.data.shape[:1]) != len(instance.offsets):
        raise ValueError("a sparse matrix must have as many diagonals as offsets")
