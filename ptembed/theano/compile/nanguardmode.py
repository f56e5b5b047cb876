"""The mode that stops at the first NaN, infinity or huge number."""

from pytensor.compile.debug.nanguardmode import (
    NanGuardMode,
    StringIO,
    _is_numeric_value,
    contains_inf,
    contains_nan,
    flatten,
    logger,
)

from ptembed.theano import _gone
from ptembed.theano.compile.mode import Mode, get_mode
from ptembed.theano.configparser import config

pygpu_available = False
_GPU = ("programs run on the CPU", "contains_nan and contains_inf")
__getattr__ = _gone.getattr_of(
    __name__,
    dict.fromkeys(("GpuArrayType", "_name_for_ctx", "f_compute", "f_gpua_min", "f_gpua_max", "f_gpua_absmax"), _GPU),
)
