"""Operations of a dense variable with a sparse one on its right."""

import numpy as np
import pytest
import scipy.sparse

from ptembed import legacy

LEFT = np.array([[1.0, 2], [3, 4]])
RIGHT = np.array([[0.0, 5], [6, 0]])

OPERATIONS = {"+": lambda x, y: x + y, "-": lambda x, y: x - y, "*": lambda x, y: x * y}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
@pytest.mark.parametrize("kind", ["shared", "constant", "matrix"])
def test_the_sparse_one_decides(theano, kind, operation):
    T, sparse = theano.tensor, theano.sparse
    left = {"shared": theano.shared, "constant": T.constant, "matrix": T.as_tensor_variable}[kind](LEFT)
    result = operation(left, sparse.as_sparse_variable(scipy.sparse.csr_matrix(RIGHT)))
    got = result.eval(mode="FAST_COMPILE")
    assert isinstance(result.type, sparse.SparseType) is scipy.sparse.issparse(got)
    np.testing.assert_array_equal(
        np.asarray(got.todense()) if scipy.sparse.issparse(got) else got, operation(LEFT, RIGHT)
    )


def test_a_shared_scalar_scales_a_sparse_matrix(theano):
    x = theano.sparse.as_sparse_variable(scipy.sparse.csr_matrix(RIGHT))
    np.testing.assert_array_equal((theano.shared(2.0) * x).eval(mode="FAST_COMPILE").toarray(), 2 * RIGHT)


def test_dense_operations_and_pytensor_are_as_before():
    from pytensor.tensor.variable import TensorVariable

    methods = [TensorVariable.__add__, TensorVariable.__sub__, TensorVariable.__mul__]
    theano = legacy.activate()
    x = theano.tensor.vector("x")
    np.testing.assert_array_equal((x * 2 - x + 1).eval({x: [1.0, 2.0]}), [2, 3])
    legacy.deactivate()
    assert [TensorVariable.__add__, TensorVariable.__sub__, TensorVariable.__mul__] == methods
