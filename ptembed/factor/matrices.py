"""What the factorisations take: a sparse matrix of finite numbers, most of them of numbers that are not negative.

Checked in one pass over the non-zeros, and copied only where something must change: what is no CSR or CSC, duplicates,
integers. Nothing here has the size rows x columns.

Read next: :mod:`ptembed.factor.products`.
"""

from typing import Any

import numpy as np
import scipy.sparse as sp

from ptembed.kinds import Matrix

__all__ = ["check_state", "counts_of", "finite", "nonnegative"]

FLOATS = ("float32", "float64")


def nonnegative(X: Any, name: str = "X") -> Matrix:
    """Check a matrix and give it in CSR or CSC form, sorted, each place once.

    Parameters
    ----------
    X : sparse matrix or array, shape (m, n)
        Of any format and any real dtype. Duplicates are added up. It is not changed.
    name : str
        What errors call it.

    Returns
    -------
    csr_array or csc_array
        CSC stays CSC, the rest is CSR. float32 and float64 stay, all else is float32.

    Raises
    ------
    TypeError
        When it is not sparse, or its numbers are not real.
    ValueError
        When it has no row or column, its arrays contradict each other, or a number is negative, infinite or NaN.

    Examples
    --------
    >>> nonnegative(sp.coo_array(([1, 2], ([0, 0], [1, 1])), shape=(1, 2))).toarray()
    array([[0., 3.]], dtype=float32)
    """
    X = _canonical(X, name)
    _check_numbers(X, name)
    return X


def finite(X: Any, name: str = "X") -> Matrix:
    """Check a matrix whose numbers may be negative; a dense one stays dense.

    Parameters
    ----------
    X : sparse matrix or array, shape (m, n)
        Of any real dtype. Duplicates are added up. It is not changed.
    name : str
        What errors call it.

    Returns
    -------
    csr_array, or array in C order
        float32 and float64 stay, all else is float32. Columns are int32.

    Raises
    ------
    TypeError
        When its numbers are not real.
    ValueError
        When it is no matrix, has no row or column, or a number is infinite or NaN.

    Examples
    --------
    >>> finite([[1, -2]])
    array([[ 1., -2.]], dtype=float32)
    """
    if sp.issparse(X):
        X = sp.csr_array(_canonical(X, name))
        _check_finite(X.data, lambda wrong: _place(X, wrong), name)
        X.indices = X.indices.astype(np.int32, copy=False)
        X.indptr = X.indptr.astype(np.int32 if X.nnz < 2**31 else np.int64, copy=False)
        return X
    X = np.asarray(X)
    _check_real(X.dtype, name)
    if X.ndim != 2 or X.size == 0:
        raise ValueError(
            f"{name} must be a matrix with rows and columns, got shape {X.shape}: give at least one of each"
        )
    X = np.ascontiguousarray(X, X.dtype if X.dtype in FLOATS else np.float32)
    _check_finite(X, lambda wrong: np.unravel_index(wrong, X.shape), name)
    return X


def counts_of(X: Any, name: str = "X") -> Matrix:
    """Give the checked matrix in CSR form: see :func:`nonnegative`."""
    return sp.csr_array(nonnegative(X, name))


def check_state(state: Any, shapes: Any, dtype: Any) -> None:
    """Raise a `ValueError` where what earlier iterations have left does not fit the matrix or the components."""
    for name, shape in shapes.items():
        F = state[name]
        if F.shape != shape or F.dtype != dtype:
            raise ValueError(
                f"{name} must have shape {shape} and {dtype} to go on, got {F.shape} and {F.dtype} of the last call: "
                f"give the same matrix and as many components, or begin anew"
            )


def _canonical(X, name):
    X = _compressed(X, name)
    if X.shape[0] < 1 or X.shape[1] < 1:
        raise ValueError(f"{name} must have rows and columns, got shape {X.shape}: give at least one of each")
    if not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    return X


def _compressed(X, name):
    if not sp.issparse(X):
        raise TypeError(f"{name} must be a sparse matrix, got {type(X).__name__}: give scipy.sparse.csr_array({name})")
    _check_real(X.dtype, name)
    try:
        X = sp.csc_array(X) if X.format == "csc" else sp.csr_array(X)
        X.check_format(full_check=True)
    except ValueError as error:
        raise ValueError(f"{name} must be a whole sparse matrix, got one cut short or damaged ({error})") from None
    return X if X.dtype in FLOATS else X.astype("float32")


def _check_real(dtype, name):
    if dtype.kind not in "buif":
        raise TypeError(f"{name} must hold real numbers, got {dtype}: give float32 or float64")


def _check_finite(numbers, place, name):
    known = np.isfinite(numbers)
    if not known.all():
        wrong = np.flatnonzero(~known)[0]
        i, j = place(wrong)
        raise ValueError(
            f"{name} must hold finite numbers, got {numbers.flat[wrong]} at row {i}, column {j}: remove it"
        )


def _place(X, wrong):
    """Give row and column of a non-zero."""
    line, place = np.searchsorted(X.indptr, wrong, side="right") - 1, X.indices[wrong]
    return (place, line) if X.format == "csc" else (line, place)


def _check_numbers(X, name):
    low = X.data.min(initial=0)
    if low >= 0 and X.data.max(initial=0) < np.inf:
        return
    wrong = np.flatnonzero(~((X.data >= 0) & (X.data < np.inf)))[0]
    i, j = _place(X, wrong)
    raise ValueError(
        f"{name} must hold finite numbers from 0 on, got {X.data[wrong]} at row {i}, column {j}: remove it"
    )
