"""Linear algebra by NumPy.

Where PyTensor gives NaN, or a result of another dtype, for what Theano refused or gave in the dtype of its input, the
Op is here: inverses (a singular matrix raises ``LinAlgError``) and eigenvalues. The rest is PyTensor's; its Ops work on
stacks of matrices through ``Blockwise``, and the classes here stand for both (see :mod:`ptembed.theano._faces`).
"""

from functools import reduce

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import DisconnectedType
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.tensor import linalg as _linalg
from pytensor.tensor.basic import AllocDiag as _AllocDiag
from pytensor.tensor.basic import ExtractDiag
from pytensor.tensor.blockwise import Blockwise
from pytensor.tensor.linalg import TensorInv, TensorSolve, det, pinv, tensorinv, tensorsolve

from ptembed import _pytensor
from ptembed.theano._faces import Face

__all__ = [
    "SVD",
    "AllocDiag",
    "Det",
    "Eig",
    "Eigh",
    "EighGrad",
    "ExtractDiag",
    "MatrixInverse",
    "MatrixPinv",
    "QRFull",
    "QRIncomplete",
    "TensorInv",
    "TensorSolve",
    "alloc_diag",
    "det",
    "diag",
    "eig",
    "eigh",
    "extract_diag",
    "lstsq",
    "matrix_dot",
    "matrix_inverse",
    "matrix_power",
    "norm",
    "pinv",
    "qr",
    "svd",
    "tensorinv",
    "tensorsolve",
    "trace",
]


def is_op(op, kind):
    """Whether ``op`` is of PyTensor's class ``kind``, for one matrix or for a stack."""
    return isinstance(op.core_op if isinstance(op, Blockwise) else op, kind)


def as_matrix(x):
    """``x`` as a variable, which must be a matrix."""
    x = pt.as_tensor(x)
    assert x.ndim == 2, f"a matrix is needed, got {x.type}."
    return x


def matrix_dot(*args):
    """The product of matrices, from the left to the right."""
    return reduce(pt.dot, args)


class MatrixPinv(_linalg.MatrixPinv, metaclass=Face):
    """The pseudo-inverse of a matrix: ``MatrixPinv()(x)``."""

    def __init__(self):
        super().__init__(hermitian=False)

    @staticmethod
    def _is(op):
        return is_op(op, _linalg.MatrixPinv)


class MatrixInverse(Op):
    """The inverse of a square matrix; a singular one raises ``numpy.linalg.LinAlgError``."""

    __props__ = ()

    def make_node(self, x):
        x = as_matrix(x)
        return Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = np.linalg.inv(inputs[0]).astype(inputs[0].dtype)

    def pullback(self, inputs, outputs, cotangents):
        # d(X^-1) = -X^-1 dX X^-1
        return [-matrix_dot(outputs[0].T, cotangents[0], outputs[0].T)]

    def pushforward(self, inputs, outputs, tangents):
        if isinstance(tangents[0].type, DisconnectedType):
            return [tangents[0]]
        return [-matrix_dot(outputs[0], tangents[0], outputs[0])]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return shapes


matrix_inverse = MatrixInverse()


class AllocDiag(_AllocDiag):
    """The square matrix with a vector as its diagonal: ``AllocDiag()(x)``."""

    def __init__(self, offset=0, axis1=0, axis2=1, **kwargs):
        super().__init__(offset=offset, axis1=axis1, axis2=axis2, **kwargs)


def alloc_diag(x):
    """The square matrix with the vector ``x`` as its diagonal."""
    x = pt.as_tensor(x)
    if x.ndim != 1:
        raise TypeError(f"alloc_diag takes a vector, got {x.type}.")
    return AllocDiag()(x)


def extract_diag(x):
    """The diagonal of the matrix ``x``."""
    x = pt.as_tensor(x)
    if x.ndim < 2:
        raise ValueError(f"extract_diag takes a matrix, got {x.type}.")
    return ExtractDiag()(x)


def diag(x):
    """The diagonal of a matrix, or the matrix with a vector as its diagonal."""
    x = pt.as_tensor(x)
    if x.ndim not in (1, 2):
        raise TypeError(f"diag takes a vector or a matrix, got {x.type}.")
    return alloc_diag(x) if x.ndim == 1 else extract_diag(x)


def trace(X):
    """The sum of the diagonal of a matrix."""
    return extract_diag(X).sum()


class Det(_linalg.Det, metaclass=Face):
    """The determinant of a square matrix: ``Det()(x)``."""

    @staticmethod
    def _is(op):
        return is_op(op, _linalg.Det)


class Eig(Op):
    """Eigenvalues and right eigenvectors of a square matrix, in its dtype: of complex ones the real part."""

    _numop = staticmethod(np.linalg.eig)
    __props__: tuple[str, ...] = ()

    def make_node(self, x):
        x = as_matrix(x)
        return Apply(self, [x], [pt.vector(dtype=x.type.dtype), pt.matrix(dtype=x.type.dtype)])

    def perform(self, node, inputs, output_storage):
        for storage, result in zip(output_storage, self._numop(inputs[0]), strict=True):
            storage[0] = _in_dtype(result, inputs[0].dtype)

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        n = shapes[0][0]
        return [(n,), (n, n)]


def _in_dtype(result, dtype):
    return (result.real if np.dtype(dtype).kind != "c" else result).astype(dtype)


eig = Eig()


class Eigh(Eig):
    """Eigenvalues, ascending, and eigenvectors of a symmetric or Hermitian matrix, of which one triangle is read.

    Parameters
    ----------
    UPLO : {'L', 'U'}
        Which triangle: lower or upper.
    """

    _numop = staticmethod(np.linalg.eigh)
    __props__ = ("UPLO",)

    def __init__(self, UPLO="L"):
        assert UPLO in ("L", "U"), f"UPLO must be 'L' or 'U', got {UPLO!r}."
        self.UPLO = UPLO

    def make_node(self, x):
        x = as_matrix(x)
        w_dtype = self._numop([[np.dtype(x.type.dtype).type()]])[0].dtype.name
        return Apply(self, [x], [pt.vector(dtype=w_dtype), pt.matrix(dtype=x.type.dtype)])

    def perform(self, node, inputs, output_storage):
        w, v = self._numop(inputs[0], self.UPLO)
        output_storage[0][0], output_storage[1][0] = w, v.astype(node.outputs[1].dtype)

    def pullback(self, inputs, outputs, cotangents):
        return [EighGrad(self.UPLO)(*inputs, *outputs, *_zero_disconnected(outputs, cotangents))]


def _zero_disconnected(outputs, grads):
    """``grads``, with zeros in place of those that are disconnected."""
    return [
        out.zeros_like() if isinstance(grad.type, DisconnectedType) else grad
        for out, grad in zip(outputs, grads, strict=True)
    ]


class EighGrad(Op):
    r"""The gradient of :class:`Eigh`, with respect to the triangle that is read.

    With :math:`F_{mn} = (v_m^T \bar v_n) / (w_n - w_m)` off the diagonal and :math:`\bar w` on it, the gradient of
    both triangles is :math:`V F V^T` (Giles, 2008, section 3.1); what belongs to the other one is added to this one.
    """

    __props__ = ("UPLO",)

    def __init__(self, UPLO="L"):
        assert UPLO in ("L", "U"), f"UPLO must be 'L' or 'U', got {UPLO!r}."
        self.UPLO = UPLO

    def make_node(self, x, w, v, gw, gv):
        x, w, v, gw, gv = (pt.as_tensor(a) for a in (x, w, v, gw, gv))
        dtype = np.result_type(*(a.type.dtype for a in (x, w, v, gw, gv))).name
        return Apply(self, [x, w, v, gw, gv], [pt.matrix(dtype=dtype)])

    def perform(self, node, inputs, output_storage):
        _, w, v, gw, gv = inputs
        gaps = w - w[:, None]
        np.fill_diagonal(gaps, 1)
        F = v.T @ gv / gaps
        np.fill_diagonal(F, gw)
        both = v @ F @ v.T
        read, other = (np.tril, np.triu) if self.UPLO == "L" else (np.triu, np.tril)
        off = -1 if self.UPLO == "U" else 1
        output_storage[0][0] = np.asarray(read(both) + other(both, off).T, dtype=node.outputs[0].dtype)

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [shapes[0]]


def eigh(a, UPLO="L"):
    """Eigenvalues, ascending, and eigenvectors of a symmetric or Hermitian matrix; see :class:`Eigh`."""
    return Eigh(UPLO)(a)


class _QR(Op):
    """What ``numpy.linalg.qr`` gives in one of its modes."""

    _numop = staticmethod(np.linalg.qr)
    __props__ = ("mode",)

    def __init__(self, mode):
        self.mode = mode

    def make_node(self, x):
        x = as_matrix(x)
        kinds = [pt.matrix] if self.mode == "r" else [pt.matrix, pt.vector if self.mode == "raw" else pt.matrix]
        return Apply(self, [x], [kind(dtype=x.type.dtype) for kind in kinds])

    def perform(self, node, inputs, output_storage):
        results = self._numop(inputs[0], self.mode)
        for storage, result in zip(output_storage, [results] if self.mode == "r" else results, strict=True):
            storage[0] = result.astype(inputs[0].dtype)


class QRFull(_QR):
    """Both results of ``numpy.linalg.qr`` in a mode that gives two: ``QRFull(mode)(x)``."""


class QRIncomplete(_QR):
    """The one result of ``numpy.linalg.qr`` in mode ``"r"``: ``QRIncomplete(mode)(x)``."""


def qr(a, mode="reduced"):
    """Write a matrix as ``q r``, ``q`` orthonormal and ``r`` upper triangular.

    Parameters
    ----------
    a : matrix, shape (M, N)
    mode : {'reduced', 'complete', 'r', 'raw'}
        ``'reduced'`` gives ``q`` (M, K) and ``r`` (K, N) with ``K = min(M, N)``, ``'complete'`` ``q`` (M, M) and ``r``
        (M, N), ``'r'`` ``r`` (K, N) alone, ``'raw'`` LAPACK's reflectors ``h`` (N, M) and ``tau`` (K,).
    """
    if mode in ("reduced", "complete"):
        return _linalg.qr(as_matrix(a), mode="economic" if mode == "reduced" else "full")
    return QRIncomplete(mode)(a) if mode == "r" else QRFull(mode)(a)


class SVD(_linalg.SVD, metaclass=Face):
    """The singular value decomposition: ``SVD(full_matrices, compute_uv)(x)``; see :func:`svd`."""

    def __init__(self, full_matrices=True, compute_uv=True):
        super().__init__(bool(full_matrices), bool(compute_uv))

    @staticmethod
    def _is(op):
        return is_op(op, _linalg.SVD)


def svd(a, full_matrices=1, compute_uv=1):
    """Write a matrix as ``U diag(S) V``, singular values descending.

    Parameters
    ----------
    a : matrix, shape (M, N)
    full_matrices : bool
        Whether ``U`` is (M, M) and ``V`` (N, N), else (M, K) and (K, N) with ``K = min(M, N)``.
    compute_uv : bool
        Whether to give ``U, S, V``, else ``S`` alone.
    """
    return _linalg.svd(as_matrix(a), bool(full_matrices), bool(compute_uv))


class lstsq(Op):
    """``numpy.linalg.lstsq``: ``lstsq()(x, y, rcond)`` gives the solution, residuals, rank and singular values."""

    __props__ = ()

    def make_node(self, x, y, rcond):
        inputs = [pt.as_tensor(a) for a in (x, y, rcond)]
        return Apply(self, inputs, [pt.matrix(), pt.dvector(), pt.lscalar(), pt.dvector()])

    def perform(self, node, inputs, output_storage):
        for out, storage, result in zip(node.outputs, output_storage, np.linalg.lstsq(*inputs), strict=True):
            storage[0] = np.asarray(result, dtype=out.dtype)


def matrix_power(M, n):
    """A square matrix to the power of a Python integer, by products where ``n`` is positive."""
    if n < 1:
        return _linalg.matrix_power(M, n)
    result = M
    for _ in range(n - 1):
        result = pt.dot(result, M)
    return result


def norm(x, ord):
    """A norm of a vector or a matrix.

    Parameters
    ----------
    x : vector or matrix
    ord : None, 'inf', '-inf', a number; for a matrix also 'fro', of the numbers 1 and -1
        As in NumPy, infinity as a string; None is the Euclidean norm, of a matrix as of a long vector.
    """
    x = pt.as_tensor(x)
    if x.ndim == 0:
        raise ValueError("'axis' entry is out of bounds: norm takes a vector or a matrix, got a scalar.")
    if x.ndim > 2:
        raise NotImplementedError(f"norm takes a vector or a matrix, got {x.type}: use sums of powers along the axes.")
    if ord is None or (x.ndim == 2 and ord == "fro"):
        return pt.sum(abs(x**2)) ** 0.5
    lengths = abs(x) if x.ndim == 1 else pt.sum(abs(x), 1 if ord in ("inf", "-inf") else 0)
    if ord in ("inf", "-inf") or (x.ndim == 2 and ord in (1, -1)):
        return pt.max(lengths) if ord in ("inf", 1) else pt.min(lengths)
    if x.ndim == 2 or isinstance(ord, str):
        raise ValueError(f"Invalid norm order for {'vectors' if x.ndim == 1 else 'matrices'}: {ord!r}.")
    return x[x.nonzero()].shape[0] if ord == 0 else pt.sum(abs(x**ord)) ** (1.0 / ord)
