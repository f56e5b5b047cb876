"""Shared arrays."""

from pytensor.tensor.sharedvar import TensorSharedVariable

__all__ = ["ScalarSharedVariable", "TensorSharedVariable"]

ScalarSharedVariable = TensorSharedVariable
