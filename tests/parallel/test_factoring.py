"""Factors are the same wherever they are computed."""

import numpy as np
import pytest
import scipy.sparse as sp

from ptembed import parallel
from ptembed.factor.nmf import nmf

M, N, K = 60, 45, 4


def matrix(dtype="float64"):
    return sp.random_array((M, N), density=0.15, rng=np.random.default_rng(0), dtype=dtype)


@pytest.fixture(params=["threads", pytest.param("ray", marks=pytest.mark.slow)])
def on(request):
    if request.param == "ray":
        request.getfixturevalue("ray")
    return request.param


@pytest.mark.parametrize(
    "more", [{}, {"start": "random", "l1": (0.1, 0.0), "dtype": "float32"}, {"update": "multiplicative", "workers": 3}]
)
def test_factors_are_the_same(on, more):
    how = {"max_iter": 12, "tol": 0.0, "dtype": "float64", "workers": 2} | more
    X, workers = matrix(how.pop("dtype")), how.pop("workers")
    here, there = nmf(X, K, **how), parallel.nmf(X, K, workers=workers, on=on, **how)
    rtol = 1e-10 if X.dtype == "float64" else 1e-4
    assert len(here.objectives) == 12 and there.W.dtype == X.dtype
    np.testing.assert_allclose(there.objectives, here.objectives, rtol=rtol)
    np.testing.assert_allclose(there.W, here.W, rtol=rtol, atol=rtol)
    np.testing.assert_allclose(there.H, here.H, rtol=rtol, atol=rtol)


def test_columns_with_compressed_columns(on):
    X = matrix()
    here, there = nmf(X.tocsc(), K, max_iter=3), parallel.nmf(X.tocsc(), K, workers=2, on=on, max_iter=3)
    np.testing.assert_allclose(there.W, here.W, rtol=1e-10, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("how", [{"zero_weight": 0.5}, {"hoyer": (0.5, None)}])
def test_what_ray_does_not_take(request, how):
    request.getfixturevalue("ray")
    with pytest.raises(ValueError, match="on Ray there must be no hoyer"):
        parallel.nmf(matrix(), K, on="ray", **how)


def test_another_place_is_refused():
    with pytest.raises(ValueError, match="on must be 'threads' or 'ray', got 'mpi'"):
        parallel.nmf(matrix(), K, on="mpi")
