"""Minibatches: near the factors of the whole, and what they refuse."""

import numpy as np
import pytest
import scipy.sparse as sp
import twins

from ptembed.factor.nmf import nmf, transform
from ptembed.factor.nmf_online import OnlineFactors


def planted(m=400, n=40, k=4):
    rng = np.random.default_rng(0)
    W, H = (rng.gamma(1, 1, (size, k)) * (rng.random((size, k)) < 0.4) for size in (m, n))
    return sp.csr_array((W @ H.T).astype("float32"))


@pytest.mark.parametrize("kind", [sp.csr_array, sp.csc_array])
def test_comes_near_the_factors_of_the_whole(kind):
    X, model = planted(), OnlineFactors(4)
    for _ in range(6):
        for start in range(0, 400, 50):
            codes = model.partial_fit(kind(X[start : start + 50]))
    assert codes.shape == (50, 4) and model.batches == 48 and model.H.dtype == "float32"
    error = np.linalg.norm(X - transform(X, model.H) @ model.H.T)
    W, H, _ = nmf(X, 4, start="random")
    assert error < max(1.5 * np.linalg.norm(X - W @ H.T), 0.1 * np.linalg.norm(X.toarray()))


@pytest.mark.parametrize("l1", [0, 0.05])
def test_a_batch_is_coded_and_h_takes_a_sweep(l1):
    X, model = planted(m=60).astype("float64"), OnlineFactors(3, l1=(0, l1), sweeps=1, forget=0.5)
    model.partial_fit(X[:30])
    H, A, B = model.H.copy(), model.A.copy(), model.B.copy()
    W = model.partial_fit(X[30:])
    np.testing.assert_allclose(W, transform(X[30:], H))
    A, B = 0.5 * A + W.T @ W, 0.5 * B + X[30:].T @ W
    np.testing.assert_allclose(model.H, twins.coordinate_descent(H, B, A, l1), atol=1e-10)


def test_a_batch_that_does_not_fit_changes_nothing():
    model = OnlineFactors(3)
    model.partial_fit(planted()[:20])
    before = model.H.copy()
    for bad, message in ((planted(n=5), "H must have a row"), (-planted(), "finite numbers from 0 on")):
        with pytest.raises(ValueError, match=message):
            model.partial_fit(bad)
    np.testing.assert_array_equal(model.H, before)
    with pytest.raises(ValueError, match="forget must lie"):
        OnlineFactors(3, forget=0)
