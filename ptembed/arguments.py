"""What functions of several rooms accept, and the sentence for what they do not."""

import operator
from typing import Any

import numpy as np

__all__ = ["at_least_one", "matrix_dtype", "row_of"]


def at_least_one(value: int, name: str) -> int:
    """`value` as an int; `TypeError` if it is no integer (or a bool), `ValueError` if it is below 1."""
    try:
        number = operator.index(None if isinstance(value, bool) else value)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"{name} must be an integer, got {value!r}; pass 1 or more.") from None
    if number < 1:
        raise ValueError(f"{name} must be at least 1, got {number}; pass 1 or more.")
    return number


def row_of(value: int, n: int, name: str) -> int:
    """`value` as a row from 0 to `n` - 1, negative ones counted from the end; `IndexError` if there is no such row."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, got {value!r}; pass 0 to {n - 1}.") from None
    if not -n <= number < n:
        raise IndexError(f"{name} must be a row from {-n} to {n - 1}, got {number}; pass 0 to {n - 1}.")
    return number % n


def matrix_dtype(dtype: Any) -> np.dtype:
    """`dtype` as NumPy has it; `TypeError` unless it is float32, float64 or an integer type."""
    try:
        known = np.dtype(dtype)
    except TypeError:
        known = np.dtype(object)
    if dtype is None or not (known.kind in "iu" or known.name in ("float32", "float64")):
        raise TypeError(f"dtype must be float32, float64 or an integer type, got {dtype!r}; pass one of these.")
    return known
