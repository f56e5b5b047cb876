"""theano.sparse.sandbox: random sparse matrices, convolution and pooling; the figures are Theano 1.0.5's."""

import importlib

import numpy as np
import pytest
import scipy.sparse


@pytest.fixture
def sp(theano):
    return importlib.import_module("theano.sparse.sandbox.sp")


@pytest.fixture
def sp2(theano):
    return importlib.import_module("theano.sparse.sandbox.sp2")


def draw(variable):
    np.random.seed(7)
    return variable.eval(mode="FAST_COMPILE").toarray().tolist()


def test_binomial(theano, sp2):
    drawn = sp2.Binomial("csc", "float64")(5, 0.25, np.array([2, 4]))
    assert drawn.format == "csc"
    assert draw(drawn) == [[0, 2, 1, 2], [3, 1, 1, 0]]
    assert sp2.csr_fbinomial(5, 0.25, [2, 4]).dtype == "float32"
    with pytest.raises(TypeError, match="integer n"):
        sp2.csr_dbinomial(5.0, 0.25, [2, 4])


def test_poisson(theano, sp2):
    mean = scipy.sparse.csr_matrix([[0, 3.0, 1.0], [2.0, 0, 5.0]])
    drawn = sp2.poisson(theano.sparse.as_sparse_variable(mean))
    assert draw(drawn) == [[0, 2, 3], [0, 0, 5]]
    assert drawn.eval().nnz <= 3 + 1


def test_multinomial(theano, sp2):
    p = scipy.sparse.csr_matrix([[0, 0.5, 0.5], [0.25, 0, 0.75]])
    assert draw(sp2.multinomial(np.array([4, 6]), p)) == [[0, 1, 3], [2, 0, 4]]
    assert np.sum(draw(sp2.multinomial(3, p)), axis=1).tolist() == [3, 3]
    with pytest.raises(ValueError, match="one n for each row"):
        draw(sp2.multinomial(np.array([4, 6, 1]), p))
    with pytest.raises(NotImplementedError, match="csr"):
        sp2.multinomial(3, p.tocsc())


def test_no_gradient_flows_through_a_random_matrix(theano, sp2):
    x = theano.sparse.csr_matrix()
    with pytest.raises(theano.gradient.NullTypeGradError, match="no gradient"):
        theano.grad(theano.sparse.sp_sum(sp2.poisson(x), sparse_grad=True), x)


def test_the_pattern_of_a_convolution(sp):
    indices, indptr, shape, format, outshp = sp.convolution_indices.conv_eval((4, 4), (2, 2))
    assert indices.tolist()[:16] == [0, 1, 4, 5, 8, 9, 2, 12, 3, 6, 13, 16, 7, 10, 17, 20]
    assert indptr.tolist() == [0, 1, 3, 5, 6, 8, 12, 16, 18, 20, 24, 28, 30, 31, 33, 35, 36]
    assert (shape, format, outshp.tolist()) == ((36, 16), "csc", [3, 3])
    assert (indices.dtype, indptr.dtype) == ("int32", "int32")


@pytest.mark.parametrize(
    ("arguments", "shape", "outshp", "first"),
    [
        (((5, 6), (2, 3), (2, 1), "valid"), (48, 30), [4, 2], [0, 1, 2, 6, 7, 8, 3, 12]),
        (((2, 5, 6), (2, 3), (2, 1), "full"), (288, 60), [6, 4], [5, 15, 50, 60, 16, 61, 17, 27]),
        (((2, 3, 4), (2, 3), (1, 1), "valid"), (48, 24), [2, 2], [0, 1, 12, 2, 13, 14, 3, 24]),
    ],
)
def test_the_pattern_with_steps_channels_and_edges(sp, arguments, shape, outshp, first):
    indices, _, got_shape, _, got_outshp = sp.convolution_indices.conv_eval(*arguments)
    assert (got_shape, got_outshp.tolist(), indices[:8].tolist()) == (shape, outshp, first)


def test_a_kernel_larger_than_the_image_is_refused(sp):
    with pytest.raises(ValueError, match="Invalid kernel"):
        sp.convolution_indices.conv_eval((2, 2), (3, 3))


def test_convolve(theano, sp):
    kerns, images = theano.tensor.dmatrices("kerns", "images")
    bias = theano.tensor.constant([1.0, 2.0, 3.0])
    flat, shape = sp.convolve(kerns, (2, 2), 3, images, (4, 5))
    deep, _ = sp.convolve(kerns, (2, 2), 3, images, (4, 5), flatten=False, bias=bias)
    f = theano.function([kerns, images], [flat, deep], mode="FAST_COMPILE")
    got, by_kernel = f(np.arange(12.0).reshape(3, 4), np.arange(40.0).reshape(2, 20))
    assert np.asarray(shape).tolist() == [3, 3, 4]
    assert got[0, :4].tolist() == [29, 35, 41, 47] and got[1, -4:].tolist() == [1265, 1303, 1341, 1379]
    np.testing.assert_array_equal(by_kernel, got.reshape(2, 3, 12) + [[1], [2], [3]])


def test_max_pool(theano, sp):
    images = theano.tensor.dmatrix("images")
    output, shape = sp.max_pool(images, (2, 4, 5), (2, 2))
    got = output.eval({images: np.arange(80.0).reshape(2, 40)})
    assert got.tolist() == [[6, 8, 16, 18, 26, 28, 36, 38], [46, 48, 56, 58, 66, 68, 76, 78]]
    assert shape.tolist() == [2, 2]


def test_the_old_place_of_true_dot(theano):
    truedot = importlib.import_module("theano.sparse.sandbox.truedot")
    assert truedot.true_dot is theano.sparse.true_dot
