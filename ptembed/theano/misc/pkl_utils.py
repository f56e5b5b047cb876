"""Pickles of symbolic graphs, and of models as zip files with one NumPy file for each array.

A file of :func:`dump` is read by :func:`load`, by Theano, and, its arrays, by ``numpy.load``.
"""

import copyreg
import io
import itertools
import pickle
import sys
import zipfile
from collections import Counter
from pickle import DEFAULT_PROTOCOL, HIGHEST_PROTOCOL, Pickler

import numpy as np
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.utils import Scratchpad
from pytensor.tensor.math import Sum
from pytensor.tensor.sharedvar import TensorSharedVariable
from pytensor.tensor.subtensor import Subtensor

from ptembed.theano import _gone
from ptembed.theano.configparser import config

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


class _OldSum(Sum):
    """What a sum that Theano pickled is read as: it becomes PyTensor's, which keeps more."""

    def __setstate__(self, state):
        self.__class__ = Sum
        self.__init__(axis=state["axis"], dtype=state["dtype"], acc_dtype=state["acc_dtype"])


class _OldShared(TensorSharedVariable):
    """What a shared variable that Theano pickled is read as: PyTensor keeps its default update elsewhere."""

    def __setstate__(self, state):
        self.__class__ = TensorSharedVariable
        self.__dict__.update(state, _default_update=state.get("default_update"))


class _OldSubtensor(Subtensor):
    """What Theano's indexing is read as: where it has the type of an index, PyTensor has the number of the input."""

    def __setstate__(self, state):
        numbers = itertools.count()

        def number(entry):
            if isinstance(entry, slice):
                return slice(number(entry.start), number(entry.stop), number(entry.step))
            return None if entry is None else next(numbers)

        self.__class__ = Subtensor
        self.__init__([number(entry) for entry in state["idx_list"]])


_OLD = {
    ("theano.tensor.elemwise", "Sum"): _OldSum,
    ("theano.tensor.sharedvar", "TensorSharedVariable"): _OldShared,
    ("theano.tensor.subtensor", "Subtensor"): _OldSubtensor,
}


class CompatUnpickler(pickle.Unpickler):
    """Reads what Python 2 pickled: ``CompatUnpickler(file, encoding="latin1").load()``."""

    def find_class(self, module, name):
        return _OLD.get((module, name)) or super().find_class(module, name)


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
            with self.zip_file.open(name) as file:
                if kind == "gpuarray":
                    pickle.load(file)  # the name of the device
                self.cache[name] = np.lib.format.read_array(file)
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

        class ZipPickler(pickle.Pickler):
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
    """
    with zipfile.ZipFile(f, "r") as zip_file:
        arrays = persistent_load(zip_file)

        class ZipUnpickler(CompatUnpickler):
            def persistent_load(self, persid):
                return arrays(persid)

        return ZipUnpickler(io.BytesIO(zip_file.read("pkl")), encoding="latin1").load()


def zipadd(func, zip_file, name):
    """Enter what ``func(file)`` writes into a zip file under a name."""
    content = io.BytesIO()
    func(content)
    zip_file.writestr(name, content.getvalue(), zipfile.ZIP_DEFLATED)


__getattr__ = _gone.getattr_of(__name__, {"load_reduce": ("Python's unpickler needs none", "CompatUnpickler")})
