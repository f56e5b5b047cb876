"""The panelled products: those of SciPy, for both sides, any number of threads and matrices wider than a panel."""

import numpy as np
import pytest
import scipy.sparse as sp

from ptembed.factor.products import PARTS, WIDTH, Panels, Parts, SparseProducts


def matrix(m, n, density, dtype="float64", seed=0):
    """Random, the first row empty."""
    X = sp.random_array((m, n), density=density, format="csr", dtype=dtype, rng=np.random.default_rng(seed))
    X.data[: X.indptr[1]] = 0
    X.eliminate_zeros()
    return X


def both(X, k, n_threads=1):
    B, C = (np.random.default_rng(1).standard_normal((size, k)).astype(X.dtype) for size in X.shape[::-1])
    products = SparseProducts(X, n_threads)
    ours = products.dot(B, np.empty_like(C)), products.transposed_dot(C, np.empty_like(B))
    return ours, (X @ B, X.T @ C), products


@pytest.mark.parametrize("kind", [sp.csr_array, sp.csc_array])
@pytest.mark.parametrize(("m", "n", "k"), [(30, 20, 3), (1, 1, 1), (7, 2 * WIDTH + 5, 9), (WIDTH + 3, 40, 16)])
def test_both_products(kind, m, n, k):
    ours, expected, products = both(kind(matrix(m, n, 0.05)), k)
    for a, b in zip(ours, expected, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)
    assert products.squares == pytest.approx((matrix(m, n, 0.05).data ** 2).sum())


def test_float32():
    ours, expected, _ = both(matrix(50, 60, 0.3, "float32"), 5)
    assert ours[0].dtype == "float32"
    np.testing.assert_allclose(ours[0], expected[0], rtol=1e-4, atol=1e-5)


def test_any_number_of_threads_gives_the_same_numbers():
    one, two = (both(matrix(300, 200, 0.1), 4, n_threads)[0] for n_threads in (1, 3))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_transpose_is_panelled_without_being_made():
    X = matrix(50, 70, 0.2)
    for a, b in zip(Panels.of_columns(X), Panels.of_rows(sp.csr_array(X.T)), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("sizes", [[5], [0] * 20, [1000, 1, 1, 1], list(range(100))])
def test_parts_cover_the_rows_once(sizes):
    ranges = Parts(np.array(sizes)).ranges
    assert [i for start, stop in ranges for i in range(start, stop)] == list(range(len(sizes)))
    assert len(ranges) <= PARTS


def test_a_copy_takes_three_quarters_of_the_matrix():
    X = matrix(300, 400, 0.5, "float32")
    panels = Panels.of_rows(X)
    assert panels.places.nbytes + panels.values.nbytes == 0.75 * (X.indices.nbytes + X.data.nbytes)
