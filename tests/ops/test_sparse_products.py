"""Products of the arrays of a sparse matrix, against loops, SciPy and numerical gradients."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
import twins
from hypothesis import given, settings
from hypothesis import strategies as st
from pytensor.compile.mode import Mode
from pytensor.gradient import verify_grad

from ptembed.ops import sparse_kernels  # noqa: F401
from ptembed.ops.sparse_products import compressed_dot, pair_dots, rows_of_nonzeros, transposed_dot

LINKERS = ["numba", "cvm", "py"]
DTYPES = [("float64", "float64", "int64"), ("int8", "float32", "int32")]


def compiled(linker, data="float32", dense="float32", index="int32"):
    arrays = [pt.vector(dtype=data), pt.vector(dtype=index), pt.vector(dtype=index)]
    W, G, n = pt.matrix("W", dtype=dense), pt.matrix("G", dtype=dense), pt.lscalar("n")
    outputs = [
        compressed_dot(*arrays, W, n),
        transposed_dot(*arrays, G, n),
        pair_dots(*arrays[1:], G, W),
        rows_of_nonzeros(arrays[2]),
    ]
    return pytensor.function([*arrays, W, G, n], outputs, mode=Mode(linker, "fast_run"))


def case(m, n, s, d, seed=0, data="float32", dense="float32", index="int32"):
    """Give the arrays of a matrix whose columns come in any order and repeat, with two dense ones."""
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(s, np.ones(m) / m) if m else []
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(index)
    numbers = rng.integers(-3, 4, s).astype(data), rng.integers(0, max(n, 1), s).astype(index), indptr
    return *numbers, rng.normal(size=(n, d)).astype(dense), rng.normal(size=(m, d)).astype(dense), n


def check(products, arguments, rtol):
    for got, expected in zip(products(*arguments), twins.sparse_products(*arguments), strict=True):
        np.testing.assert_allclose(got, expected, rtol=rtol, atol=rtol)


@pytest.fixture(scope="module", params=LINKERS)
def products(request):
    return compiled(request.param)


@pytest.fixture(scope="module")
def products_numba():
    return compiled("numba")


@given(st.integers(0, 5), st.integers(1, 6), st.integers(0, 40), st.integers(0, 9), st.integers(0, 99))
@settings(max_examples=100, deadline=None)
def test_equals_loops(products_numba, m, n, s, d, seed):
    check(products_numba, case(m, n, s if m else 0, d, seed), 1e-4)


@pytest.mark.parametrize("shape", [(4, 6, 30, 3), (1, 2000, 9, 70), (3, 5, 0, 4)])
def test_equals_loops_under_each_linker(products, shape):
    check(products, case(*shape), 1e-4)


@pytest.mark.parametrize(
    ("data", "dense", "index"),
    [("float64", "float64", "int64"), ("int8", "float32", "uint32"), ("bool", "float64", "int32")],
)
def test_dtypes(data, dense, index):
    arguments = case(4, 6, 30, 5, data=data, dense=dense, index=index)
    for linker in ("numba", "py"):
        products = compiled(linker, data, dense, index)
        check(products, arguments, 1e-4 if dense == "float32" else 1e-12)
        assert {out.dtype.name for out in products(*arguments)[:3]} == {dense}


def test_rows_that_are_not_contiguous(products):
    *arrays, W, G, n = case(4, 6, 30, 5)
    check(products, (*arrays, np.asfortranarray(W), np.repeat(G, 2, axis=0)[::2], n), 1e-4)


def test_gradients():
    data, indices, indptr, W, G, n = case(3, 4, 7, 2, data="float64", dense="float64")
    how = {"rng": np.random.default_rng(1), "mode": Mode("py", "fast_compile")}
    verify_grad(lambda x, W: compressed_dot(x, indices, indptr, W, n), [data, W], **how)
    verify_grad(lambda x, G: transposed_dot(x, indices, indptr, G, n), [data, G], **how)
    verify_grad(lambda G, W: pair_dots(indices, indptr, G, W), [G, W], **how)


def test_shapes_that_do_not_fit(products):
    data, indices, indptr, W, G, n = case(4, 6, 30, 5)
    with pytest.raises(ValueError, match="as many columns as the dense one has rows"):
        products(data, indices, indptr, W, G, n + 1)
    with pytest.raises(ValueError, match="as many rows as the dense one"):
        products(data, indices, indptr, W, G[1:], n)


@pytest.mark.parametrize("wrong", [-1, 6])
def test_column_numbers_out_of_range(products, wrong):
    data, indices, *rest = case(4, 6, 30, 5)
    indices[7] = wrong
    with pytest.raises(IndexError, match=r"column numbers of a sparse matrix must lie in \[0, n\)"):
        products(data, indices, *rest)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1.0]], [0], [0, 1], np.eye(2), 2), "data must be a vector"),
        (([1.0], [0.5], [0, 1], np.eye(2), 2), "indices must be a vector of integers"),
        (([1.0], [0], [[0, 1]], np.eye(2), 2), "indptr must be a vector of integers"),
        (([1.0], [0], [0, 1], [1.0], 2), "W must be a matrix"),
    ],
)
def test_wrong_kinds(arguments, message):
    with pytest.raises(TypeError, match=message):
        compressed_dot(*arguments)


def test_shape_is_known_without_the_product():
    *arrays, n = pt.vector("x"), pt.ivector("i"), pt.ivector("p"), pt.matrix("W"), pt.lscalar("n")
    shape = pytensor.function([*arrays, n], compressed_dot(*arrays, n).shape, on_unused_input="ignore")
    assert "CompressedDot" not in str(shape.maker.fgraph.toposort())
