r"""The first layer on sparse or dense input.

A layer on ten thousand features of which fifty are not zero must cost what the fifty cost: forward :math:`X W`, the
gradient :math:`X^T G`, and the update of :math:`W`, each :math:`O(s d)` for :math:`s` non-zeros and :math:`d` units.

:func:`project` is the plain expression, whatever the input is; an update ``W - lr * grad(loss, W)`` of it is compiled
to row writes (:mod:`ptembed.rewrites.sparse_dots`). :func:`feature_rows` gives the same product with the rows of ``W``
that it touches as a part that any optimizer of :mod:`ptembed.graphs` takes, so that histories are lazy too.
:class:`SharedRows` keeps a data set where the compiled function reads it, and gives ranges of its rows.

Read next: :mod:`ptembed.graphs.bags`, :mod:`ptembed.ops.sparse_products`.
"""

import warnings
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
import scipy.sparse
from pytensor.raise_op import CheckAndRaise
from pytensor.sparse import as_sparse_variable, structured_dot
from pytensor.sparse.basic import CSM
from pytensor.tensor.type import float_dtypes

from ptembed import rewrites  # noqa: F401  registers them
from ptembed.graphs.rows import rows
from ptembed.kinds import Symbol
from ptembed.ops.sparse_arrays import compressed, is_sparse
from ptembed.ops.sparse_products import compressed_dot, rows_of_nonzeros, transposed_dot

__all__ = ["SharedRows", "dense_data", "feature_rows", "project", "sparse_data"]

#: How many bytes a matrix may have to be turned into the other kind without being asked.
SMALL = 100_000_000

fits = CheckAndRaise(ValueError, "X must have as many columns as W has rows: give data with the features of W")


def project(x: Symbol, W: Symbol) -> Any:
    """Multiply an input by a matrix, by the type of the input.

    Parameters
    ----------
    x : sparse or dense matrix, shape (m, n)
        A variable, or data of SciPy or NumPy. Integers and booleans are taken in the dtype of ``W``.
    W : matrix, shape (n, d)

    Returns
    -------
    matrix, shape (m, d)
        For a sparse input ``structured_dot``, whose gradient in ``x`` is taken at the non-zeros alone; else ``dot``.

    Raises
    ------
    TypeError
        When ``x`` or ``W`` is no matrix.
    ValueError
        When called, if ``x`` has not as many columns as ``W`` has rows.

    Examples
    --------
    >>> import pytensor.sparse
    >>> x = pytensor.sparse.csr_matrix("x", dtype="int8")
    >>> f = pytensor.function([x], project(x, np.array([[1.0, 2], [3, 4]])))
    >>> f(scipy.sparse.csr_matrix(np.array([[0, 2], [1, 1]], dtype="int8")))
    array([[6., 8.],
           [4., 6.]])
    """
    x, W = _input(x), pt.as_tensor(W)
    if W.type.ndim != 2:
        raise TypeError(f"W must be a matrix, got {W.type}: it has one row for each feature")
    if not is_sparse(x):
        return pt.dot(x if x.type.dtype in float_dtypes else x.astype(W.type.dtype), W)
    parts = compressed(x)
    if x.type.dtype not in float_dtypes:
        x = parts._replace(data=parts.data.astype(W.type.dtype)).matrix()
    return structured_dot(x, W)


def feature_rows(W: Symbol, x: Symbol, *more: Symbol) -> Any:
    r"""Multiply sparse inputs by a matrix whose touched rows are to be trained.

    Since :math:`\partial L/\partial W_j = \sum_i X_{ij}\, \partial L/\partial Y_i` is zero for a feature :math:`j` that
    no row of :math:`X` has, it is enough to differentiate by the others.

    Parameters
    ----------
    W : shared variable, shape (n, d)
    x : sparse matrix, shape (m, n)
        In CSR or CSC form, of any real dtype; columns may be in any order and repeat.
    *more : sparse matrices
        Further inputs that share ``W`` in the same loss, each of its own number of rows.

    Returns
    -------
    Rows
        Its ``values`` is the product ``x @ W``, shape (m, d), in the dtype of ``W``: one for one input, a tuple for
        several. ``ids`` are the features touched, and optimizers take it as they take what ``rows`` gives.

    Raises
    ------
    TypeError
        When ``W`` is no shared matrix, or an input is not sparse: a dense one touches every row, so give ``W`` itself
        to the optimizer, and the loss ``project(x, W)``.
    ValueError
        When called, if an input has not as many columns as ``W`` has rows; before anything is written.

    Examples
    --------
    >>> import pytensor.sparse
    >>> from ptembed.graphs import sgd
    >>> W = pytensor.shared(np.ones((4, 2)), name="W")
    >>> x = pytensor.sparse.csr_matrix("x")
    >>> r = feature_rows(W, x)
    >>> step = pytensor.function([x], r.ids, updates=sgd(r.values.sum(), r, 0.5))
    >>> step(scipy.sparse.csr_matrix([[0, 1.0, 0, 0], [0, 1.0, 0, 2.0]]))
    array([1, 3])
    >>> W.get_value()
    array([[1., 1.],
           [0., 0.],
           [1., 1.],
           [0., 0.]])
    """
    inputs = [_checked(x, W) for x in (x, *more)]
    r = rows(W, *(rows_of_nonzeros(parts.indptr) if parts.is_csc else parts.indices for parts in inputs))
    where = r.where if more else (r.where,)
    values = tuple(_times_part(*each, r) for each in zip(inputs, where, strict=True))
    return r._replace(values=values if more else values[0])


def _input(x):
    if scipy.sparse.issparse(x):
        return as_sparse_variable(_matrix_of(sparse_data(x)))
    x = x if hasattr(x, "type") else pt.as_tensor(x)
    if x.type.ndim != 2:
        raise TypeError(f"x must be a matrix with one row for each example, got {x.type}: one example is x[None]")
    return x


def _checked(x, W):
    x = _input(x)
    if not is_sparse(x):
        raise TypeError(
            f"x must be sparse, got {x.type}: a dense input touches every row, so train W with project(x, W)"
        )
    if getattr(getattr(W, "type", None), "ndim", 2) != 2:
        raise TypeError(f"W must be a matrix with one row for each feature, got {W.type}")
    parts = compressed(x)
    return parts._replace(data=fits(parts.data.astype(W.type.dtype), pt.eq(parts.shape[1], W.shape[0])))


def _times_part(parts, where, r):
    if not parts.is_csc:
        return compressed_dot(parts.data, where, parts.indptr, r.part, r.ids.shape[0])
    starts = pt.concatenate([parts.indptr[r.ids], parts.indptr[-1:]])  # of the features touched, one after the other
    return transposed_dot(parts.data, parts.indices, starts, r.part, parts.shape[0])


class SharedRows:
    """A sparse data set in shared variables, of which a compiled function takes ranges of rows as views.

    Parameters
    ----------
    X : sparse matrix of SciPy, shape (m, n)
        Kept in CSR form, columns ascending, repeated ones added up.
    dtype : str, optional
        Of the numbers; ``floatX`` if not given.
    name : str, optional

    Attributes
    ----------
    data, indices, indptr : shared vectors
    shape : tuple of int

    Raises
    ------
    TypeError, ValueError
        See :func:`sparse_data`.

    Examples
    --------
    >>> data = SharedRows(scipy.sparse.eye(5, format="csr"), dtype="float64")
    >>> start = pt.lscalar("start")
    >>> f = pytensor.function([start], project(data[start : start + 2], np.arange(5.0)[:, None]))
    >>> f(3)
    array([[3.],
           [4.]])
    """

    def __init__(self, X: Symbol, dtype: Any = None, name: str = "X") -> None:
        X = sparse_data(X, dtype or pytensor.config.floatX)
        self.shape, self.name = X.shape, name
        arrays = {"data": X.data, "indices": X.indices, "indptr": X.indptr}
        self.data, self.indices, self.indptr = (
            pytensor.shared(array, name=f"{name}_{part}", borrow=True) for part, array in arrays.items()
        )

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, key):
        """Give rows ``start`` to ``stop`` as a sparse matrix in CSR form; bounds as NumPy takes them, or symbolic."""
        if not isinstance(key, slice) or key.step not in (None, 1):
            raise TypeError(f"{self.name} must be read by a range of rows {self.name}[start:stop], got {key!r}")
        start = self._bound(key.start, 0)
        stop = pt.maximum(start, self._bound(key.stop, len(self)))
        first, last = self.indptr[start], self.indptr[stop]
        shape = pt.stack([pt.cast(stop - start, "int32"), np.int32(self.shape[1])])
        return CSM("csr")(self.data[first:last], self.indices[first:last], self.indptr[start : stop + 1] - first, shape)

    def _bound(self, bound, otherwise):
        bound = pt.as_tensor(otherwise if bound is None else bound).astype("int64")
        return pt.clip(pt.switch(bound < 0, bound + len(self), bound), 0, len(self))


def sparse_data(X: Symbol, dtype: Any = None, n_features: int | None = None) -> Any:
    """Give data as a CSR matrix whose columns are ascending and each once.

    Parameters
    ----------
    X : sparse matrix, or a small dense one, shape (m, n)
    dtype : str, optional
        Of the numbers; as they are if not given.
    n_features : int, optional
        What n must be.

    Returns
    -------
    csr_matrix, shape (m, n)
        ``X`` itself where it is that already; else a copy. Indices of 64 bits become 32 where they fit.

    Warns
    -----
    UserWarning
        When ``X`` is dense and had to be converted.

    Raises
    ------
    TypeError
        When ``X`` is no matrix of real numbers.
    ValueError
        When ``X`` is dense and large, has other features, or a column number out of range.

    Examples
    --------
    >>> X = scipy.sparse.csr_array(([1.0, 2, 4], [1, 0, 1], [0, 3]), shape=(1, 2))
    >>> sparse_data(X).toarray()
    array([[2., 5.]])
    """
    if not scipy.sparse.issparse(X):
        X = _converted(np.asarray(X), "sparse", scipy.sparse.csr_matrix)
    _check_features(X, n_features)
    made = X if isinstance(X, scipy.sparse.csr_matrix) else scipy.sparse.csr_matrix(X)
    made.check_format(full_check=True)
    if not made.has_canonical_format:
        made = made.copy()
        made.sum_duplicates()
    return made if dtype is None else made.astype(dtype, copy=False)


def dense_data(X: Symbol, dtype: Any = None, n_features: int | None = None) -> Any:
    """Give data as a dense matrix.

    Parameters
    ----------
    X : dense matrix, or a small sparse one, shape (m, n)
    dtype, n_features
        As for :func:`sparse_data`.

    Returns
    -------
    ndarray, shape (m, n)

    Warns
    -----
    UserWarning
        When ``X`` is sparse and had to be converted.

    Raises
    ------
    TypeError, ValueError
        As for :func:`sparse_data`, with the two kinds exchanged.

    Examples
    --------
    >>> dense_data([[1, 2]], dtype="float32", n_features=3)
    Traceback (most recent call last):
    ValueError: X must have 3 features, got 2: give the columns that the model was made for
    """
    X = _converted(X, "dense", lambda X: X.toarray()) if scipy.sparse.issparse(X) else np.asarray(X)
    _check_features(X, n_features)
    return X if dtype is None else X.astype(dtype, copy=False)


def _converted(X, kind, convert):
    if X.ndim != 2 or X.dtype.kind not in "biuf":
        raise TypeError(f"X must be a matrix of real numbers, got {X.dtype} of {X.ndim} dimensions")
    size = X.shape[0] * X.shape[1] * X.dtype.itemsize
    got = "dense" if kind == "sparse" else "sparse"
    if size > SMALL:
        raise ValueError(f"X must be {kind}, got a {got} one that takes {size / 1e9:.1f} GB dense: convert it in parts")
    warnings.warn(f"X should be {kind}, got a {got} one: it was converted; do so once, before", stacklevel=3)
    return convert(X)


def _check_features(X, n_features):
    if X.ndim != 2 or X.dtype.kind not in "biuf":
        raise TypeError(f"X must be a matrix of real numbers, got {X.dtype} of {X.ndim} dimensions")
    if n_features is not None and X.shape[1] != n_features:
        raise ValueError(
            f"X must have {n_features} features, got {X.shape[1]}: give the columns that the model was made for"
        )


def _matrix_of(X):
    return X if isinstance(X, scipy.sparse.csr_matrix) else scipy.sparse.csr_matrix(X)
