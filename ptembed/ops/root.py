"""The square root as one instruction.

Numba takes the root of a NumPy number by a call of the C library, which no loop around it can be vectorised over, and
around which it must save all that it holds in registers. Here it is the instruction of the processor, of four or eight
numbers at once; both round correctly, so the numbers are the same.

Read next: :mod:`ptembed.rewrites.roots`.
"""

from numba import njit
from numba.extending import intrinsic
from pytensor.scalar.basic import Sqrt, upgrade_to_float

from ptembed import _pytensor

__all__ = ["Root", "root"]


class Root(Sqrt):
    """The root of a float32 or a float64; NaN of a negative one, as NumPy's."""

    __props__ = ()


root = Root(upgrade_to_float, name="root")


@intrinsic
def instruction(typing, x):
    """Take the square root of a float."""

    def codegen(context, builder, signature, args):
        return builder.call(builder.module.declare_intrinsic("llvm.sqrt", [args[0].type]), args)

    return x(x), codegen


@_pytensor.numba_kernel(Root)
def root_kernel(op, node):
    @njit(no_cpython_wrapper=True, no_cfunc_wrapper=True)
    def root(x):
        return instruction(x)

    return root
