"""Odds and ends."""

from ptembed.theano._gone import getattr_of

_MODULES = (
    "cpucount",
    "frozendict",
    "may_share_memory",
    "ordered_set",
    "pkl_utils",
    "pycuda_init",
    "pycuda_utils",
    "safe_asarray",
    "strutil",
    "windows",
)

__getattr__ = getattr_of(__name__, lazy={name: f"{__name__}.{name}" for name in _MODULES})
