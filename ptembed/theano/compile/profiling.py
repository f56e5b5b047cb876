"""Where the time of a compiled function goes."""

from pytensor.compile.debug.profiling import (
    ProfileStats,
    _atexit_print_fn,
    _atexit_print_list,
    _atexit_registered,
    _profiler_printers,
    logger,
    print_global_stats,
    register_profiler_printer,
    total_fct_exec_time,
    total_time_linker,
)
