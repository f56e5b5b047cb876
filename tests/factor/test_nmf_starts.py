"""Starts: the SVD beside NumPy's, NNDSVD beside the definition."""

import numpy as np
import pytest
import scipy.sparse as sp

from ptembed.factor.nmf_starts import nndsvd, random, randomized_svd
from ptembed.factor.products import SparseProducts

X = sp.random_array((60, 45), density=0.3, format="csr", rng=np.random.default_rng(0))
RNG = np.random.default_rng


def test_the_largest_singular_values_and_vectors():
    low = RNG(1).random((60, 5)) @ RNG(2).random((5, 45))
    U, S, V = randomized_svd(SparseProducts(sp.csr_array(low)), 4, RNG(0))
    np.testing.assert_allclose(S, np.linalg.svd(low)[1][:4])
    np.testing.assert_allclose(U.T @ low @ V, np.diag(S), atol=1e-8)
    again = randomized_svd(SparseProducts(sp.csr_array(low)), 4, RNG(7))
    np.testing.assert_allclose(again[0], U, atol=1e-6)


def test_nndsvd_takes_the_larger_parts_of_singular_vectors():
    W, H = nndsvd(SparseProducts(X), 3, 0, X.mean(), RNG(0))
    u, s, vt = np.linalg.svd(X.toarray())
    for t in range(3):
        parts = [(np.maximum(sign * u[:, t], 0), np.maximum(sign * vt[t], 0)) for sign in (1, -1)]
        a, b = max(parts, key=lambda pair: np.linalg.norm(pair[0]) * np.linalg.norm(pair[1]))
        np.testing.assert_allclose(np.outer(W[:, t], H[:, t]), s[t] * np.outer(a, b), atol=0.05)


def test_zeros_are_filled_and_components_beyond_the_rank_random():
    W, H = nndsvd(SparseProducts(X), 3, 0.01, X.mean(), RNG(0))
    assert W.min() >= 1e-6 and H.min() > 0
    thin = sp.csr_array(np.outer(np.ones(6), [1.0, 2, 0]))
    W, H = nndsvd(SparseProducts(thin), 5, 0, thin.mean(), RNG(0))
    assert W.shape == (6, 5) and np.isfinite(W).all() and (W[:, 1:].max(axis=0) > 0).all()


def test_random_is_on_the_scale_of_the_matrix():
    W, H = random(2000, 1000, 8, 0.3, "float32", RNG(0))
    assert W.dtype == "float32" and (W @ H.T).mean() == pytest.approx(0.3 * 2 / np.pi, rel=0.1)
