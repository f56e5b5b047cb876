"""Hashes of sparse matrices."""

from pytensor.sparse.utils import hash_from_code, hash_from_sparse

__all__ = ["hash_from_code", "hash_from_sparse"]
