"""How many threads the libraries below start: asked in the environment, before they are imported."""

import contextlib
import os
from typing import Any

__all__ = ["THREADS", "one_thread_each"]

#: What OpenMP, the two BLAS and Numba look at.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@contextlib.contextmanager
def one_thread_each() -> Any:
    """Let the libraries that are imported, and the processes that are started, meanwhile use one thread each."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
