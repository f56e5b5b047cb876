"""The Ops and functions of sparse matrices.

Nearly all are PyTensor's, which has them from Theano; some under another class name, which is why a class is taken here
from the Op that is its instance. What is ours stands below the imports: two Ops that PyTensor has as functions, and the
product with a vector, whose gradient PyTensor 3.0 refuses.
"""

import numpy as np
import pytensor.sparse.math as _math
import pytensor.tensor as pt
import scipy.sparse
from pytensor.gradient import DisconnectedType, grad_not_implemented, grad_undefined
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.sparse.basic import (
    CSC,
    CSM,
    CSR,
    Cast,
    ColScaleCSC,
    ConstructSparseFromList,
    CSMGrad,
    CSMProperties,
    DenseFromSparse,
    Diag,
    EnsureSortedIndices,
    GetItem2d,
    GetItem2Lists,
    GetItem2ListsGrad,
    GetItemList,
    GetItemListGrad,
    GetItemScalar,
    HStack,
    Remove0,
    RowScaleCSC,
    SparseFromDense,
    Transpose,
    VStack,
    _is_dense,
    _is_sparse_variable,
    _mtype_to_str,
    _mtypes,
    all_dtypes,
    as_sparse,
    as_sparse_or_tensor_variable,
    as_sparse_variable,
    bcast,
    bsr_dmatrix,
    bsr_fmatrix,
    bsr_matrix,
    cast,
    ccast,
    clean,
    col_scale,
    complex_dtypes,
    construct_sparse_from_list,
    continuous_dtypes,
    csc_dmatrix,
    csc_fmatrix,
    csc_from_dense,
    csc_matrix,
    csm_data,
    csm_grad,
    csm_indices,
    csm_indptr,
    csm_properties,
    csm_shape,
    csr_dmatrix,
    csr_fmatrix,
    csr_from_dense,
    csr_matrix,
    dcast,
    dense_from_sparse,
    diag,
    discrete_dtypes,
    ensure_sorted_indices,
    fcast,
    float_dtypes,
    get_item_2d,
    get_item_2lists,
    get_item_2lists_grad,
    get_item_list,
    get_item_list_grad,
    get_item_scalar,
    hstack,
    icast,
    int_dtypes,
    integer_dtypes,
    lcast,
    matrix,
    remove0,
    row_scale,
    sp_ones_like,
    sp_zeros_like,
    sparse_formats,
    transpose,
    uint_dtypes,
    vstack,
    wcast,
    zcast,
)
from pytensor.sparse.math import (
    Dot,
    SamplingDot,
    SpSum,
    StructuredDot,
    StructuredDotGradCSC,
    StructuredDotGradCSR,
    TrueDot,
    Usmm,
    _dot,
    _structured_dot,
    add,
    add_s_d,
    add_s_s,
    add_s_s_data,
    arcsin,
    arcsinh,
    arctan,
    arctanh,
    ceil,
    deg2rad,
    eq,
    equal_s_d,
    equal_s_s,
    expm1,
    floor,
    ge,
    greater_equal_s_d,
    greater_equal_s_s,
    greater_than_s_d,
    greater_than_s_s,
    gt,
    le,
    less_equal_s_d,
    less_equal_s_s,
    less_than_s_d,
    less_than_s_s,
    log1p,
    lt,
    mul_s_d,
    mul_s_s,
    mul_s_v,
    neq,
    not_equal_s_d,
    not_equal_s_s,
    rad2deg,
    rint,
    sampling_dot,
    sdg_csc,
    sdg_csr,
    sin,
    sinh,
    sp_sum,
    sqr,
    sqrt,
    structured_add,
    structured_add_s_v,
    structured_dot,
    structured_dot_grad,
    structured_exp,
    structured_log,
    structured_maximum,
    structured_minimum,
    structured_pow,
    structured_sigmoid,
    tan,
    tanh,
    true_dot,
    trunc,
    usmm,
)
from pytensor.sparse.math import structured_elemwise as structured_monoid
from pytensor.sparse.utils import hash_from_sparse
from pytensor.sparse.variable import (
    SparseConstant,
    SparseConstantSignature,
    SparseVariable,
    _sparse_py_operators,
    constant,
)

from ptembed import _pytensor
from ptembed.theano.sparse.type import SparseType, _is_sparse

AddSS, AddSSData, AddSD, StructuredAddSV = map(type, (add_s_s, add_s_s_data, add_s_d, structured_add_s_v))
MulSS, MulSD, MulSV = map(type, (mul_s_s, mul_s_d, mul_s_v))
EqualSS, EqualSD, NotEqualSS, NotEqualSD = map(type, (equal_s_s, equal_s_d, not_equal_s_s, not_equal_s_d))
LessThanSS, LessThanSD = map(type, (less_than_s_s, less_than_s_d))
LessEqualSS, LessEqualSD = map(type, (less_equal_s_s, less_equal_s_d))
GreaterThanSS, GreaterThanSD = map(type, (greater_than_s_s, greater_than_s_d))
GreaterEqualSS, GreaterEqualSD = map(type, (greater_equal_s_s, greater_equal_s_d))


def _is_dense_variable(x):
    """Whether the symbolic ``x`` is dense; in PyTensor a sparse type is a kind of tensor type."""
    return not _is_sparse_variable(x) and isinstance(x.type, pt.TensorType)


class Neg:
    """``-x``, of the format of ``x``: an Op in Theano, a graph of PyTensor's Ops here."""

    def __call__(self, x):
        return _math.neg(x)

    def __eq__(self, other):
        return type(self) is type(other)

    def __hash__(self):
        return hash(Neg)

    def __str__(self):
        return "SparseNeg"


class SquareDiagonal(Op):
    """The csc matrix with a dense vector on its diagonal and nothing else."""

    __props__ = ()

    def make_node(self, x):
        x = pt.as_tensor_variable(x)
        if x.type.ndim != 1:
            raise TypeError(
                f"square_diagonal takes a vector, got {x.type.ndim} dimensions; sparse.diag reads a diagonal."
            )
        return Apply(self, [x], [SparseType("csc", x.type.dtype)()])

    def perform(self, node, inputs, outputs):
        (x,) = inputs
        numbers = np.arange(len(x) + 1, dtype="int32")
        outputs[0][0] = scipy.sparse.csc_matrix((x.copy(), numbers[:-1], numbers), shape=(len(x), len(x)))

    def pullback(self, inputs, outputs, gradients):
        return [diag(gradients[0])]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        (n,) = shapes[0]
        return [(n, n)]


neg = Neg()
square_diagonal = SquareDiagonal()


@structured_monoid(pt.sign)
def sgn(x):
    """The signs of the non-zeros of ``x``."""


def conj(x):
    """The complex conjugates of the non-zeros of ``x``."""
    return _math.conjugate(x)


def sub(x, y):
    """``x - y``, sparse where both are sparse and dense otherwise."""
    return _math.subtract(x, y)


def mul(x, y):
    """``x * y`` element by element, sparse where one of them is."""
    return _math.multiply(x, y)


class DotVector(Dot):
    """The product of a sparse matrix ``(m, n)`` and a dense vector, from either side, with its gradient.

    The gradient is that of the dense product: with respect to the vector a product of the transposed matrix, sparse;
    with respect to the matrix the outer product, which is dense ``(m, n)`` and computed only where it is asked for.
    """

    def pullback(self, inputs, outputs, gradients):
        (x, y), (gz,) = inputs, gradients
        if x.type.ndim == 1:
            return [dot(gz, y.T), pt.outer(x, gz)]
        return [pt.outer(gz, y), dot(x.T, gz)]


_dot_vector = DotVector()


def dot(x, y):
    """The product of two matrices, or of a matrix and a vector, of which at least one is sparse, as a dense array.

    Parameters
    ----------
    x, y : sparse matrix, or dense matrix or vector
        SciPy's sparse matrices are taken too.

    Returns
    -------
    tensor
        Its gradient is that of the dense product; :func:`structured_dot` has the other one.

    Raises
    ------
    TypeError
        If neither is sparse.
    """
    if any(v.type.ndim == 1 for v in (x, y) if hasattr(v, "type")):
        return _dot_vector(x, y)
    return _math.dot(x, y)
