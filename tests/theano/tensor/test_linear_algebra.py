"""Sorting, linear algebra and the Ops around them, beside what the recorded expressions show."""

import numpy as np
import pytest

rng = np.random.default_rng(4)


@pytest.fixture
def function(theano):
    with theano.change_flags(linker="py", floatX="float64"):
        yield theano.function


@pytest.fixture
def T(theano):
    return theano.tensor


@pytest.mark.parametrize("k", [1, 2, 4, -1, -3, -4])
def test_topk_finds_the_largest_in_one_order(function, T, k):
    x = rng.permutation(48).astype("float64").reshape(12, 4)
    m = T.dmatrix()
    values, where = T.topk_and_argtopk(m, k, axis=1, sorted=False)
    f = function([m], [values, where, values.shape, T.grad((values**2).sum(), m)])
    alone = function([m], T.topk(m, k, axis=1, sorted=False))
    values, where, shape, gradient = f(x)
    chosen = np.sort(x)[:, -k:] if k > 0 else np.sort(x)[:, :-k]
    np.testing.assert_array_equal(np.sort(values), chosen)
    np.testing.assert_array_equal(np.take_along_axis(x, where, 1), values)
    np.testing.assert_array_equal(alone(x), values)
    np.testing.assert_array_equal(shape, (12, abs(k)))
    np.testing.assert_array_equal(gradient, np.where(np.isin(x, values), 2 * x, 0))


def test_topk_computes_only_what_is_used(function, T):
    m = T.dmatrix()
    (node,) = function([m], T.argtopk(m, 2, sorted=False)).maker.fgraph.toposort()
    assert not node.op.return_values


def test_records_cannot_be_sorted(T):
    with pytest.raises(ValueError, match="fields"):
        T.sort(T.dvector(), order=["name"])


def test_a_write_through_a_new_axis_keeps_it(function, T):
    m, idx = T.dmatrix(), T.lvector()
    assert function([m, idx], T.inc_subtensor(m[None, idx], 1.0))(np.zeros((3, 2)), [0]).shape == (1, 3, 2)


def test_powers_below_one(function, T):
    m, x = T.dmatrix(), np.array([[4.0, 1.0], [1.0, 3.0]])
    np.testing.assert_array_equal(function([m], T.nlinalg.matrix_power(m, 0))(x), np.eye(2))
    np.testing.assert_allclose(function([m], T.nlinalg.matrix_power(m, -2))(x), np.linalg.matrix_power(x, -2))


@pytest.mark.parametrize(
    "build",
    [
        lambda T, m: T.nlinalg.svd(m, compute_uv=False),
        lambda T, m: T.nlinalg.qr(m)[1],
        lambda T, m: T.extra_ops.diff(m, 2, axis=0),
        lambda T, m: T.extra_ops.diff(m, 1, axis=1),
        lambda T, m: T.extra_ops.repeat(m, T.constant([2, 0, 3]), axis=1),
        lambda T, m: T.extra_ops.RepeatOp()(m, 2),
        lambda T, m: T.sort(m, T.constant(0)),
        lambda T, m: T.slinalg.kron(m, m),
        lambda T, m: T.slinalg.solve(m[:3], m[3]),
        lambda T, m: T.slinalg.cholesky(m.T.dot(m)),
        lambda T, m: T.slinalg.eigvalsh(m.T.dot(m), T.eye(3)),
        lambda T, m: T.nlinalg.eigh(m.T.dot(m))[1] ** 2,
        lambda T, m: T.nlinalg.matrix_inverse(m[:3]),
    ],
)
def test_gradient(theano, T, build):
    x = np.random.default_rng(5).normal(size=(4, 3)) + np.eye(4, 3)
    with theano.change_flags(linker="py", floatX="float64"):
        theano.gradient.verify_grad(lambda m: build(T, m), [x], rng=np.random.RandomState(2))


def test_a_singular_matrix_raises_whatever_the_linker(theano, T):
    m = T.dmatrix()
    for linker in ("py", "cvm"):
        with theano.change_flags(linker=linker):
            f = theano.function([m], [T.nlinalg.matrix_inverse(m), T.slinalg.solve(m, m)])
        with pytest.raises(np.linalg.LinAlgError):
            f(np.ones((2, 2)))


def test_dot_becomes_gemm_where_the_linker_has_it(theano, T):
    s, a, b = theano.shared(np.ones((2, 2))), T.dmatrix(), T.dmatrix()
    with theano.change_flags(linker="py"):
        f = theano.function([a, b], updates=[(s, 0.5 * T.dot(a, b) + 2 * s)])
    assert [node.op for node in f.maker.fgraph.toposort()] == [T.blas.gemm_inplace]
    f(np.eye(2), np.eye(2))
    np.testing.assert_array_equal(s.get_value(), [[2.5, 2], [2, 2.5]])


def test_ger_overwrites_where_it_may(theano, T):
    A, alpha, x, y = T.dmatrix(), T.dscalar(), T.dvector(), T.dvector()
    expected = 1 + 2 * np.outer([1.0, 2.0], [3.0, 4.0, 5.0])
    for op in (T.blas.ger, T.blas.ger_destructive):
        with theano.change_flags(linker="py"):
            f = theano.function([theano.In(A, mutable=True), alpha, x, y], op(A, alpha, x, y), accept_inplace=True)
        np.testing.assert_allclose(f(np.ones((2, 3)), 2.0, [1.0, 2.0], [3.0, 4.0, 5.0]), expected)
    with pytest.raises(TypeError):
        T.blas.ger(A, alpha, x, T.fvector())


def test_the_transform_of_before(theano, T):
    from theano.sandbox import fourier

    x = rng.normal(size=(4, 6))
    with theano.change_flags(linker="py"):
        both = theano.function([], [fourier.fft(x, 6, 1), fourier.half_fft(x, 4, 0)])()
    np.testing.assert_allclose(both[0], np.fft.fft(x, 6, 1))
    np.testing.assert_allclose(both[1], np.fft.fft(x, 4, 0)[:2])
    C = fourier.dct_matrix(5, 5)
    np.testing.assert_allclose(C @ C.T, np.eye(5), atol=1e-12)
