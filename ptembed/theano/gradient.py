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


def consider_constant(x):
    """``x`` as a constant of the gradient: nothing flows through it, and nothing is said about that."""
    return zero_grad(x)
