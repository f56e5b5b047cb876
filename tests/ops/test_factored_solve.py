"""Systems of equations as symbols, beside NumPy's."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

from ptembed.ops.factored_solve import solve


@pytest.mark.parametrize("mode", [None, "FAST_COMPILE"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_solutions_are_those_of_numpy_and_nothing_is_overwritten(dtype, mode):
    rng = np.random.default_rng(0)
    A, B = rng.normal(size=(7, 7)).astype(dtype), rng.normal(size=(3, 7)).astype(dtype)
    given = A.copy(), B.copy()
    a, b = pt.matrix("A", dtype=dtype), pt.matrix("B", dtype=dtype)
    x, xt = pytensor.function([a, b], [solve(a, b.T), solve(a.T, b.T)], mode=mode)(A, B)
    assert x.dtype == dtype
    tolerance = 1e-4 if dtype == "float32" else 1e-12
    np.testing.assert_allclose(x, np.linalg.solve(A, B.T), rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(xt, np.linalg.solve(A.T, B.T), rtol=tolerance, atol=tolerance)
    for now, then in zip((A, B), given, strict=True):
        np.testing.assert_array_equal(now, then)


def test_a_singular_matrix_gives_infinity():
    a, b = pt.dmatrices("A", "B")
    x = pytensor.function([a, b], solve(a, b))(np.ones((2, 2)), np.ones((2, 3)))
    assert x.shape == (2, 3) and np.isposinf(x).all()
