"""Minibatches: near the factors of the whole, and what they refuse."""

import numpy as np
import pytest
import scipy.sparse as sp

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
