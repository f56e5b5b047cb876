"""The Numba kernels of the Ops of :mod:`ptembed.theano.compile`; importing this registers them."""

import ptembed.theano.tensor.kernels  # those of the scalar Ops

# isort: split
from numba import njit
from pytensor.link.utils import compile_function_src

from ptembed import _pytensor
from ptembed.theano.compile.rebroadcast import Rebroadcast


@_pytensor.numba_kernel(Rebroadcast)
def rebroadcast_kernel(op, node):
    """Check the lengths that must be 1; Numba takes no loop over a Python tuple of axes, so they are written out."""
    lines = ["def rebroadcast(x):"]
    for i, broad in op.pattern:
        if broad:
            lines.append(f"    if x.shape[{i}] != 1:")
            lines.append(f'        raise ValueError("Dimension {i} in Rebroadcast\'s input was supposed to be 1")')
    return njit(compile_function_src("\n".join([*lines, "    return x"]), "rebroadcast", {}))
