"""The Numba kernel of a row loop: its source, compiled with the scalar functions of its nodes."""

from hashlib import sha256

import numpy as np
from numba import njit
from pytensor.link.numba.cache import compile_numba_function_src
from pytensor.link.numba.dispatch.basic import numba_funcify_and_cache_key, numba_njit, register_funcify_and_cache_key
from pytensor.scalar.math import Sigmoid, Softplus

from ptembed.ops.distinct import RowIndexError
from ptembed.ops.prefetch import prefetch_row
from ptembed.ops.row_loop import RowLoop
from ptembed.ops.row_loop_source import row_loop_source
from ptembed.ops.row_nodes import role

__all__ = []

VERSION = 4  # of the helpers here; a new one leaves behind the kernels in PyTensor's cache on disk
FAST = {"reassoc", "contract", "arcp", "nsz", "afn"}  # NaN and infinity keep their meaning
INNER = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


@njit(**INNER)
def check_rows(idx, N):
    """Raise where a row number is outside of ``[-N, N)``."""
    wrong = False
    for i in idx:
        wrong |= (i >= N) | (i < -N)
    if wrong:
        for i in idx:
            check_row(i, N)


@njit(**INNER)
def check_row(i, N):
    """Raise where one row number is outside of ``[-N, N)``."""
    if i >= N or i < -N:
        raise RowIndexError(i, N)


@njit(**INNER)
def check_size(n, first):
    """Raise where two sizes that must agree do not."""
    if n != first:
        raise ValueError("arrays that are combined row by row must have as many rows, and columns, as each other")


def _number_function(node):
    """Give the function of one number that an elementwise node applies, and its key for the cache."""
    node = node.op.make_scalar_node(*node.inputs)
    kind, dtypes = type(node.op), {v.type.dtype for v in (*node.inputs, *node.outputs)}
    if kind in OWN and dtypes in ({"float32"}, {"float64"}):
        number = np.dtype(*dtypes).type
        return OWN[kind](number(0), number(1)), f"{kind.__name__} {dtypes}"
    return numba_funcify_and_cache_key(node.op, node=node)


def _sigmoid(zero, one):
    @njit(**INNER)
    def sigmoid(x):
        e = np.exp(-np.abs(x))
        return (one if x >= zero else e) / (one + e)

    return sigmoid


def _softplus(zero, one):
    @njit(**INNER)
    def softplus(x):
        return max(x, zero) + np.log1p(np.exp(-np.abs(x)))

    return softplus


# A loss of softplus has the sigmoid as its gradient: both by the same exponential, which the compiler takes once.
OWN = {Sigmoid: _sigmoid, Softplus: _softplus}


@register_funcify_and_cache_key(RowLoop)
def row_loop_kernel(op, node=None, **kwargs):
    names = {f.__name__: f for f in (check_rows, check_row, check_size, prefetch_row)} | {"np": np}
    source, keys = row_loop_source(op), []
    for k, inner in enumerate(op.nodes):
        if role(inner, op.rank) == "map":
            names[f"f{k}"], key = _number_function(inner)
            keys.append(key)
    function = compile_numba_function_src(source, "row_loop", names)
    kernel = numba_njit(function, fastmath=FAST, boundscheck=False, error_model="numpy")
    return kernel, None if None in keys else sha256(repr((VERSION, source, keys)).encode()).hexdigest()
