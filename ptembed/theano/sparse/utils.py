"""Helpers of sparse matrices."""

from pytensor.sparse.utils import hash_from_sparse
