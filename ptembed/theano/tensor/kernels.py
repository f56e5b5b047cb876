"""The Numba kernels of the scalar Ops of :mod:`ptembed.theano.tensor`; importing this registers them.

Apart from the Ops, because importing Numba takes longer than all of ``import theano``.
"""

import numpy as np
from numba import njit
from pytensor.link.numba.dispatch.basic import register_funcify_and_cache_key

from ptembed.theano.tensor.xlogx import XlogX, XlogY0

__all__ = ["xlogx_kernel", "xlogy0_kernel"]


@register_funcify_and_cache_key(XlogX)
def xlogx_kernel(op, node=None, **kwargs):
    """``x log x`` of one number, and its key for PyTensor's cache."""

    @njit
    def xlogx(x):
        return x * np.log(x) if x != 0 else x * 0.0

    return xlogx, "ptembed-xlogx-1"


@register_funcify_and_cache_key(XlogY0)
def xlogy0_kernel(op, node=None, **kwargs):
    """``x log y`` of two numbers, and its key for PyTensor's cache."""

    @njit
    def xlogy0(x, y):
        return x * np.log(y) if x != 0 else x * 0.0

    return xlogy0, "ptembed-xlogy0-1"
