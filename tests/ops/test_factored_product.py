"""The product of matrices as a symbol: its values, its gradient and its shape, compiled and in Python."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.gradient import verify_grad

from ptembed.ops.factored_product import Product, times

rng = np.random.default_rng(0)


@pytest.mark.parametrize("mode", ["NUMBA", "FAST_COMPILE"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_of_arrays_that_lie_in_any_way(mode, dtype):
    A, B = pt.matrix("A", dtype=dtype), pt.matrix("B", dtype=dtype)
    f = pytensor.function([A, B], times(A, B), mode=mode)
    a, b = rng.normal(size=(50, 130)).astype(dtype), rng.normal(size=(130, 210)).astype(dtype)
    for given in ((a, b), (np.asfortranarray(a), b.T.copy().T), (a[::-2], b[:, ::3]), (a[:0], b), (a[:, :0], b[:0])):
        out = f(*given)
        assert out.dtype == dtype
        np.testing.assert_allclose(out, given[0] @ given[1], rtol=1e-4, atol=1e-4)


def test_gradient():
    verify_grad(times, [rng.normal(size=(3, 4)), rng.normal(size=(4, 2))], rng=rng)


def test_shape_is_known_without_the_product():
    A, B = pt.dmatrices("AB")
    f = pytensor.function([A, B], times(A, B).shape)
    assert not any(isinstance(node.op, Product) for node in f.maker.fgraph.toposort())
    assert f(np.ones((2, 3)), np.ones((3, 5))).tolist() == [2, 5]
