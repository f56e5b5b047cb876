"""Shared scalars."""

from pytensor.scalar.sharedvar import ScalarSharedVariable, shared
