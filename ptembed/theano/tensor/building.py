"""Arrays made of a shape or a rule: constants, ranges, grids, identity and diagonal matrices, triangles.

And the other way round: the places of what is not zero.
"""

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import grad_undefined
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.tensor import basic as _basic
from pytensor.tensor.basic import Alloc, AllocEmpty, ARange, ExtractDiag, Eye, Nonzero, _nonzero, alloc, mgrid, ogrid

from ptembed import _pytensor
from ptembed.theano._faces import Face
from ptembed.theano.configparser import config
from ptembed.theano.tensor.conversion import NotScalarConstantError, as_tensor_variable, get_scalar_constant_value
from ptembed.theano.tensor.type import integer_dtypes

__all__ = [
    "ARange",
    "Alloc",
    "AllocDiag",
    "AllocEmpty",
    "ExtractDiag",
    "Eye",
    "Nonzero",
    "Tri",
    "alloc",
    "alloc_validate_shape",
    "arange",
    "diag",
    "diagonal",
    "eye",
    "flatnonzero",
    "identity_like",
    "mgrid",
    "nonzero",
    "nonzero_values",
    "ogrid",
    "ones",
    "ones_like",
    "tri",
    "tril",
    "triu",
    "zeros",
    "zeros_like",
]


def zeros(shape, dtype=None):
    """An array of zeros; ``dtype`` is ``theano.config.floatX`` unless given."""
    return _filled(0, shape, dtype)


def ones(shape, dtype=None):
    """An array of ones; ``dtype`` is ``theano.config.floatX`` unless given."""
    return _filled(1, shape, dtype)


def _filled(value, shape, dtype):
    if not isinstance(shape, list | tuple) and not (hasattr(shape, "ndim") and shape.ndim > 0):
        shape = [shape]
    dtype = config.floatX if dtype is None else dtype
    return alloc(np.array(value, dtype=config.floatX if dtype == "floatX" else dtype), *shape)


def zeros_like(model, dtype=None, opt=False):
    """Zeros in the shape of ``model``, and in its dtype unless ``dtype`` is given; ``opt`` is for optimizers."""
    return pt.zeros_like(as_tensor_variable(model), dtype=dtype, opt=opt)


def ones_like(model, dtype=None, opt=False):
    """Ones in the shape of ``model``, and in its dtype unless ``dtype`` is given; ``opt`` is for optimizers."""
    return pt.ones_like(as_tensor_variable(model), dtype=dtype, opt=opt)


def alloc_validate_shape(shape):
    """The lengths of a new array as variables, and which of them are known to be 1.

    Raises
    ------
    TypeError
        If a length is no integer scalar.
    """
    lengths = [as_tensor_variable(n) for n in shape]
    for i, n in enumerate(lengths):
        if n.type.dtype not in integer_dtypes or n.ndim:
            raise TypeError(f"Shape arguments to Alloc must be integer scalars, but argument {i} is {n} of {n.type}.")
    return lengths, [_is_one(n) for n in lengths]


def _is_one(n):
    try:
        return bool(get_scalar_constant_value(n) == 1)
    except NotScalarConstantError:
        return False


def nonzero(a, return_matrix=False):
    """The places of what is not zero: a vector of indices for each dimension, or all of them as rows of one matrix."""
    return pt.nonzero(as_tensor_variable(a), return_matrix=return_matrix)


def flatnonzero(a):
    """The places of what is not zero in the flattened array."""
    a = as_tensor_variable(a)
    if a.ndim == 0:
        raise ValueError("Nonzero only supports non-scalar arrays.")
    return nonzero(a.flatten(), return_matrix=True)[0]


def nonzero_values(a):
    """The elements that are not zero, as a vector."""
    a = as_tensor_variable(a)
    return a.flatten()[flatnonzero(a)]


class Tri(Op):
    """Ones at and below a diagonal, ``Tri(dtype)(N, M, k)``."""

    __props__ = ("dtype",)

    def __init__(self, dtype=None):
        self.dtype = config.floatX if dtype is None else dtype

    def make_node(self, N, M, k):
        return Apply(self, [as_tensor_variable(v) for v in (N, M, k)], [pt.matrix(dtype=self.dtype)])

    def perform(self, node, inputs, output_storage):
        N, M, k = (int(v) for v in inputs)
        output_storage[0][0] = np.tri(N, M, k, dtype=self.dtype)

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [tuple(node.inputs[:2])]

    def pullback(self, inputs, outputs, cotangents):
        return [grad_undefined(self, i, x) for i, x in enumerate(inputs)]


def tri(N, M=None, k=0, dtype=None):
    """An ``N x M`` matrix of ones at and below the ``k``-th diagonal, zeros above it."""
    return pt.tri(N, M, k, dtype=config.floatX if dtype is None else dtype)


def tril(m, k=0):
    """A matrix with zeros above its ``k``-th diagonal."""
    m = as_tensor_variable(m)
    return m * tri(m.shape[0], m.shape[1], k=k, dtype=m.dtype)


def triu(m, k=0):
    """A matrix with zeros below its ``k``-th diagonal."""
    m = as_tensor_variable(m)
    one = pt.constant(1, dtype=m.dtype)
    return m * (one - tri(m.shape[0], m.shape[1], k=k - 1, dtype=m.dtype))


def eye(n, m=None, k=0, dtype=None):
    """An ``n x m`` matrix with ones on its ``k``-th diagonal."""
    dtype = config.floatX if dtype is None else dtype
    return Eye(dtype)(n, n if m is None else m, k)


def identity_like(x):
    """The identity matrix in the shape and dtype of ``x``."""
    return eye(x.shape[0], x.shape[1], k=0, dtype=x.dtype)


def arange(start, stop=None, step=1, dtype=None):
    """The numbers from ``start`` (0 if only one is given) up to, and without, ``stop``.

    Parameters
    ----------
    start, stop, step : int, float, or symbolic scalars
    dtype : str, optional
        By default the smallest that holds the three, and int64 or larger for integers.
    """
    return pt.arange(start, stop, step, dtype=dtype)


def diagonal(a, offset=0, axis1=0, axis2=1):
    """The diagonals of the matrices that two dimensions of ``a`` make, as its last dimension."""
    return ExtractDiag(offset, axis1, axis2)(as_tensor_variable(a))


class AllocDiag(_basic.AllocDiag, metaclass=Face):
    """Makes matrices of vectors, with these as diagonals, ``AllocDiag(offset=0, axis1=0, axis2=1)(x)``."""

    @staticmethod
    def _is(op):
        return isinstance(op, _basic.AllocDiag)

    @staticmethod
    def _make(offset=0, axis1=0, axis2=1):
        return _basic.AllocDiag(offset=offset, axis1=axis1, axis2=axis2)


def diag(v, k=0):
    """Of a vector, the matrix that has it as its ``k``-th diagonal; of a matrix, its ``k``-th diagonal."""
    v = as_tensor_variable(v)
    if v.ndim == 0:
        raise ValueError("Number of dimensions of `v` must be greater than 0.")
    return AllocDiag(k)(v) if v.ndim == 1 else diagonal(v, offset=k)
