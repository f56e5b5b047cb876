"""Symbolic differentiation."""

from pytensor.gradient import *
from pytensor.gradient import (
    DisconnectedInputError,
    DisconnectedType,
    Lop,
    NullTypeGradError,
    Rop,
    disconnected_grad,
    grad,
    grad_clip,
    grad_not_implemented,
    grad_scale,
    grad_undefined,
    hessian,
    jacobian,
    subgraph_grad,
    verify_grad,
    zero_grad,
)

from ptembed._pytensor import ROW_READS


def consider_constant(x):
    """``x`` as a constant of the gradient: nothing flows through it, and nothing is said about that."""
    return zero_grad(x)


def sparse_grad(var):
    """``W[idx]`` as it is: its gradient need not be asked to be sparse.

    Where ``W`` is updated by it, the function that is compiled writes the rows ``idx`` alone
    (:mod:`ptembed.rewrites.row_updates`), which is what this is called for.

    Parameters
    ----------
    var : tensor
        ``W[idx]`` with one integer vector ``idx``.

    Raises
    ------
    TypeError
        For anything else.
    """
    node = var.owner
    if node is None or not isinstance(node.op, ROW_READS) or [i.type.ndim for i in node.inputs[1:]] != [1]:
        raise TypeError(f"sparse_grad takes W[idx] with one integer vector idx, got {var}: leave it out there.")
    return var
