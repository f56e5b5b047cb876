"""Zeros that count less: beside the dense definition, and beside plain factors where they count in full."""

import numpy as np
import pytest
import scipy.sparse as sp

from ptembed.factor.nmf import Options, nmf, transform
from ptembed.factor.nmf_weighted import WeightedHalves

X = sp.random_array((25, 18), density=0.4, format="csr", rng=np.random.default_rng(0))


def objective(W, H, a):
    error = (X.toarray() - W @ H.T) ** 2
    return 0.5 * np.where(X.toarray() != 0, error, a * error).sum()


@pytest.mark.parametrize("a", [0, 0.3])
def test_the_objective_is_that_of_the_definition_and_falls(a):
    W, H, objectives = nmf(X, 3, zero_weight=a, start="random", max_iter=25, tol=0, extrapolate=False)
    assert objectives[-1] == pytest.approx(objective(W, H, a))
    assert (np.diff(objectives) <= 1e-12).all() and W.min() >= 0 <= H.min()


def test_a_coordinate_is_at_its_minimum():
    rng = np.random.default_rng(1)
    W, H = rng.random((25, 3)), rng.random((18, 3))
    WeightedHalves(X, Options(zero_weight=0.3)).fit_rows(W, H, 500, 0)
    for i, t in ((0, 0), (7, 2), (24, 1)):
        for step in (1e-4, -1e-4):
            moved = W.copy()
            moved[i, t] = max(0, moved[i, t] + step)
            assert objective(moved, H, 0.3) >= objective(W, H, 0.3) - 1e-12


def test_a_weight_of_one_is_plain_hals():
    rng = np.random.default_rng(2)
    W, H = rng.random((25, 3)), rng.random((18, 3))
    expected = nmf(X, 3, start=(W, H), max_iter=1, sweeps=1, extrapolate=False)
    halves = WeightedHalves(X, Options(zero_weight=1.0, sweeps=1))
    halves.update_W(W, H)
    assert halves.update_H(W, H) == pytest.approx(expected.objectives[0])
    np.testing.assert_allclose(W, expected.W, atol=1e-12)


def test_missing_values_are_predicted():
    rng = np.random.default_rng(3)
    whole = rng.random((40, 2)) @ rng.random((2, 30)) + 0.1
    seen = rng.random(whole.shape) < 0.6
    W, H, _ = nmf(sp.csr_array(np.where(seen, whole, 0)), 3, zero_weight=0, start="random", max_iter=400, tol=1e-8)
    error = np.abs(W @ H.T - whole)[~seen].mean()
    assert error < 0.05 * whole.mean()
    unseen = transform(sp.csr_array(np.where(seen, whole, 0)[:5]), H, zero_weight=0, max_iter=1000, tol=1e-12)
    assert np.abs(unseen @ H.T - whole[:5]).mean() < 0.1 * whole.mean()
