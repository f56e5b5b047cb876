"""Old pickles, by a loader that admits nothing but what a model is made of.

A pickle names the classes and functions that it is read with, and an evil one names ``os.system``. :func:`load` admits
arrays, containers, and Theano's types, variables, Ops and functions, and no other name unless it is allowed by the
caller. Models that Theano pickled under Python 2 and 3 are read; so are the zip files of ``theano.misc.pkl_utils``.

After ``import theano`` plain ``pickle.load`` reads the same files, and runs whatever they say. How graphs are read is
in :mod:`ptembed.legacy.old_graphs`.
"""

import _compat_pickle
import importlib
import io
import os
import pickle
import struct
import zipfile
from collections.abc import Iterable, Mapping
from typing import BinaryIO

from ptembed.legacy.guarded import GuardedUnpickler, HarmfulError
from ptembed.zipped_arrays import DAMAGED, member_of

__all__ = ["RefusedError", "load"]

BUILTINS = "bool bytearray bytes complex dict float frozenset int list long object range set slice str tuple unicode"
SPARSE = ("bsr", "coo", "csc", "csr", "dia", "dok", "lil")

#: Names by module, where a star stands for all classes of arrays' elements. ``ptembed.theano`` is as ``theano``.
SAFE: dict[str, str] = {
    **dict.fromkeys(("builtins", "__builtin__"), BUILTINS + " xrange"),
    **dict.fromkeys(("copyreg", "copy_reg"), "_reconstructor __newobj__"),
    "_codecs": "encode",
    "collections": "Counter OrderedDict defaultdict deque",
    "datetime": "date datetime time timedelta",
    "numpy": "ndarray dtype matrix *",
    "pathlib": "Path PosixPath PurePath PurePosixPath PureWindowsPath WindowsPath",
    "pytensor.graph.utils": "Scratchpad",
    "pytensor.link.basic": "Container",
    "pytensor.misc.frozendict": "frozendict",
    "pytensor.tensor.variable": "TensorConstantSignature",
    **{f"numpy.{core}.multiarray": "_reconstruct scalar" for core in ("core", "_core")},
    **{f"numpy.{core}.numeric": "_frombuffer" for core in ("core", "_core")},
    **dict.fromkeys(("numpy.matrixlib.defmatrix", "numpy.core.defmatrix"), "matrix"),
    **dict.fromkeys(("numpy.random", "numpy.random.mtrand"), "__RandomState_ctor RandomState"),
    "numpy.random._pickle": "__randomstate_ctor __bit_generator_ctor __generator_ctor",
    "numpy.random._mt19937": "MT19937",
    "numpy.random._pcg64": "PCG64",
    "scipy.sparse": " ".join(f"{kind}_matrix {kind}_array" for kind in SPARSE),
    **{f"scipy.sparse.{under}{kind}": f"{kind}_matrix {kind}_array" for kind in SPARSE for under in ("", "_")},
    "theano.compile.function_module": "Function FunctionMaker Supervisor _constructor_Function",
    "theano.compile.io": "In Out SymbolicInput SymbolicOutput",
    "theano.compile.mode": "Mode",
    "theano.compile.builders": "OpFromGraph",
    "theano.compile.ops": "DeepCopyOp Rebroadcast Shape Shape_i SpecifyShape ViewOp",
    "theano.compile.sharedvalue": "SharedVariable",
    "theano.gof.destroyhandler": "DestroyHandler",
    "theano.gof.fg": "FunctionGraph",
    "theano.gof.graph": "Apply Constant Variable",
    "theano.gof.link": "Container PerformLinker WrapLinker",
    "theano.gof.opt": "MergeFeature _metadict",
    "theano.gof.optdb": "Query",
    "theano.gof.cc": "CLinker OpWiseCLinker",
    "theano.gof.toolbox": "NodeFinder NoOutputFromInplace PreserveNames PreserveVariableAttributes ReplaceValidate",
    "theano.gof.type": "Generic",
    "theano.gof.utils": "scratchpad",
    "theano.gof.vm": "VM_Linker",
    "theano.gpuarray.type": "GpuArray_unpickler",
    "theano.misc.frozendict": "frozendict",
    "theano.misc.ordered_set": "Link OrderedSet",
    "theano.sandbox.cuda.type": "CudaNdarray_unpickler",
    "theano.sandbox.rng_mrg": "MRG_RandomStreams",
    "theano.tensor.opt": "MakeVector ShapeFeature",
    "theano.tensor.shared_randomstreams": "RandomStreams RandomStateSharedVariable",
    "theano.tensor.sharedvar": "load_shared_variable",
    "theano.tensor.var": "TensorConstantSignature",
    "theano.updates": "OrderedUpdates",
    **dict.fromkeys(
        ("theano.scalar.basic", "theano.scalar"),
        "same_out same_out_nobool same_out_nocomplex same_out_float_only same_out_min8 specific_out transfer_type "
        "unary_out_lookup upcast_out upcast_out_min8 upcast_out_no_complex upcast_out_nobool upgrade_to_float "
        "upgrade_to_float64 upgrade_to_float_no_complex float_out complex_out",
    ),
    **dict.fromkeys(
        ("theano.tensor.type", "theano.tensor.basic", "pytensor.tensor.type"),
        "values_eq_approx_always_true values_eq_approx_remove_inf values_eq_approx_remove_inf_nan "
        "values_eq_approx_remove_nan",
    ),
}

#: Modules whose Ops, types and variables are all safe: they compute with arrays, and with nothing else.
ARITHMETIC = (
    *("theano.gradient", "theano.ifelse", "theano.raise_op", "theano.typed_list", "theano.scalar", "theano.sparse"),
    *("theano.scan_module", "theano.sandbox.rng_mrg", "theano.sandbox.multinomial", "theano.sandbox.linalg"),
    *("theano.sandbox.neighbours", "theano.tensor"),
)
TODAYS = ("pytensor.scalar", "pytensor.sparse", "pytensor.tensor")
NOT_ARITHMETIC = "COp ExternalCOp LoadFromDisk MPIRecv MPIRecvWait MPISend MPISendWait"  # files, C code, messages
ON_GPU = ("theano.gpuarray", "theano.sandbox.cuda", "theano.sandbox.gpuarray")
PACKED = {b"\x1f\x8b": "gzip", b"BZ": "bz2", b"\xfd7": "lzma"}


def load(
    file_or_path: str | os.PathLike | BinaryIO,
    *,
    encoding: str = "latin1",
    allow: Iterable[str] | Mapping[str, type] = (),
) -> object:
    """Read a model that Theano, or this package, has pickled.

    Arrays that were on a GPU come back as NumPy arrays, shared variables on a GPU as ones on the CPU. Compiled
    functions are compiled anew, in the default mode.

    Parameters
    ----------
    file_or_path : str, path or binary file
        A pickle, or a zip file of ``theano.misc.pkl_utils.dump``.
    encoding : str
        How the text and the arrays of a pickle from Python 2 are read: ``"latin1"``, or ``"bytes"`` for bytes.
    allow : iterable of str, or mapping of str to class
        More names to admit, ``"module.Class"``; in a mapping with what takes their place. A class of that name is
        imported, and run as the pickle says.

    Returns
    -------
    object

    Raises
    ------
    pickle.UnpicklingError
        If the pickle asks for a name that is not admitted, is not whole, or cannot be read; nothing is loaded then.
    TypeError
        If the file is open for text, or ``allow`` has something else than names.

    Examples
    --------
    >>> import io
    >>> load(io.BytesIO(pickle.dumps([1, {"W": 2.0}])))
    [1, {'W': 2.0}]
    >>> load(io.BytesIO(pickle.dumps(os.getcwd)))
    Traceback (most recent call last):
        ...
    ptembed.legacy.pickles.RefusedError: The pickle asks for posix.getcwd, which is not among ... to load: ...
    """
    allowed = _allowed(allow)
    content, where = _content(file_or_path)
    if content[:4] == b"PK\x03\x04":
        return _load_zip(content, where, encoding, allowed)
    return _unpickled(_Restricted(content, encoding, where, allowed), where)


def _allowed(allow) -> dict[str, type | None]:
    names = dict(allow) if isinstance(allow, Mapping) else dict.fromkeys([allow] if isinstance(allow, str) else allow)
    for name in names:
        if not isinstance(name, str) or "." not in name:
            raise TypeError(f'allow takes names such as "module.Class", got {name!r}.')
    return names


def _content(file_or_path) -> tuple[bytes, str]:
    if isinstance(file_or_path, str | os.PathLike):
        with open(file_or_path, "rb") as file:
            return _unpacked_content(file.read(), os.fspath(file_or_path))
    content = file_or_path.read()
    if not isinstance(content, bytes):
        raise TypeError('a pickle is read from a binary file, got one that is open for text: open it with mode "rb".')
    return _unpacked_content(content, "The pickle")


def _unpacked_content(content, where):
    packer = PACKED.get(content[:2])
    if packer:
        raise pickle.UnpicklingError(f"{where} is compressed: pass {packer}.open(path).")
    return content, where


def _load_zip(content, where, encoding, allowed):
    from ptembed.theano.misc.pkl_utils import PersistentNdarrayLoad

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as zip_file:
            arrays = PersistentNdarrayLoad(zip_file)
            reader = _Restricted(member_of(zip_file, "pkl"), encoding, where, allowed, arrays)
            return _unpickled(reader, where)
    except (*DAMAGED, OSError) as error:
        raise pickle.UnpicklingError(f"{where} is no zip file of theano.misc.pkl_utils: {error}.") from error


def _unpickled(reader, where):
    import ptembed.theano  # noqa: F401
    from ptembed.legacy.old_graphs import understood

    try:
        with understood():
            return reader.load()
    except RefusedError:
        raise
    except HarmfulError as error:
        raise RefusedError(f"{where} is refused: {error}. Nothing was loaded.") from error
    except (EOFError, struct.error, pickle.UnpicklingError) as error:
        message = f"{where} is not a whole pickle ({error}): get the file again. Nothing was loaded."
        raise pickle.UnpicklingError(message) from error
    except UnicodeDecodeError as error:
        message = f'{where} has bytes of Python 2 that are no {error.encoding} text: pass encoding="latin1".'
        raise pickle.UnpicklingError(message) from error
    except Exception as error:
        message = f"{where} cannot be read ({type(error).__name__}: {error}). Nothing was loaded."
        raise pickle.UnpicklingError(message) from error


class RefusedError(pickle.UnpicklingError):
    """The pickle asks for a name that is not admitted, or would change what is not its own."""


class _Restricted(GuardedUnpickler):
    """Unpickles with the names that are admitted."""

    def __init__(self, content, encoding, where, allowed, arrays=None):
        super().__init__(content, encoding)
        self._where, self._allowed, self._arrays = where, allowed, arrays

    def find_class(self, module, name):
        full = f"{module}.{name}"
        if full in self._allowed:
            return self._allowed[full] or super().find_class(module, name)
        if module.split(".")[0] == "theano" or module.startswith("ptembed.theano."):
            found = _of_theano(module.removeprefix("ptembed."), name)
        elif _is_in(module, TODAYS):
            found = _of_today(module, name)
        elif name in SAFE.get(module, "").split() or (module == "numpy" and _is_element(name)):
            found = self.found(*_today(module, name))
        else:
            found = None
        if found is None:
            raise RefusedError(
                f"{self._where} asks for {full}, which is not among the names that are safe to load: if you trust the "
                f'file, pass allow=["{full}"]. Nothing was loaded.'
            )
        return found

    def persistent_load(self, pid):
        if self._arrays is None:
            raise pickle.UnpicklingError(f"it refers to an array outside of it, {pid}")
        return self._arrays(pid)


def _today(module: str, name: str) -> tuple[str, str]:
    """Where a class is that moved, and how it is called: without the warning of the old place."""
    if module.startswith("scipy.sparse."):
        return "scipy.sparse", name
    old = (module, name)
    module, name = _compat_pickle.NAME_MAPPING.get(old, (_compat_pickle.IMPORT_MAPPING.get(module, module), name))
    return module.replace("numpy.core.", "numpy._core."), name


def _is_element(name: str) -> bool:
    import numpy as np

    return isinstance(vars(np).get(name), type) and issubclass(vars(np)[name], np.generic)


def _of_theano(module: str, name: str):
    """The class or function of that name in the drop-in, if it is a safe one."""
    found = _found(f"ptembed.{module}", name)
    if name in SAFE.get(module, "").split():
        return found
    if _is_in(module, ON_GPU):
        if _is_class(found, object) and found.__module__ == f"ptembed.{module}":
            return found
        from ptembed.theano._gpu import pickled

        return pickled(name, f"ptembed.{module}")
    return found if _is_in(module, ARITHMETIC) and _is_safe(found) else None


def _of_today(module: str, name: str):
    """The type or variable of that name in PyTensor; no Op, which would be as it was pickled."""
    from pytensor.graph.basic import Variable
    from pytensor.graph.type import Type

    found = _found(module, name)
    return found if name in SAFE.get(module, "").split() or _is_class(found, Type | Variable) else None


def _found(module, name):
    try:
        return getattr(importlib.import_module(module), name, None)
    except ImportError:
        return None


def _is_in(module, packages) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


def _is_safe(found) -> bool:
    from pytensor.graph.basic import Variable
    from pytensor.graph.op import Op
    from pytensor.graph.type import Type

    return _is_class(found, Op | Type | Variable) and found.__name__ not in NOT_ARITHMETIC.split()


def _is_class(found, kinds) -> bool:
    return isinstance(found, type) and issubclass(found, kinds)
