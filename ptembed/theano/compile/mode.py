"""Theano's modes: which rewrites, and who runs the graph.

Theano's default linker ``cvm`` (C code in a C loop) becomes :mod:`ptembed.theano.compile.tiered`, where PyTensor's
default is Numba (unless ``PYTENSOR_FLAGS`` says otherwise): it is what runs fast there. The other linkers of Theano
exist in PyTensor, for programs that ask for them.
"""

import logging

import pytensor.compile.mode
from pytensor.compile.aliasing import Supervisor
from pytensor.compile.mode import (
    OPT_FAST_COMPILE,
    OPT_FAST_RUN,
    OPT_FAST_RUN_STABLE,
    OPT_MERGE,
    OPT_NONE,
    OPT_O2,
    OPT_O3,
    OPT_STABILIZE,
    OPT_UNSAFE,
    AddDestroyHandler,
    AddFeatureOptimizer,
    PrintCurrentFunctionGraph,
    predefined_linkers,
    predefined_optimizers,
    register_linker,
    register_optimizer,
)
from pytensor.link.numba.linker import NumbaLinker

from ptembed.theano.compile.tiered import TieredLinker
from ptembed.theano.configparser import config
from ptembed.theano.gof.optdb import in_theanos_spelling

_logger = logging.getLogger("theano.compile.mode")
optdb = in_theanos_spelling(pytensor.compile.mode.optdb)
local_useless = in_theanos_spelling(pytensor.compile.mode.local_useless)
exclude: list[str] = []
instantiated_default_mode = None
_DEFAULT_LINKERS = ("cvm", "cvm_nogc")
_PYTHON_LINKERS = ("py", "vm", "vm_nogc")
_QUERIES = {"including": "optimizer_including", "excluding": "optimizer_excluding", "requiring": "optimizer_requiring"}


class _AnyMode(type):
    """Makes all of PyTensor's modes instances of ``Mode``, its own predefined ones and those that check too."""

    def __instancecheck__(cls, instance):
        return type.__instancecheck__(pytensor.compile.mode.Mode if cls is Mode else cls, instance)

    def __subclasscheck__(cls, other):
        return type.__subclasscheck__(pytensor.compile.mode.Mode if cls is Mode else cls, other)


class Mode(pytensor.compile.mode.Mode, metaclass=_AnyMode):
    """How a graph is compiled: which rewrites, and who runs it.

    Parameters
    ----------
    linker : str or Linker, optional
        ``None`` is the flag ``linker``.
    optimizer : str, query, rewrite or None
        ``"default"`` is the flag ``optimizer``, ``None`` no rewrites.

    Raises
    ------
    KeyError
        If there is no linker or optimizer of that name.
    """

    def __init__(self, linker=None, optimizer="default"):
        optimizer = config.optimizer if isinstance(optimizer, str) and optimizer == "default" else optimizer
        linker = config.linker if linker is None else linker
        super().__init__(_linker(linker), _optimizer(optimizer, linker))


def get_mode(mode=None) -> pytensor.compile.mode.Mode:
    """Theano's mode of that name as a mode of PyTensor's.

    Parameters
    ----------
    mode : None, str or Mode
        ``None`` is the flag ``mode``, with what the flags ``optimizer_including``, ``optimizer_excluding`` and
        ``optimizer_requiring`` say; a ``Mode`` is given back as it is.

    Raises
    ------
    ValueError
        If there is no mode of that name.
    """
    name = config.mode if mode is None else mode
    if not isinstance(name, str):
        return name
    base: pytensor.compile.mode.Mode
    if name in ("Mode", "FAST_RUN"):
        base = Mode(config.linker, config.optimizer if name == "Mode" else "fast_run")
    elif name in ("ProfileMode", "PROFILE_MODE"):
        raise ValueError(f"No predefined mode exist for string: {name}: it ended with Theano 1.0, use profile=True.")
    elif name in predefined_modes:
        base = predefined_modes[name]
    elif name in ("DebugMode", "DEBUG_MODE"):
        from ptembed.theano.compile.debugmode import DebugMode

        base = DebugMode(config.optimizer if name == "DebugMode" else "fast_run")
    else:
        base = pytensor.compile.mode.get_mode(name)
    if mode is not None:
        return base
    for method, flag in _QUERIES.items():
        tags = getattr(config, flag)
        if tags and isinstance(tags, str):
            base = getattr(base, method)(*tags.split(":"))
    return base


def _optimizer(optimizer, linker):
    """The rewrites of that name for a linker; a query, a rewrite or an unknown name is given back as it is."""
    if linker not in _PYTHON_LINKERS or not isinstance(optimizer, str) or optimizer not in predefined_optimizers:
        return optimizer
    # in Python a fused node is slower than its parts, and NumPy 2 computes some of them in float32
    return predefined_optimizers[optimizer].excluding("fusion")


def _linker(linker):
    if not isinstance(linker, str) or linker not in _DEFAULT_LINKERS:
        return linker
    own = pytensor.compile.mode.get_mode("FAST_RUN").linker
    return TieredLinker() if type(own) is NumbaLinker else own


def get_default_mode() -> pytensor.compile.mode.Mode:
    """The mode that the flags name."""
    return get_mode(None)


def register_mode(name: str, mode) -> None:
    """Let ``theano.function(..., mode=name)`` find ``mode``.

    Raises
    ------
    ValueError
        If there is a mode of that name.
    """
    if name in predefined_modes:
        raise ValueError(f"Mode name already taken: {name}")
    predefined_modes[name] = mode


FAST_COMPILE = pytensor.compile.mode.FAST_COMPILE
FAST_RUN = Mode("cvm", "fast_run")
predefined_modes = {"FAST_COMPILE": FAST_COMPILE, "FAST_RUN": FAST_RUN}
