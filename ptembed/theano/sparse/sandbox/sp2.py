"""Random sparse matrices.

The three Ops draw from NumPy's global generator (``numpy.random.seed``) each time they are computed, as Theano's did:
two calls with the same inputs differ. No gradient flows through them.
"""

import numpy as np
import scipy.sparse
from pytensor.gradient import DisconnectedType, grad_undefined
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.tensor import as_tensor_variable
from pytensor.tensor.type import discrete_dtypes, float_dtypes

from ptembed import _pytensor
from ptembed.theano.sparse.basic import *
from ptembed.theano.sparse.basic import _is_dense_variable, _is_sparse, _is_sparse_variable
from ptembed.theano.sparse.opt import *

EliminateZeros, eliminate_zeros = Remove0, remove0


class Poisson(Op):
    """For each non-zero of a sparse matrix a number from the Poisson distribution of that mean.

    The result has the format and the dtype of the matrix, and holds no zeros.
    """

    __props__ = ()

    def make_node(self, x):
        x = as_sparse_variable(x)
        return Apply(self, [x], [x.type()])

    def perform(self, node, inputs, outputs):
        (x,) = inputs
        drawn = x.copy()
        drawn.data = np.random.poisson(x.data).astype(x.dtype)
        drawn.eliminate_zeros()
        outputs[0][0] = drawn

    def pullback(self, inputs, outputs, gradients):
        return [grad_undefined(self, 0, inputs[0], "a Poisson number has no gradient")]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return shapes


class Binomial(Op):
    """A sparse matrix of numbers from the binomial distribution of ``n`` trials of probability ``p``.

    Parameters
    ----------
    format : {"csr", "csc"}
    dtype : str
        Of the result.

    Called with the integer scalar ``n``, the scalar ``p`` in [0, 1] and the vector ``shape`` of two integers.
    """

    __props__ = ("format", "dtype")

    def __init__(self, format, dtype):
        self.format = format
        self.dtype = dtype

    def make_node(self, n, p, shape):
        n, p, shape = map(as_tensor_variable, (n, p, shape))
        if n.dtype not in discrete_dtypes or p.dtype not in float_dtypes or shape.dtype not in discrete_dtypes:
            raise TypeError(
                "Binomial takes an integer n, a real p and a shape of integers, "
                f"got {n.dtype}, {p.dtype} and {shape.dtype}."
            )
        return Apply(self, [n, p, shape], [SparseType(self.format, self.dtype)()])

    def perform(self, node, inputs, outputs):
        n, p, shape = inputs
        drawn = np.random.binomial(n, p, size=shape)
        outputs[0][0] = getattr(scipy.sparse, self.format + "_matrix")(drawn, dtype=self.dtype)

    def connection_pattern(self, node):
        return [[True], [True], [False]]

    def pullback(self, inputs, outputs, gradients):
        reason = "a binomial number has no gradient"
        return [grad_undefined(self, i, inputs[i], reason) for i in (0, 1)] + [DisconnectedType()()]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        shape = node.inputs[2]
        return [(shape[0], shape[1])]


class Multinomial(Op):
    """For each row of probabilities a row of counts, from the multinomial distribution of ``n`` trials.

    Called with ``n``, an integer for all rows or a vector of one for each, and ``p``, a csr matrix of which every row
    sums to one. The result has the pattern and the dtype of ``p``; where a trial was never drawn it holds a zero.
    """

    __props__ = ()

    def make_node(self, n, p):
        n, p = as_tensor_variable(n), as_sparse_variable(p)
        if p.format != "csr":
            raise NotImplementedError(f"Multinomial takes a csr matrix of probabilities by rows, got {p.format}.")
        return Apply(self, [n, p], [p.type()])

    def perform(self, node, inputs, outputs):
        n, p = inputs
        if n.ndim == 1 and len(n) != p.shape[0]:
            raise ValueError(f"Multinomial takes one n for each row of p, got {len(n)} for {p.shape[0]} rows.")
        drawn = p.copy()
        for trials, start, stop in zip(np.broadcast_to(n, p.shape[0]), p.indptr, p.indptr[1:], strict=False):
            drawn.data[start:stop] = np.random.multinomial(trials, p.data[start:stop].astype("float64"))
        outputs[0][0] = drawn

    def pullback(self, inputs, outputs, gradients):
        reason = "a multinomial number has no gradient"
        return [grad_undefined(self, i, x, reason) for i, x in enumerate(inputs)]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [shapes[1]]


poisson = Poisson()
multinomial = Multinomial()
csr_fbinomial, csc_fbinomial = Binomial("csr", "float32"), Binomial("csc", "float32")
csr_dbinomial, csc_dbinomial = Binomial("csr", "float64"), Binomial("csc", "float64")
