"""The routines of BLAS and LAPACK under Numba and in NumPy, and functions compiled apart."""

import ctypes

import numpy as np
import pytest
from numba import njit, types
from threadpoolctl import threadpool_limits

from ptembed.ops import factored_blas as blas
from ptembed.ops.factored_apart import apart

rng = np.random.default_rng(0)


def everything(A, B, G, pivots, values):
    n, k = A.shape
    C, S, T = np.empty((n, B.shape[1]), A.dtype), np.empty((n, n), A.dtype), np.empty((k, k), A.dtype)
    blas.product(A, True, B, False, C, False)
    blas.product(B, False, A, True, C.T.copy(), False)
    blas.sum_of_products(A, A, False, T)
    blas.gram(A, S)
    for i in range(n):
        S[i, i] += 1
    for i in range(n):
        for j in range(i):
            S[j, i] = S[i, j]
    M = S @ A
    definite = blas.cholesky(S)
    blas.solve_rows(S, M)
    X, vectors = A.copy(), G.copy()
    regular = blas.lu(G, pivots)
    blas.lu_solve_rows(G, pivots, X)
    for i in range(n):
        for j in range(n):
            vectors[i, j] = S[max(i, j), min(i, j)]
    E = vectors.copy()
    blas.eigenvectors(E, values)
    return C, T, M, X, vectors, E, definite, regular


@pytest.mark.parametrize("compiled", [False, True])
def test_routines(compiled):
    A, B, G = rng.normal(size=(5, 7)), rng.normal(size=(7, 4)), rng.normal(size=(5, 5))
    run, values, G0 = njit(everything) if compiled else everything, np.empty(5), G.copy()
    C, T, M, X, S, E, definite, regular = run(A, B, G, np.empty(5, np.int32), values)
    assert definite and regular
    np.testing.assert_allclose(C, A @ B, rtol=1e-12)
    np.testing.assert_allclose(np.tril(T), np.tril(2 * A.T @ A), rtol=1e-12)
    np.testing.assert_allclose(M, A, rtol=1e-11)
    np.testing.assert_allclose(G0 @ X, A, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose((E * values[:, None]).T @ E, S, atol=1e-12)


products = njit(lambda A, by_rows, B, transposed, C, add: blas.product(A, by_rows, B, transposed, C, add))


tells_threads = pytest.mark.skipif(
    blas.threads_address == ctypes.addressof(blas.has_small), reason="this BLAS does not tell how many threads it has"
)


@pytest.mark.parametrize("in_tiles", [False, pytest.param(True, marks=tells_threads)])
@pytest.mark.parametrize("m, n, k", [(50, 210, 130), (25, 700, 100), (130, 130, 1000), (3, 2, 0), (0, 2, 3)])
@pytest.mark.parametrize("by_rows, transposed", [(True, False), (False, False), (True, True), (False, True)])
def test_products_of_any_size(m, n, k, by_rows, transposed, in_tiles, monkeypatch):
    monkeypatch.setattr(blas.has_small, "value", int(in_tiles))
    A, B = (rng.normal(size=shape) for shape in ((m, k), (k, n)))
    given = np.ascontiguousarray(A if by_rows else A.T), by_rows, np.ascontiguousarray(B.T if transposed else B)
    C = np.ones((m, n))
    with threadpool_limits(1):
        products(*given, transposed, C, True)
        np.testing.assert_allclose(C, 1 + A @ B, rtol=1e-9, atol=1e-12)
        products(*given, transposed, C, False)
    np.testing.assert_allclose(C, A @ B, rtol=1e-9, atol=1e-12)


@tells_threads
@pytest.mark.parametrize("n", [1, 2])
def test_the_threads_of_blas_are_counted(n):
    """Many threads share a product as a whole: tiles are for one."""
    count = njit(lambda: blas._threads())
    with threadpool_limits(n):
        assert count() == n


@pytest.mark.parametrize("m", [1, blas.BLOCK, 2 * blas.BLOCK + 5])
def test_systems_of_several_blocks(m):
    A, B = rng.normal(size=(m, m)) / m, rng.normal(size=(m, 3))
    S, X = A @ A.T + np.eye(m), np.vstack([B, B])
    solve = njit(lambda S, B: (blas.cholesky(S), blas.solve_rows(S, B)))
    solve(np.tril(S), X[:m])
    np.testing.assert_allclose(S @ X[:m], B, rtol=1e-10, atol=1e-12)
    np.testing.assert_array_equal(X[m:], B)


def test_what_cannot_be_factored_is_told():
    for run in (blas.cholesky, njit(lambda S: blas.cholesky(S))):
        assert not run(-np.eye(3))
    for run in (blas.lu, njit(lambda A, p: blas.lu(A, p))):
        assert not run(np.zeros((3, 3)), np.empty(3, np.int32))


def halves(x, least):
    if x[0] < least[0]:
        raise ValueError("too small")
    x[1] = -1.0
    return x / 2, np.array([len(x)])


def test_a_function_compiled_apart_takes_changes_and_gives_arrays_and_raises():
    vector = types.Array(types.float64, 1, "C")
    inner = apart(halves, (vector, vector))
    assert apart(halves, (vector, vector)) is inner

    @njit
    def outer(x, least):
        half, n = inner((x, least))
        return half.sum() + n[0]

    x = np.array([4.0, 0.0, 6.0])
    assert outer(x, np.zeros(1)) == 4.5 + 3
    assert x[1] == -1
    with pytest.raises(ValueError, match="too small"):
        outer(x, np.full(1, 9.0))
