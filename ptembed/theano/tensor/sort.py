"""Sorting."""

from pytensor.tensor.sort import ArgSortOp, SortOp, argsort, sort
