"""Pickles of symbolic graphs, and of models as zip files with one NumPy file for each array.

A file of :func:`dump` is read by :func:`load`, by Theano, and, its arrays, by ``numpy.load``.
"""

import contextlib
import copyreg
import io
import pickle
import sys
import zipfile
from collections import Counter
from pickle import DEFAULT_PROTOCOL, HIGHEST_PROTOCOL, Pickler

import numpy as np
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.utils import Scratchpad
from pytensor.link.basic import Container
from pytensor.tensor.sharedvar import TensorSharedVariable
from pytensor.tensor.type import TensorType

from ptembed.theano import _gone
from ptembed.theano.configparser import config
from ptembed.zipped_arrays import DAMAGED, array_of, member_of, read_array

__all__ = [
    "CompatUnpickler",
    "PersistentNdarrayID",
    "PersistentNdarrayLoad",
    "PersistentSharedVariableID",
    "StripPickler",
    "dump",
    "load",
    "zipadd",
]

min_recursion = 3000  # pickling a graph recurses along it
sys.setrecursionlimit(max(min_recursion, sys.getrecursionlimit()))


class StripPickler(pickle.Pickler):
    """Pickles graphs without their notes: where each variable was made, its test value, and other tags.

    Parameters
    ----------
    file : binary file
    protocol : int
    extra_tag_to_remove : list of str, optional
    """

    def __init__(self, file, protocol=0, extra_tag_to_remove=None):
        super().__init__(file, protocol)
        self.tag_to_remove = ["trace", "test_value", *(extra_tag_to_remove or [])]

    def reducer_override(self, obj):
        if not isinstance(obj, Scratchpad):
            return NotImplemented
        kept = {name: value for name, value in vars(obj).items() if name not in self.tag_to_remove}
        return copyreg.__newobj__, (type(obj),), kept  # type: ignore[attr-defined]


class CompatUnpickler(pickle.Unpickler):
    """Reads what Python 2 pickled: ``CompatUnpickler(file, encoding="latin1").load()``."""

    def find_class(self, module, name):
        return super().find_class(f"ptembed.{module}" if module.split(".")[0] == "theano" else module, name)


#: Where Theano has the class of what shared variables are made of.
_PLACES = {
    TensorSharedVariable: ("theano.tensor.sharedvar", "TensorSharedVariable"),
    TensorType: ("theano.tensor.type", "TensorType"),
    Container: ("theano.gof.link", "Container"),
    Scratchpad: ("theano.gof.utils", "scratchpad"),
}


class _TheanosPickler(pickle._Pickler):  # type: ignore[name-defined]
    """Pickles shared variables as Theano did, so that it can read them; the arrays are elsewhere."""

    def reducer_override(self, obj):
        if type(obj) not in (TensorSharedVariable, TensorType, Scratchpad):
            return NotImplemented
        return copyreg.__newobj__, (type(obj),), _state(obj)  # type: ignore[attr-defined]

    def save_global(self, obj, name=None):
        module, name = _PLACES.get(obj) or (getattr(obj, "__module__", None) or "", name or obj.__qualname__)
        if obj not in _PLACES and not module.startswith("numpy._core"):
            super().save_global(obj, name)
            return
        module = module.replace("numpy._core", "numpy.core")  # as NumPy 1 has it
        self.write(pickle.GLOBAL + f"{module}\n{name}\n".encode())
        self.memoize(obj)


def _state(obj):
    if isinstance(obj, Scratchpad):  # without where it was made, in files that another Python has not
        return {name: value for name, value in vars(obj).items() if name != "trace"}
    if isinstance(obj, TensorType):
        state = {name: getattr(obj, name) for name in ("dtype", "broadcastable", "name", "numpy_dtype")}
        return state | {"sparse_grad": False}
    state = dict(vars(obj))
    if state["_default_update"] is not None:
        state["default_update"] = state["_default_update"]
    return state


class PersistentNdarrayID:
    """Writes each array into a zip file of its own, once.

    Parameters
    ----------
    zip_file : zipfile.ZipFile
    """

    def __init__(self, zip_file):
        self.zip_file = zip_file
        self.count = 0
        self.seen = {}

    def _resolve_name(self, obj):
        name = f"array_{self.count}"
        self.count += 1
        return name

    def __call__(self, obj):
        """The array's name in the pickle; ``None`` for what is no array."""
        if type(obj) is not np.ndarray:
            return None
        if id(obj) not in self.seen:
            name = self._resolve_name(obj)
            zipadd(lambda file: np.lib.format.write_array(file, obj), self.zip_file, name)
            self.seen[id(obj)] = f"ndarray.{name}"
        return self.seen[id(obj)]


class PersistentSharedVariableID(PersistentNdarrayID):
    """Writes each array into a zip file, under the name of its shared variable where it has one.

    Parameters
    ----------
    zip_file : zipfile.ZipFile
    allow_unnamed : bool
        Whether a shared variable may be without a name.
    allow_duplicates : bool
        Whether two may have the same name; they are ``x``, ``x_2``, ... then.

    Raises
    ------
    ValueError
        If one of them is not allowed and occurs, or a shared variable's name is ``pkl``.
    """

    def __init__(self, zip_file, allow_unnamed=True, allow_duplicates=True):
        super().__init__(zip_file)
        self.name_counter = Counter()
        self.ndarray_names = {}
        self.allow_unnamed = allow_unnamed
        self.allow_duplicates = allow_duplicates

    def _resolve_name(self, obj):
        name = self.ndarray_names.get(id(obj))
        if name is None:
            return super()._resolve_name(obj)
        self.name_counter[name] += 1
        count = self.name_counter[name]
        if count > 1 and not self.allow_duplicates:
            raise ValueError(f"multiple shared variables with the name `{name}` found")
        return name if count == 1 else f"{name}_{count}"

    def __call__(self, obj):
        if isinstance(obj, SharedVariable):
            if obj.name == "pkl":
                raise ValueError("can't pickle shared variable with name `pkl`: it is the pickle's own, rename it")
            if not obj.name and not self.allow_unnamed:
                raise ValueError(f"unnamed shared variable, {obj}")
            if obj.name:
                self.ndarray_names[id(obj.container.storage[0])] = obj.name
        return super().__call__(obj)


PersistentGpuArrayID = PersistentNdarrayID


class _NameUnpickler(pickle.Unpickler):
    def find_class(self, module, name):
        raise pickle.UnpicklingError(f"a name of a device is needed, got {module}.{name}.")


@contextlib.contextmanager
def _whole(what):
    try:
        yield
    except DAMAGED as error:
        raise zipfile.BadZipFile(f"{what} must be whole in the zip file, and is not: {error}") from error


def _array_of_gpu(zip_file, name):
    content = member_of(zip_file, name)
    file = io.BytesIO(content)
    _NameUnpickler(file).load()  # of the device
    return array_of(file, len(content))


class PersistentNdarrayLoad:
    """Reads arrays back from a zip file.

    Parameters
    ----------
    zip_file : zipfile.ZipFile
    """

    def __init__(self, zip_file):
        self.zip_file = zip_file
        self.cache = {}

    def __call__(self, persid):
        """The array of that name in the pickle; one that was on a GPU comes back as a NumPy array."""
        kind, _, name = persid.partition(".")
        if name not in self.cache:
            read = _array_of_gpu if kind == "gpuarray" else read_array
            with _whole(f"the array {name}"):
                self.cache[name] = read(self.zip_file, name)
        return self.cache[name]


def dump(obj, file_handler, protocol=DEFAULT_PROTOCOL, persistent_id=PersistentSharedVariableID):
    """Write an object into a zip file, its arrays as NumPy files beside the pickle ``pkl``.

    Parameters
    ----------
    obj : object
    file_handler : binary file
    protocol : int
    persistent_id : callable
        Makes, of the zip file, what writes the arrays.

    Examples
    --------
    >>> import io, numpy, ptembed.theano as theano
    >>> file = io.BytesIO()
    >>> dump([theano.shared(numpy.arange(3), name="W")], file)
    >>> _ = file.seek(0)
    >>> numpy.load(file)["W"]
    array([0, 1, 2])
    """
    with zipfile.ZipFile(file_handler, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as zip_file:
        arrays = persistent_id(zip_file)

        class ZipPickler(_TheanosPickler):
            def persistent_id(self, obj):
                return arrays(obj)

        zipadd(lambda file: ZipPickler(file, protocol).dump(obj), zip_file, "pkl")


def load(f, persistent_load=PersistentNdarrayLoad):
    """Read what :func:`dump` has written.

    Parameters
    ----------
    f : binary file
    persistent_load : callable
        Makes, of the zip file, what reads the arrays.

    Returns
    -------
    object

    Raises
    ------
    zipfile.BadZipFile
        If the file, or an array in it, is not whole.
    OSError
        If it cannot be read.
    Exception
        What ``pickle.load`` raises: the pickle in it is a plain one, and runs what it says. For a file that you do not
        trust there is :func:`ptembed.legacy.pickles.load`.
    """
    with _whole("the file"):
        zip_file = zipfile.ZipFile(f, "r")
    with zip_file:
        arrays = persistent_load(zip_file)

        class ZipUnpickler(CompatUnpickler):
            def persistent_load(self, persid):
                return arrays(persid)

        with _whole("the pickle"):
            content = member_of(zip_file, "pkl")
        return ZipUnpickler(io.BytesIO(content), encoding="latin1").load()


def zipadd(func, zip_file, name):
    """Enter what ``func(file)`` writes into a zip file under a name."""
    content = io.BytesIO()
    func(content)
    zip_file.writestr(name, content.getvalue(), zipfile.ZIP_DEFLATED)


__getattr__ = _gone.getattr_of(__name__, {"load_reduce": ("Python's unpickler needs none", "CompatUnpickler")})
