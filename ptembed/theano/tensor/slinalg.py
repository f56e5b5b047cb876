"""Linear algebra by SciPy.

PyTensor gives NaN for a matrix that is singular or not positive definite; Theano raised ``LinAlgError``, and so do the
Ops here. Read :mod:`ptembed.theano.tensor.nlinalg` first.
"""

from functools import cache

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Apply, Constant
from pytensor.graph.op import Op
from pytensor.tensor import linalg as _linalg
from pytensor.tensor.linalg import expm

from ptembed import _pytensor
from ptembed.theano._faces import Face
from ptembed.theano.tensor.nlinalg import as_matrix, is_op

__all__ = [
    "MATRIX_STRUCTURES",
    "Cholesky",
    "CholeskyGrad",
    "Eigvalsh",
    "EigvalshGrad",
    "Expm",
    "ExpmGrad",
    "Solve",
    "cholesky",
    "eigvalsh",
    "expm",
    "kron",
    "solve",
    "solve_lower_triangular",
    "solve_symmetric",
    "solve_upper_triangular",
]

MATRIX_STRUCTURES = (
    "general",
    "symmetric",
    "lower_triangular",
    "upper_triangular",
    "hermitian",
    "banded",
    "diagonal",
    "toeplitz",
)
imported_scipy = True


class Cholesky(Op):
    """The triangular root of a positive definite matrix.

    Parameters
    ----------
    lower : bool
        Whether it is ``L`` with ``L L' = x``, else ``U`` with ``U' U = x``.
    on_error : {'raise', 'nan'}
        What to do with a matrix that is not positive definite: raise ``LinAlgError`` or give NaN.
    """

    __props__ = ("lower", "destructive", "on_error")

    def __init__(self, lower=True, on_error="raise"):
        if on_error not in ("raise", "nan"):
            raise ValueError(f'on_error must be "raise" or "nan", got {on_error!r}.')
        self.lower, self.destructive, self.on_error = lower, False, on_error

    def make_node(self, x):
        x = as_matrix(x)
        return Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        from scipy.linalg import LinAlgError, cholesky

        (x,) = inputs
        try:
            root = cholesky(x, lower=self.lower)
        except LinAlgError:
            if self.on_error == "raise":
                raise
            root = np.full(x.shape, np.nan)
        output_storage[0][0] = root.astype(x.dtype)

    def pullback(self, inputs, outputs, cotangents):
        """Murray (2016), "Differentiation of the Cholesky decomposition", equation 10."""
        root, cotangent = outputs[0], cotangents[0]
        if self.on_error == "nan":
            fine = ~pt.any(pt.isnan(root))
            root, cotangent = pt.switch(fine, root, 1), pt.switch(fine, cotangent, 1)
        L, dL = (root, cotangent) if self.lower else (root.T, cotangent.T)
        inner = _halved(pt.tril(L.T.dot(dL)))
        S = solve_upper_triangular(L.T, solve_upper_triangular(L.T, inner.T).T)
        gradient = (pt.tril if self.lower else pt.triu)(_halved(S + S.T))
        return [pt.switch(fine, gradient, np.nan) if self.on_error == "nan" else gradient]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return shapes


def _halved(x):
    """``x`` with half of its diagonal."""
    return x - pt.diag(pt.diagonal(x)) / 2


class CholeskyGrad(Op):
    """The gradient of :class:`Cholesky`: ``CholeskyGrad(lower)(x, root, gradient of the root)``."""

    __props__ = ("lower", "destructive")

    def __init__(self, lower=True):
        self.lower, self.destructive = lower, False

    def make_node(self, x, l, dz):
        x, l, dz = as_matrix(x), as_matrix(l), as_matrix(dz)
        return Apply(self, [x, l, dz], [x.type()])

    def perform(self, node, inputs, output_storage):
        from scipy.linalg import solve_triangular

        x, root, cotangent = inputs
        L, dL = (root, cotangent) if self.lower else (root.T, cotangent.T)
        inner = np.tril(L.T @ dL)
        inner -= np.diag(np.diag(inner)) / 2
        S = solve_triangular(L.T, solve_triangular(L.T, inner.T).T)
        S = S + S.T
        S -= np.diag(np.diag(S)) / 2
        output_storage[0][0] = (np.tril if self.lower else np.triu)(S).astype(x.dtype)

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [shapes[0]]


def cholesky(x):
    """The lower triangular root of a positive definite matrix; one that is not raises ``LinAlgError``."""
    return Cholesky()(x)


class Solve(Op):
    """The solution ``x`` of ``A x = b``.

    Parameters
    ----------
    A_structure : str
        One of ``MATRIX_STRUCTURES``; the two triangular ones are solved as such, the others in general.
    lower, overwrite_A, overwrite_b : bool
        Accepted; without effect.
    """

    __props__ = ("A_structure", "lower", "overwrite_A", "overwrite_b")

    def __init__(self, A_structure="general", lower=False, overwrite_A=False, overwrite_b=False):
        if A_structure not in MATRIX_STRUCTURES:
            raise ValueError(f"A_structure must be one of {', '.join(MATRIX_STRUCTURES)}, got {A_structure!r}.")
        self.A_structure, self.lower = A_structure, lower
        self.overwrite_A, self.overwrite_b = overwrite_A, overwrite_b

    def make_node(self, A, b):
        A, b = as_matrix(A), pt.as_tensor(b)
        assert b.ndim in (1, 2), f"b must be a vector or a matrix, got {b.type}."
        shape = [1 if length == 1 else None for length in b.type.shape]
        return Apply(self, [A, b], [pt.tensor(dtype=_solution_dtype(A.type.dtype, b.type.dtype), shape=shape)])

    def perform(self, node, inputs, output_storage):
        from scipy.linalg import solve, solve_triangular

        if self.A_structure in ("lower_triangular", "upper_triangular"):
            x = solve_triangular(*inputs, lower=self.A_structure == "lower_triangular")
        else:
            x = solve(*inputs)
        output_storage[0][0] = x.astype(node.outputs[0].dtype, copy=False)

    def pullback(self, inputs, outputs, cotangents):
        # Giles (2008), section 2.3.1
        A, (x,) = inputs[0], outputs
        transposed = {"lower_triangular": "upper_triangular", "upper_triangular": "lower_triangular"}
        structure = transposed.get(self.A_structure, self.A_structure)
        b_bar = Solve(structure, lower=not self.lower)(A.T, cotangents[0])
        A_bar = -pt.outer(b_bar, x) if x.ndim == 1 else -b_bar.dot(x.T)
        triangle = {"lower_triangular": pt.tril, "upper_triangular": pt.triu}.get(self.A_structure)
        return [triangle(A_bar) if triangle else A_bar, b_bar]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        A, b = shapes
        return [(A[1], *b[1:])]


@cache
def _solution_dtype(A, b):
    from scipy.linalg import solve

    return solve(np.eye(1, dtype=A), np.eye(1, dtype=b)).dtype.name


solve = Solve()
solve_lower_triangular = Solve(A_structure="lower_triangular", lower=True)
solve_upper_triangular = Solve(A_structure="upper_triangular", lower=False)
solve_symmetric = Solve(A_structure="symmetric")


class Eigvalsh(Op):
    """The eigenvalues of a symmetric matrix, or of a pair: ``Eigvalsh(lower)(a, b)``; see :func:`eigvalsh`."""

    __props__ = ("lower",)

    def __init__(self, lower=True):
        assert lower in (True, False), f"lower must be a bool, got {lower!r}."
        self.lower = lower

    def make_node(self, a, b=None):
        inputs = [as_matrix(a)]
        if b is not None and not (isinstance(b, Constant) and b.data is None):
            inputs.append(as_matrix(b))
        return Apply(self, inputs, [pt.vector(dtype=np.result_type(*(i.type.dtype for i in inputs)).name)])

    def perform(self, node, inputs, output_storage):
        from scipy.linalg import eigvalsh

        output_storage[0][0] = eigvalsh(*inputs, lower=self.lower).astype(node.outputs[0].dtype, copy=False)

    def pullback(self, inputs, outputs, cotangents):
        b = inputs[1] if len(inputs) == 2 else pt.eye(inputs[0].shape[0], dtype=inputs[0].dtype)
        return EigvalshGrad(self.lower)(inputs[0], b, cotangents[0])[: len(inputs)]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [(shapes[0][0],)]


class EigvalshGrad(Op):
    r"""The gradients of :class:`Eigvalsh`, with respect to the triangles that are read.

    With ``a V = b V diag(w)`` and ``V' b V = I`` they are :math:`V \bar w V^T` and :math:`-V w \bar w V^T`.
    """

    __props__ = ("lower",)

    def __init__(self, lower=True):
        self.lower = lower

    def make_node(self, a, b, gw):
        a, b, gw = as_matrix(a), as_matrix(b), pt.as_tensor(gw)
        dtype = np.result_type(a.type.dtype, b.type.dtype, gw.type.dtype).name
        return Apply(self, [a, b, gw], [pt.matrix(dtype=dtype), pt.matrix(dtype=dtype)])

    def perform(self, node, inputs, output_storage):
        from scipy.linalg import eigh

        a, b, gw = inputs
        w, V = eigh(a, b, lower=self.lower)
        read, other, off = (np.tril, np.triu, 1) if self.lower else (np.triu, np.tril, -1)
        for out, storage, weights in zip(node.outputs, output_storage, (gw, -w * gw), strict=True):
            both = (V * weights) @ V.T
            storage[0] = np.asarray(read(both) + other(both, off).T, dtype=out.dtype)

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [shapes[0], shapes[1]]


def eigvalsh(a, b, lower=True):
    """The eigenvalues ``w``, ascending, of ``a v = w b v``; ``b`` may be None for the identity.

    Parameters
    ----------
    a : symmetric matrix
    b : positive definite matrix or None
    lower : bool
        Which triangle is read.
    """
    return Eigvalsh(lower)(a, b)


class Expm(_linalg.Expm, metaclass=Face):
    """The exponential of a square matrix: ``Expm()(x)``."""

    def __init__(self):
        super().__init__()

    @staticmethod
    def _is(op):
        return is_op(op, _linalg.Expm)


class ExpmGrad(Op):
    """The gradient of :class:`Expm`: ``ExpmGrad()(x, gradient of the result)``."""

    __props__ = ()

    def make_node(self, A, gw):
        A, gw = as_matrix(A), as_matrix(gw)
        return Apply(self, [A, gw], [A.type()])

    def perform(self, node, inputs, output_storage):
        from scipy.linalg import expm_frechet

        A, gw = inputs
        output_storage[0][0] = expm_frechet(A.T, gw, compute_expm=False).astype(A.dtype, copy=False)

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [shapes[0]]


def kron(a, b):
    """The Kronecker product of two arrays, of three dimensions or more in all.

    A matrix and a vector give a vector, column by column of the matrix, unlike in NumPy.
    """
    a, b = pt.as_tensor(a), pt.as_tensor(b)
    if a.ndim + b.ndim <= 2:
        raise TypeError(f"kron: the dimensions of both must sum to 3 or more, got {a.ndim} and {b.ndim}.")
    product = pt.outer(a, b).reshape((*a.shape, *b.shape), ndim=a.ndim + b.ndim)
    if product.ndim == 3:
        return product.dimshuffle(1, 0, 2).flatten()
    rows, columns, *rest = product.shape
    shape = (rows * rest[0], columns * rest[1], *rest[2:])
    return product.dimshuffle(0, 2, 1, *range(3, product.ndim)).reshape(shape, ndim=product.ndim - 2)
