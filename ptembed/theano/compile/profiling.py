"""Where the time of a compiled function goes."""

import time

from pytensor.compile.debug import profiling
from pytensor.compile.debug.profiling import (
    _atexit_print_fn,
    _atexit_print_list,
    _profiler_printers,
    logger,
    print_global_stats,
    register_profiler_printer,
)

from ptembed.theano.configparser import config

__all__ = ["ProfileStats", "ScanProfileStats", "print_global_stats", "register_profiler_printer"]

theano_imported_time = time.time()
_ELSEWHERE = {
    "total_fct_exec_time": "total_fct_exec_time",
    "total_graph_opt_time": "total_graph_rewrite_time",
    "total_time_linker": "total_time_linker",
    "_atexit_registered": "_atexit_registered",
}


class ProfileStats(profiling.ProfileStats):
    """The measurements of one function: ``theano.function(..., profile=True).profile``.

    Parameters
    ----------
    atexit_print : bool
        Whether they are printed at the end of the program.
    flag_time_thunks : bool, optional
        Whether each node is timed.
    gpu_checks : bool
        Accepted for old programs.
    **kwargs
        Attributes, ``message="..."`` among them.
    """

    def __init__(self, atexit_print=True, flag_time_thunks=None, gpu_checks=True, **kwargs):
        super().__init__(atexit_print, flag_time_thunks, **kwargs)

    @property
    def optimizer_time(self):
        """The seconds that rewrites took."""
        return self.rewriting_time

    @optimizer_time.setter
    def optimizer_time(self, seconds):
        self.rewriting_time = seconds

    @property
    def optimizer_profile(self):
        """The rewrite and its own measurements, where the flag ``profile_optimizer`` asks for them."""
        return self.rewriter_profile


class ScanProfileStats(ProfileStats):
    """The measurements of one loop."""

    callcount = 0
    nbsteps = 0
    call_time = 0.0

    def __init__(self, atexit_print=True, name=None, **kwargs):
        super().__init__(atexit_print, **kwargs)
        self.name = name


def __getattr__(name):
    if name in _ELSEWHERE:  # they grow as functions are compiled and run
        return getattr(profiling, _ELSEWHERE[name])
    raise AttributeError(
        f"module 'theano.compile.profiling' has no attribute {name!r}: Theano 1.0.5 defined none either"
    )
