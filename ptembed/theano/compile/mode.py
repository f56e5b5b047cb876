"""Theano's modes: which rewrites, and who runs the graph.

Theano's default linker ``cvm`` (C code in a C loop) becomes :mod:`ptembed.theano.compile.tiered`, where PyTensor's
default is Numba (unless ``PYTENSOR_FLAGS`` says otherwise): it is what runs fast there. The other linkers of Theano
exist in PyTensor, for programs that ask for them.
"""

import pytensor.compile.mode
from pytensor.compile.mode import Mode, predefined_linkers, predefined_modes
from pytensor.link.numba.linker import NumbaLinker

from ptembed.theano.compile.tiered import TieredLinker
from ptembed.theano.configparser import config

__all__ = ["FAST_COMPILE", "FAST_RUN", "Mode", "get_default_mode", "get_mode", "predefined_linkers", "predefined_modes"]

_DEFAULT_LINKERS = ("cvm", "cvm_nogc")
_OPTIMIZERS = {"o4": "fast_run", "None": None}
_QUERIES = {"including": "optimizer_including", "excluding": "optimizer_excluding", "requiring": "optimizer_requiring"}


def get_mode(mode=None) -> Mode:
    """Theano's mode of that name as a mode of PyTensor's.

    Parameters
    ----------
    mode : None, str or Mode
        ``None`` is the flag ``mode``; a ``Mode`` is given back as it is.

    Raises
    ------
    ValueError
        If there is no mode of that name.
    """
    name = config.mode if mode is None else mode
    if not isinstance(name, str):
        return name
    if name in ("Mode", "FAST_RUN"):
        base = _base(config.linker, config.optimizer if name == "Mode" else "fast_run")
    elif name in ("ProfileMode", "PROFILE_MODE"):
        raise ValueError(f"No predefined mode exist for string: {name}: it ended with Theano 1.0, use profile=True.")
    else:
        base = pytensor.compile.mode.get_mode(name)
    for method, flag in _QUERIES.items():
        tags = getattr(config, flag)
        if tags and isinstance(tags, str):
            base = getattr(base, method)(*tags.split(":"))
    return base


def _base(linker: str, optimizer: str) -> Mode:
    if linker in _DEFAULT_LINKERS:
        own = pytensor.compile.mode.get_mode("FAST_RUN").linker
        linker = TieredLinker() if type(own) is NumbaLinker else own
    return Mode(linker, _OPTIMIZERS.get(optimizer, optimizer))


def get_default_mode() -> Mode:
    """The mode that the flags name."""
    return get_mode(None)


FAST_COMPILE = pytensor.compile.mode.FAST_COMPILE
FAST_RUN = _base("cvm", "fast_run")
