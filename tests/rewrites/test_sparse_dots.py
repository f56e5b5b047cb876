"""PyTensor's sparse products by our kernels: its results, no Python inside, and gradients as rows."""

import warnings

import numpy as np
import pytensor
import pytensor.sparse as ps
import pytensor.tensor as pt
import pytest
import scipy.sparse as sp
from checks import assert_in_place, assert_no_dense_node
from pytensor.sparse import math as sparse_math

from ptembed import rewrites  # noqa: F401

OURS = pytensor.compile.mode.get_mode("NUMBA")
PYTHON = pytensor.compile.mode.Mode("py", "fast_compile")

m, n, d = 6, 40, 5
rng = np.random.default_rng(0)


def matrix(rows, columns, dtype, kind="csr", seed=0):
    made = sp.random(rows, columns, 0.2, kind, random_state=seed)
    made.data = np.round(made.data * 9) - 4
    return getattr(sp, f"{kind}_matrix")(made.astype(dtype))


def operands(dtype, kind):
    """Give symbols and values: two sparse matrices (m, n), and dense (n, d), (d, m), (m, n), (m, d), (n,), ()."""
    x, z = (getattr(ps, f"{kind}_matrix")(name, dtype=dtype) for name in "xz")
    W, L, D, G = (pt.matrix(name, dtype=dtype) for name in "WLDG")
    v, s = pt.vector("v", dtype=dtype), pt.scalar("s", dtype=dtype)
    shapes = {W: (n, d), L: (d, m), D: (m, n), G: (m, d), v: (n,), s: ()}
    values = {var: np.asarray(rng.normal(size=shape), dtype) for var, shape in shapes.items()}
    return (x, z, W, L, D, G, v, s), {x: matrix(m, n, dtype, kind), z: matrix(m, n, dtype, kind, 1), **values}


PRODUCTS = {
    "structured_dot": lambda x, z, W, L, D, G, v, s: ps.structured_dot(x, W),
    "structured_dot, dense left": lambda x, z, W, L, D, G, v, s: ps.structured_dot(L, x),
    "dot": lambda x, z, W, L, D, G, v, s: ps.dot(x, W),
    "dot, dense left": lambda x, z, W, L, D, G, v, s: ps.dot(L, x),
    "dot of the transpose": lambda x, z, W, L, D, G, v, s: ps.dot(x.T, G),
    "true_dot": lambda x, z, W, L, D, G, v, s: ps.true_dot(x, W),
    "true_dot of two": lambda x, z, W, L, D, G, v, s: ps.true_dot(x, z.T.T.T),
    "usmm": lambda x, z, W, L, D, G, v, s: sparse_math.usmm(s, x, W, G),
    "mul by a number": lambda x, z, W, L, D, G, v, s: sparse_math.multiply(x, s),
    "mul by a matrix": lambda x, z, W, L, D, G, v, s: sparse_math.multiply(x, D),
    "mul of two": lambda x, z, W, L, D, G, v, s: sparse_math.multiply(x, z),
    "sp_sum": lambda x, z, W, L, D, G, v, s: ps.sp_sum(x, axis=1),
    "gradient in the data": lambda x, z, W, L, D, G, v, s: ps.csm_data(pt.grad((ps.structured_dot(x, W) * G).sum(), x)),
    "gradient in W": lambda x, z, W, L, D, G, v, s: pt.grad((ps.structured_dot(x, W) * G).sum(), W),
}


def dense(x):
    return x.toarray() if sp.issparse(x) else x


@pytest.fixture(scope="module", params=["csr", "csc"])
def results(request):
    """What all products give in our mode and in PyTensor's, uncompiled, and the nodes of ours."""
    symbols, values = operands("float64", request.param)
    outs = [make(*symbols) for make in PRODUCTS.values()]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ours = pytensor.function(symbols, outs, mode=OURS, on_unused_input="ignore")
    python = pytensor.function(symbols, outs, mode=PYTHON, on_unused_input="ignore")
    pairs = zip(ours(*values.values()), python(*values.values()), strict=True)
    return dict(zip(PRODUCTS, pairs, strict=True)), ours.maker.fgraph.toposort(), [str(w.message) for w in caught]


@pytest.mark.parametrize("name", PRODUCTS)
def test_gives_what_pytensor_gives(results, name):
    got, expected = results[0][name]
    assert type(got) is type(expected)
    assert got.dtype == expected.dtype
    np.testing.assert_allclose(dense(got), dense(expected), rtol=1e-12)


def test_products_are_compiled(results):
    _, nodes, warned = results
    assert not [message for message in warned if "object mode" in message.lower()]
    left = {type(node.op).__name__ for node in nodes}
    left_by_pytensor = {"Dot", "TrueDot", "Usmm", "StructuredDotGradCSR", "StructuredDotGradCSC"}
    assert not left & {*left_by_pytensor, type(sparse_math.mul_s_s).__name__, type(sparse_math.mul_s_d).__name__}


def test_float32_and_a_vector_for_each_column():
    symbols, values = operands("float32", "csr")
    x, _, W, *_, v, _ = symbols
    outs = [ps.structured_dot(x, W), sparse_math.multiply(x, v)]
    f, g = (pytensor.function([x, W, v], outs, mode=mode) for mode in (OURS, PYTHON))
    for got, expected in zip(f(values[x], values[W], values[v]), g(values[x], values[W], values[v]), strict=True):
        assert got.dtype == expected.dtype == "float32"
        np.testing.assert_allclose(dense(got), dense(expected), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", ["int8", "int32"])
def test_integers_times_floats(dtype):
    x, W = ps.csr_matrix("x", dtype=dtype), pt.fmatrix("W")
    X, values = matrix(m, n, dtype), rng.normal(size=(n, d)).astype("float32")
    f = pytensor.function([x, W], ps.structured_dot(x, W), mode=OURS)
    np.testing.assert_allclose(f(X, values), X.toarray().astype("float64") @ values, rtol=1e-4, atol=1e-5)


def test_indices_of_64_bits_unsorted_and_repeated():
    x, W = ps.csr_matrix("x"), pt.dmatrix("W")
    f = pytensor.function([x, W], [ps.structured_dot(x, W), pt.grad(ps.structured_dot(x, W).sum(), W)], mode=OURS)
    X = sp.csr_matrix((2, 4))
    X.data, X.indices, X.indptr = np.array([1.0, 2, 4, 8]), np.array([3, 0, 3, 1]), np.array([0, 3, 4])
    assert X.indices.dtype == "int64"
    product, gradient = f(X, np.eye(4))
    np.testing.assert_array_equal(product, [[2, 0, 0, 5], [0, 8, 0, 0]])
    np.testing.assert_array_equal(gradient, np.repeat([[2.0], [8], [0], [5]], 4, axis=1))


def test_shapes_that_do_not_fit_are_refused():
    x, W = ps.csr_matrix("x"), pt.dmatrix("W")
    f = pytensor.function([x, W], ps.structured_dot(x, W), mode=OURS)
    for rows in (n - 1, n + 1):
        with pytest.raises(ValueError, match="as many columns"):
            f(matrix(m, n, "float64"), np.zeros((rows, d)))


UPDATES = {
    "descent": lambda W, g: W - 0.1 * g,
    "with the norm": lambda W, g: W - 0.1 * g * pt.minimum(1, 2 / pt.sqrt((g**2).sum())),
    "divided by a history": lambda W, g: W - 0.1 * g / (1 + pt.sqrt(g**2)),
}


CASES = [(name, ps.structured_dot, "csr") for name in UPDATES]
CASES += [("descent", ps.dot, "csr"), ("divided by a history", ps.structured_dot, "csc")]


@pytest.mark.parametrize(("name", "product", "kind"), CASES)
def test_dense_updates_become_row_writes(name, product, kind):
    steps, N = [], 999
    X, values = matrix(m, N, "float64", kind), np.random.default_rng(3).normal(size=(N, d))
    X = X.multiply(np.arange(N) % 9 == 0).asformat(kind)
    for mode in (OURS, PYTHON):
        x, W = getattr(ps, f"{kind}_matrix")("x"), pytensor.shared(values, name="W")
        loss = (pt.tanh(product(x, W)) ** 2).sum()
        step = pytensor.function([x], loss, updates=[(W, UPDATES[name](W, pt.grad(loss, W)))], mode=mode)
        steps.append((step, W, step(X), W.get_value()))
    (ours, W, *got), (*_, loss, expected) = steps
    np.testing.assert_allclose(got[0], loss, rtol=1e-12)
    np.testing.assert_allclose(got[1], expected, rtol=1e-12)
    assert_in_place(ours, W)
    assert_no_dense_node(ours, W, X)


def test_a_gradient_that_is_wanted_stays_one_product():
    x, W = ps.csr_matrix("x"), pytensor.shared(np.ones((n, d)), name="W")
    g = pt.grad((ps.structured_dot(x, W) ** 2).sum(), W)
    f = pytensor.function([x], g, mode=OURS)
    assert sum("TransposedDot" in str(node.op) for node in f.maker.fgraph.toposort()) == 1
    X = matrix(m, n, "float64")
    np.testing.assert_allclose(f(X), 2 * X.T @ (X @ np.ones((n, d))), rtol=1e-12)
