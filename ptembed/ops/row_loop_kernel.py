"""The Numba kernel of a row loop: its source, compiled with the functions of its nodes
(:mod:`ptembed.ops.row_loop_numbers`)."""

from hashlib import sha256

import numpy as np
from numba import njit
from pytensor.link.numba.cache import compile_numba_function_src
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_and_cache_key

from ptembed.ops.distinct import RowIndexError
from ptembed.ops.prefetch import prefetch_row
from ptembed.ops.row_loop import RowLoop
from ptembed.ops.row_loop_numbers import number_function
from ptembed.ops.row_loop_source import row_loop_source
from ptembed.ops.row_nodes import role

__all__ = []

VERSION = 6  # of the helpers here; a new one leaves behind the kernels in PyTensor's cache on disk
FAST = {"reassoc", "contract", "arcp", "nsz", "afn"}  # NaN and infinity keep their meaning
INNER = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


@njit(**INNER)
def check_rows(idx, N):
    """Raise where a row number is outside of ``[-N, N)``."""
    low = high = idx.dtype.type(0)
    for j in range(len(idx)):
        low, high = min(low, idx[j]), max(high, idx[j])
    if high >= N or low < -N:
        for i in idx:
            check_row(i, N)


@njit(**INNER)
def check_row(i, N):
    """Raise where one row number is outside of ``[-N, N)``."""
    if i >= N or i < -N:
        raise RowIndexError(np.int64(i), N, i > 0)


@njit(**INNER)
def check_size(n, first):
    """Raise where two sizes that must agree do not."""
    if n != first:
        raise ValueError("arrays that are combined row by row must have as many rows, and columns, as each other")


@register_funcify_and_cache_key(RowLoop)
def row_loop_kernel(op, node=None, **kwargs):
    names = {f.__name__: f for f in (check_rows, check_row, check_size, prefetch_row)} | {"np": np}
    source, keys = row_loop_source(op), []
    for k, inner in enumerate(op.nodes):
        if role(inner, op.rank) == "map":
            names[f"f{k}"], key = number_function(inner)
            keys.append(key)
    function = compile_numba_function_src(source, "row_loop", names)
    kernel = numba_njit(function, fastmath=FAST, boundscheck=False, error_model="numpy")
    return kernel, None if None in keys else sha256(repr((VERSION, source, keys)).encode()).hexdigest()
