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
