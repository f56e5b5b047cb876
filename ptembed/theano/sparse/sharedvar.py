"""Shared sparse matrices."""

import scipy.sparse
from pytensor.sparse.sharedvar import SparseTensorSharedVariable
from pytensor.sparse.sharedvar import sparse_constructor as _construct

__all__ = ["SparseTensorSharedVariable", "sparse_constructor"]


def sparse_constructor(value, name=None, strict=False, allow_downcast=None, borrow=False, format=None):
    """A shared variable that holds a sparse matrix.

    Parameters
    ----------
    value : scipy.sparse.csr_matrix, csc_matrix or bsr_matrix
        Its first value; copied unless ``borrow``.
    name : str, optional
    strict, allow_downcast
        Whether later values must have the dtype exactly, or may lose precision.
    borrow : bool
    format : {"csr", "csc", "bsr"}, optional
        The format of the variable; that of ``value`` unless given.

    Raises
    ------
    TypeError
        If ``value`` is no matrix of ``scipy.sparse``.
    """
    if not isinstance(value, scipy.sparse.spmatrix):
        raise TypeError(
            f"sparse.shared takes a scipy.sparse matrix, got {type(value).__name__}: "
            "make one with scipy.sparse.csr_matrix, or use theano.shared for a dense array."
        )
    return _construct(value, name=name, strict=strict, allow_downcast=allow_downcast, borrow=borrow, format=format)
