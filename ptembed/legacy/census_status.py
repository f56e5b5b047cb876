"""What becomes of a name of Theano's: served, emulated, without effect, or missing.

==========  ==========================================================================================================
status      meaning
==========  ==========================================================================================================
served      it does what it did in Theano 1.0.5
emulated    it stands for what PyTensor does in another way: a class of Ops that PyTensor has fewer of, a flag whose
            effect the drop-in gives itself, what cuDNN computed
no-op       it is accepted and does nothing: what is of the GPU, and flags that mean nothing now
missing     using it raises; the reason says why and what to use
==========  ==========================================================================================================
"""

import functools
import importlib
import warnings
from dataclasses import dataclass
from types import ModuleType

__all__ = ["STATUSES", "Status", "status"]

STATUSES = ("served", "emulated", "no-op", "missing")
_GPU = ("theano.sandbox.cuda", "theano.gpuarray", "theano.sandbox.gpuarray", "theano.misc.pycuda")


@dataclass(frozen=True)
class Status:
    """The name as far as it is a name of a module or a flag, what becomes of it, and the reason if there is one."""

    name: str
    status: str
    reason: str = ""


@functools.lru_cache(4096)
def status(name: str) -> Status:
    """What becomes of ``theano.tensor.dot``; needs the drop-in to be active."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _status(name)


def _status(name: str) -> Status:
    parts = name.split(".")
    found: object = importlib.import_module(parts[0])
    for i in range(1, len(parts)):
        if parts[i - 1] == "config" and not isinstance(found, ModuleType):
            return _flag(parts, i)
        if not isinstance(found, ModuleType):
            return _of_object(".".join(parts[:i]), found)
        try:
            found = _member(found, ".".join(parts[:i]), parts[i])
        except (AttributeError, ImportError) as error:
            return Status(".".join(parts[: i + 1]), "missing", str(error))
    return _of_object(name, found)


def _member(module: ModuleType, path: str, name: str) -> object:
    try:
        return getattr(module, name)
    except AttributeError as error:
        try:
            return importlib.import_module(f"{path}.{name}")
        except ImportError:
            raise error from None


def _of_object(name: str, found: object) -> Status:
    from ptembed.theano._faces import Face

    if isinstance(found, Face):
        return Status(name, "emulated", "stands for PyTensor's Ops of that kind")
    return _of_gpu(name, found) if name.startswith(_GPU) else Status(name, "served")


def _of_gpu(name: str, found: object) -> Status:
    from ptembed.theano._gpu import is_marker

    if is_marker(found):
        return Status(name, "no-op", "a class of the GPU, without instances: making one raises")
    module, _, last = name.rpartition(".")
    if module.endswith((".dnn", ".blas")) and last not in ("version", "dnn_available", "dnn_present"):
        return Status(name, "emulated", "computes on the CPU")
    return Status(name, "no-op", "there is no GPU, and everything runs on the CPU")


def _flag(parts: list[str], at: int) -> Status:
    from ptembed.theano.configdefaults import FORWARDED, KNOWN, OWN

    for end in range(len(parts), at, -1):
        flag, name = ".".join(parts[at:end]), ".".join(parts[:end])
        if flag in FORWARDED:
            return Status(name, "served")
        if flag in OWN:
            return Status(name, "emulated", "the drop-in gives it its effect itself")
        if flag in KNOWN:
            return Status(name, "no-op", "the flag is kept and has no effect")
    found = importlib.import_module("theano").config
    for end in range(at, len(parts)):
        try:
            found = getattr(found, parts[end])
        except AttributeError as error:
            return Status(".".join(parts[: end + 1]), "missing", str(error))
    return Status(".".join(parts), "served")
