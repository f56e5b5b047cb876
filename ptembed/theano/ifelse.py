"""A branch that is computed only when it is taken."""

from pytensor import ifelse

__all__ = ["ifelse"]
