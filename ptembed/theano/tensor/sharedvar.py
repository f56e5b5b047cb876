"""Shared arrays."""

import numpy as np
from pytensor.compile.sharedvalue import SharedVariable, shared_constructor
from pytensor.tensor import sharedvar as _sharedvar
from pytensor.tensor.sharedvar import TensorSharedVariable

__all__ = [
    "ScalarSharedVariable",
    "SharedVariable",
    "TensorSharedVariable",
    "load_shared_variable",
    "scalar_constructor",
    "tensor_constructor",
]


class _OfNoDimensions(type(TensorSharedVariable)):
    def __instancecheck__(cls, instance):
        return isinstance(instance, TensorSharedVariable) and instance.type.ndim == 0


class ScalarSharedVariable(TensorSharedVariable, metaclass=_OfNoDimensions):
    """A shared array of no dimensions, which PyTensor has no class for: for ``isinstance``."""


def tensor_constructor(
    value, name=None, strict=False, allow_downcast=None, borrow=False, broadcastable=None, target="cpu"
):
    """A shared array; see :func:`theano.shared`. No length is taken for granted unless ``broadcastable`` says so.

    Raises
    ------
    TypeError
        If ``value`` is no array, or ``target`` is not the CPU.
    """
    _refuse_another(target)
    if not isinstance(value, np.ndarray):
        raise TypeError(f"a shared array needs a NumPy array, got {type(value).__name__}.")
    shape = None if broadcastable is None else [1 if b else None for b in broadcastable]
    return _sharedvar.tensor_constructor(value, name, strict, allow_downcast, borrow, shape)


def scalar_constructor(value, name=None, strict=False, allow_downcast=None, borrow=False, target="cpu"):
    """A shared array of no dimensions from a number; see :func:`theano.shared`."""
    _refuse_another(target)
    if not isinstance(value, np.number | float | int | complex):
        raise TypeError(f"a shared scalar needs a number, got {type(value).__name__}.")
    return _sharedvar.scalar_constructor(value, name, strict, allow_downcast, borrow)


def _refuse_another(target):
    if target != "cpu":
        raise TypeError(f"shared arrays live on the CPU, got target={target!r}: leave it out.")


def load_shared_variable(val):
    """Called by pickles of 2011."""
    return tensor_constructor(val)
