"""Shared arrays."""

from pytensor.tensor.sharedvar import ScalarSharedVariable, TensorSharedVariable

__all__ = ["ScalarSharedVariable", "TensorSharedVariable"]
