"""The functions of one number that the elementwise nodes of a row loop apply.

Most are those that PyTensor has for Numba. Two are our own, for float32 and float64: a loss of softplus has the sigmoid
as its gradient, and both are written by the same exponential, which the compiler takes once.

Read next: :mod:`ptembed.ops.row_loop_kernel`.
"""

import numpy as np
from numba import njit
from pytensor.link.numba.dispatch.basic import numba_funcify_and_cache_key
from pytensor.scalar.math import Sigmoid, Softplus

__all__ = ["number_function"]

INNER = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def number_function(node):
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


OWN = {Sigmoid: _sigmoid, Softplus: _softplus}
