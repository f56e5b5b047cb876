"""The directions of U that are followed stay orthonormal, whatever its inverse is."""

import numpy as np
import pytest
from numba import njit

from ptembed.ops.factored_balance import follow

u = np.array([3.0, 1.0, -2.0, 0.5])


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "inverse", [np.outer(u, u), np.outer([1, 0, 0, 0], [0, 2, 0, 0]), np.zeros((4, 4)), np.diag([1e15, 1e8, 1, 1e-5])]
)
def test_directions_stay_orthonormal(inverse, dtype, compiled):
    X = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 3)))[0].T.astype(dtype).copy()
    run = njit(lambda X, Uinv: follow(X, Uinv)) if compiled else follow
    for _ in range(4):
        with np.errstate(over="ignore"):
            run(X, inverse.astype(dtype))
        np.testing.assert_allclose(X @ X.T, np.eye(3), atol=1e-5 if dtype == "float32" else 1e-12)


def test_the_first_direction_becomes_that_of_the_smallest_singular_value():
    rng = np.random.default_rng(1)
    inverse, X = rng.normal(size=(5, 5)), np.linalg.qr(rng.normal(size=(5, 2)))[0].T.copy()
    for _ in range(60):
        sizes = follow(X, inverse)
    _, values, right = np.linalg.svd(inverse)
    np.testing.assert_allclose(sizes, values[:2], rtol=1e-6)
    np.testing.assert_allclose(np.abs(X @ right[:2].T), np.eye(2), atol=1e-3)
