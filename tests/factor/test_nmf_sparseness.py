"""Hoyer's projection: the sparseness asked for, and no nearer point."""

import numpy as np
import pytest

from ptembed.factor.nmf_sparseness import project, sparseness


def test_sparseness():
    assert sparseness(np.eye(4)[:, :1]) == pytest.approx(1)
    assert sparseness(np.ones(9)) == pytest.approx(0)
    assert sparseness(np.zeros((3, 2))).tolist() == [0, 0]


@pytest.mark.parametrize("target", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_projected_column_has_the_sparseness(target, dtype):
    z = np.random.default_rng(0).standard_normal((50, 6)).astype(dtype)
    z[:, 5] = np.abs(z[:, 5]) + 3  # dense
    u = project(z, target)
    assert u.dtype == dtype and u.min() >= 0
    np.testing.assert_allclose(sparseness(u), target, atol=1e-4)
    np.testing.assert_allclose(project(u, target), u, atol=1e-3)


def test_no_point_of_the_cone_is_nearer():
    rng = np.random.default_rng(1)
    z = rng.standard_normal((4, 1))
    nearest = np.linalg.norm(project(z, 0.6) - z)
    for _ in range(300):
        other = project(rng.standard_normal((4, 1)), 0.6)
        other *= max((other * z).sum(), 0) / max((other * other).sum(), 1e-30)
        assert np.linalg.norm(other - z) >= nearest - 1e-6


def test_nothing_positive_becomes_zero():
    assert not project(-np.ones((5, 1)) - np.eye(5, 1), 0.5).any()
    assert np.isfinite(project(np.zeros((5, 2)), 0.5)).all()
