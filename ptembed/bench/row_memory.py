"""The peak memory that a training step needs beside the matrix and its histories, taken in a fresh process.

Linux keeps the peak of a process's memory and sets it back on request. The steps before have compiled and have touched
every page that the steps measured touch, and what they freed is given back; so what the peak is above the memory held
before is the steps' own. Where the system gives huge pages, that may be 2 MB at a time.
"""

import ctypes
import gc
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

__all__ = ["extra_memory"]

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def extra_memory(make, N, d, m, *arguments):
    """Bytes that steps of ``m`` triples take at their peak; None where the system does not tell.

    ``make(*arguments, W, m)`` gives the side; a function of a module, since it is called in another process.
    """
    if not RESET.exists():
        return None
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
        return fresh.submit(_extra_memory, make, N, d, m, arguments).result()


def _extra_memory(make, N, d, m, arguments):
    rng = np.random.default_rng(0)
    side = make(*arguments, (rng.random((N, d), np.float32) - 0.5) / 5, m)
    ids = rng.integers(0, N, (m, 3))
    for _ in range(2):
        side.run(ids)
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    RESET.write_text("5")
    before = _kilobytes("VmRSS")
    side.run(ids)
    return 1024 * max(_kilobytes("VmHWM") - before, 0)


def _kilobytes(name):
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1])
