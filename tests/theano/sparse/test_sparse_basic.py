"""theano.sparse: what is ours in it, and what it must share with Theano."""

import warnings

import numpy as np
import pytest
import scipy.sparse

DENSE = np.array([[1.0, 0, 2], [0, 3, 0]])


@pytest.fixture
def sparse(theano):
    return theano.sparse


@pytest.fixture(params=["csr", "csc"])
def matrix(request):
    return scipy.sparse.csr_matrix(DENSE).asformat(request.param)


@pytest.mark.parametrize("linker", ["py", "numba"])
@pytest.mark.parametrize("left", [False, True])
def test_the_product_with_a_vector_has_its_gradient(theano, sparse, linker, left):
    """Figures of Theano 1.0.5; its gradient by the matrix raised, so that one is the definition's."""
    x, v = sparse.csr_matrix("x"), theano.tensor.vector("v")
    value = np.array([1.0, 2.0]) if left else np.array([1.0, 2.0, 3.0])
    product = sparse.dot(v, x) if left else sparse.dot(x, v)
    outputs = [product, *theano.grad(theano.tensor.sum(product**2), [v, x])]
    got, by_vector, by_matrix = theano.function([x, v], outputs, mode=theano.Mode(linker))(
        scipy.sparse.csr_matrix(DENSE), value
    )
    np.testing.assert_allclose(got, value @ DENSE if left else DENSE @ value)
    np.testing.assert_allclose(by_vector, [10, 36] if left else [14, 36, 28])
    np.testing.assert_allclose(by_matrix, 2 * (np.outer(value, got) if left else np.outer(got, value)))


def test_a_product_with_two_vectors_or_none_sparse_is_refused(theano, sparse):
    v, m = theano.tensor.vector(), theano.tensor.matrix()
    for pair in ((v, v), (m, m), (m, v)):
        with pytest.raises(TypeError):
            sparse.dot(*pair)


def test_the_product_takes_matrices_of_scipy(theano, sparse, matrix):
    v = theano.tensor.vector()
    np.testing.assert_allclose(sparse.dot(matrix, v).eval({v: np.ones(3)}), DENSE.sum(1))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_factorisation_machine_has_its_gradient(theano, sparse, dtype):
    """Rendle 2010, equations 1 and 3: ``w x + 1/2 sum((V x)^2 - V^2 x^2)``, its gradient by differences."""
    T = theano.tensor
    rng = np.random.default_rng(0)
    w = theano.shared(rng.normal(size=3).astype(dtype))
    V = theano.shared(rng.normal(size=(3, 2)).astype(dtype))
    x = sparse.csr_matrix("x", dtype=dtype)
    pairs = sparse.dot(x, V) ** 2 - sparse.dot(sparse.sqr(x), V**2)
    cost = T.sum((sparse.dot(x, w) + 0.5 * T.sum(pairs, axis=1)) ** 2)
    f = theano.function([x], [cost, *theano.grad(cost, [w, V])], mode="FAST_COMPILE")
    X = scipy.sparse.csr_matrix(DENSE, dtype=dtype)
    _, *gradients = f(X)
    step = 1e-2 if dtype == "float32" else 1e-5
    for parameter, gradient in zip((w, V), gradients, strict=True):
        assert gradient.dtype == dtype
        value = parameter.get_value()
        for place in np.ndindex(value.shape):
            sides = []
            for sign in (1, -1):
                moved = value.copy()
                moved[place] += sign * step
                parameter.set_value(moved)
                sides.append(float(f(X)[0]))
            parameter.set_value(value)
            np.testing.assert_allclose((sides[0] - sides[1]) / (2 * step), gradient[place], rtol=1e-2, atol=1e-2)


def test_minus_is_an_object_as_theanos_op_was(theano, sparse, matrix):
    assert sparse.Neg() == sparse.neg and hash(sparse.Neg()) == hash(sparse.neg)
    assert sparse.neg != sparse.square_diagonal
    minus = sparse.neg(sparse.as_sparse_variable(matrix))
    assert minus.format == matrix.format
    np.testing.assert_array_equal(minus.eval().toarray(), -DENSE)


@pytest.mark.parametrize("linker", ["py", "numba"])
def test_a_square_diagonal(theano, sparse, linker):
    v, weights = theano.tensor.vector(), np.arange(4.0).reshape(2, 2)
    made = sparse.square_diagonal(v)
    assert made.format == "csc"
    gradient = theano.grad(theano.tensor.sum(sparse.dense_from_sparse(made) ** 2 * weights), v)
    got, slope, shape = theano.function([v], [made, gradient, made.shape], mode=theano.Mode(linker))([1.0, 2.0])
    np.testing.assert_array_equal(got.toarray(), np.diag([1.0, 2.0]))
    np.testing.assert_array_equal(slope, [0, 12])
    assert shape.tolist() == [2, 2]
    with pytest.raises(TypeError, match="takes a vector, got 2 dim"):
        sparse.square_diagonal(DENSE)


def test_sub_and_mul_are_silent(theano, sparse, matrix):
    x, y = sparse.as_sparse_variable(matrix), theano.tensor.constant(np.ones((2, 3)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(sparse.sub(x, y).eval(), DENSE - 1)
        np.testing.assert_array_equal(sparse.mul(y * 2, x).eval().toarray(), DENSE * 2)
        np.testing.assert_array_equal(sparse.sub(x, x).eval().toarray(), DENSE * 0)


def test_elementwise_functions_have_theanos_names_and_keep_zeros(theano, sparse, matrix):
    assert [f.__name__ for f in (sparse.sgn, sparse.conj, sparse.rint, sparse.sqr)] == ["sgn", "conj", "rint", "sqr"]
    x = sparse.as_sparse_variable(-matrix)
    assert sparse.sgn(x).format == matrix.format
    np.testing.assert_array_equal(sparse.sgn(x).eval().toarray(), -np.sign(DENSE))
    np.testing.assert_array_equal(sparse.structured_pow(x, 2).eval().toarray(), DENSE**2)


def test_what_theano_refused_of_a_sparse_variable_is_computed_from_the_dense_one(theano, sparse, matrix):
    x = sparse.as_sparse_variable(matrix)
    for expression, value in ((lambda: x**2, DENSE**2), (lambda: x / 2, DENSE / 2), (lambda: x.mean(), DENSE.mean())):
        with pytest.warns(UserWarning, match="converted to dense"):
            result = expression()
        np.testing.assert_allclose(result.eval(mode="FAST_COMPILE"), value)


def test_a_dense_function_of_a_sparse_variable_is_an_error(theano, sparse, matrix):
    x = sparse.as_sparse_variable(matrix)
    for function in (theano.tensor.exp, theano.tensor.sum):
        with pytest.raises((TypeError, ValueError)):
            function(x).eval(mode="FAST_COMPILE")


def test_a_vector_scales_the_columns(theano, sparse, matrix):
    v = theano.tensor.vector()
    product = sparse.as_sparse_variable(matrix) * v
    assert product.format == matrix.format
    np.testing.assert_array_equal(product.eval({v: [1.0, 2.0, 3.0]}).toarray(), DENSE * [1, 2, 3])


def test_inputs_are_converted_where_nothing_is_lost(theano, sparse, matrix):
    x = sparse.csr_matrix("x", dtype="float32")
    f = theano.function([x], sparse.dense_from_sparse(x), mode="FAST_COMPILE")
    assert f(matrix.astype("int8")).dtype == "float32"
    with pytest.raises(TypeError):
        f(matrix)


def test_dense_is_not_sparse(theano, sparse):
    for variable, dense in ((sparse.csr_matrix(), False), (theano.tensor.matrix(), True)):
        assert sparse.basic._is_dense_variable(variable) is dense
        assert sparse.basic._is_sparse_variable(variable) is not dense


def test_classes_are_those_of_their_ops(sparse):
    pairs = [
        (sparse.AddSS, sparse.add_s_s),
        (sparse.MulSD, sparse.mul_s_d),
        (sparse.StructuredAddSV, sparse.structured_add_s_v),
    ]
    pairs += [
        (sparse.LessThanSS, sparse.less_than_s_s),
        (sparse.opt.StructuredAddSVCSR, sparse.opt.structured_add_s_v_csr),
    ]
    for kind, op in pairs:
        assert isinstance(op, kind)
    assert isinstance(sparse.opt.AddSD_ccode("csr"), sparse.opt.AddSD_ccode)


class TestType:
    def test_it_makes_variables(self, sparse):
        kind = sparse.SparseType("csr", "float32")
        assert kind == sparse.SparseType(dtype=np.float32, format="csr") == sparse.csr_fmatrix
        assert isinstance(kind, sparse.SparseType) and isinstance(kind("x"), sparse.SparseVariable)
        assert not isinstance(sparse.dense_from_sparse(kind()).type, sparse.SparseType)

    @pytest.mark.parametrize(("format", "dtype"), [("coo", "float64"), ("csr", "bool"), ("csr", "float16")])
    def test_other_formats_and_dtypes_are_refused(self, sparse, format, dtype):
        with pytest.raises(NotImplementedError, match=f'unsupported (format "{format}"|dtype "{dtype}")'):
            sparse.SparseType(format, dtype)

    def test_a_class_may_derive_from_it(self, sparse):
        class Own(sparse.SparseType):
            pass

        assert isinstance(Own("csc", "float64"), sparse.SparseType)
        assert not isinstance(sparse.SparseType("csc", "float64"), Own)


class TestShared:
    def test_it_copies_unless_it_borrows(self, sparse, matrix):
        for borrow in (False, True):
            shared = sparse.shared(matrix, borrow=borrow)
            assert isinstance(shared, sparse.sharedvar.SparseTensorSharedVariable)
            assert (shared.get_value(borrow=True) is matrix) is borrow

    def test_it_refuses_an_array(self, sparse):
        with pytest.raises(TypeError, match=r"scipy\.sparse matrix, got ndarray"):
            sparse.shared(DENSE)
