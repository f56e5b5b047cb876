"""theano.sparse_grad: the gradient is sparse, and what uses it is compiled to writes of rows."""

import numpy as np
import pytest
from checks import assert_in_place, assert_no_dense_node

START = np.arange(12.0).reshape(4, 3)
IDX = [1, 1, 3]

#: New values of a matrix and of a second one, from both and the gradient, as programs write them.
UPDATES = {
    "descent": lambda T, W, h, g: (h, W - 0.5 * g),
    "negated": lambda T, W, h, g: (h, W + (-g) * 0.5),
    "twice": lambda T, W, h, g: (h, W - (g + g)),
    "momentum": lambda T, W, h, g: (0.9 * h - 0.1 * g, W + h),
    "adagrad": lambda T, W, h, g: (h + T.sqr(g), W - g / T.sqrt(h + g**2 + 1)),
    "symbolic rate": lambda T, W, h, g: (h, W - T.constant(0.5) * g),
    "another dtype": lambda T, W, h, g: (h, W - 0.5 * g.astype("float32")),
}


def gradient_of_rows(theano, read):
    W, idx = theano.shared(START, "W"), theano.tensor.lvector("idx")
    return W, idx, theano.grad(theano.tensor.sum(read(W[idx]) ** 2), W)


@pytest.mark.parametrize("mode", [None, "FAST_COMPILE"])
@pytest.mark.parametrize("name", UPDATES)
def test_updates_are_those_of_the_dense_gradient(theano, name, mode):
    results = []
    for read in (theano.sparse_grad, lambda rows: rows):
        W, idx, g = gradient_of_rows(theano, read)
        h = theano.shared(np.ones((4, 3)), "h")
        new = UPDATES[name](theano.tensor, W, h, g)
        theano.function([idx], [], updates=list(zip((h, W), new, strict=True)), mode=mode)(IDX)
        results.append((W.get_value(), h.get_value()))
    np.testing.assert_allclose(results[0], results[1], rtol=1e-6)
    assert not np.array_equal(results[0][0], START)


@pytest.mark.parametrize("name", ["descent", "negated", "twice", "adagrad", "symbolic rate"])
def test_they_are_written_into_the_rows_alone(theano, name):
    W, idx, g = gradient_of_rows(theano, theano.sparse_grad)
    h = theano.shared(np.ones((4, 3)), "h")
    new = UPDATES[name](theano.tensor, W, h, g)
    step = theano.function([idx], [], updates=list(zip((h, W), new, strict=True)))
    assert_in_place(step, W)
    assert_no_dense_node(step, W, IDX)


def test_a_function_returns_the_sparse_gradient(theano):
    _, idx, g = gradient_of_rows(theano, theano.sparse_grad)
    assert isinstance(g.type, theano.sparse.SparseType) and g.format == "csc"
    got = theano.function([idx], g)(IDX)
    assert got.nnz == len(IDX) * 3
    np.testing.assert_array_equal(got.toarray(), [[0] * 3, [12, 16, 20], [0] * 3, [18, 20, 22]])


def test_the_op_gives_it_too(theano):
    T = theano.tensor
    m, v = T.matrix(), T.ivector()
    for read in (theano.sparse_grad(m[v]), T.AdvancedSubtensor1(sparse_grad=True)(m, v)):
        assert isinstance(theano.grad(read.sum(), m).owner.op, theano.sparse.ConstructSparseFromList)
    assert not isinstance(theano.grad(m[v].sum(), m).type, theano.sparse.SparseType)


@pytest.mark.parametrize("ndim", [1, 3])
def test_only_a_matrix_has_a_sparse_gradient(theano, ndim):
    t = theano.tensor.TensorType("float64", (False,) * ndim)()
    rows = theano.sparse_grad(t[theano.tensor.ivector()])
    with pytest.raises(TypeError, match=rf"needs a matrix W in W\[idx\], got {ndim} dimensions"):
        theano.grad(rows.sum(), t)
