"""Peak memory of a call in a process of its own, beside what the process held before it.

Read next: :mod:`ptembed.bench.factors`, :mod:`ptembed.bench.row_memory`.
"""

import gc
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import scipy.sparse as sp

from ptembed.bench.factor_data import zipf_blocks
from ptembed.bench.row_memory import RESET, _kilobytes
from ptembed.factor.counts import cooccurrences
from ptembed.factor.nmf import nmf

__all__ = ["counting_peak", "factoring_peak"]


def factoring_peak(path, k):
    """Bytes that :func:`ptembed.factor.nmf.nmf` takes at its peak beside the matrix in the file ``path``, or None."""
    return _in_fresh_process(_factoring_peak, path, k)


def counting_peak(n_tokens, n_words, block):
    """Bytes of the process at its peak while a stream is counted, non-zeros of the result, CPU seconds; or None."""
    return _in_fresh_process(_counting_peak, n_tokens, n_words, block)


def _in_fresh_process(work, *arguments):
    if not RESET.exists():
        return None
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
        return fresh.submit(work, *arguments).result()


def _factoring_peak(path, k):
    nmf(sp.random_array((50, 40), density=0.2, format="csr", dtype=np.float32), 3, start="random", max_iter=2)
    X = sp.csr_array(sp.load_npz(path))
    gc.collect()
    RESET.write_text("5")
    before = _kilobytes("VmRSS")
    nmf(X, k, start="random", max_iter=2)
    return 1024 * (_kilobytes("VmHWM") - before)


def _counting_peak(n_tokens, n_words, block):
    import time

    start = time.process_time()
    X = cooccurrences(zipf_blocks(n_tokens, n_words), n_words, block=block)
    return 1024 * _kilobytes("VmHWM"), X.nnz, time.process_time() - start
