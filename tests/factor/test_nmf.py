"""Non-negative factors: each update beside a loop over single coordinates, the objective beside its definition."""

import numpy as np
import pytest
import scipy.sparse as sp
import twins

from ptembed.factor.nmf import nmf, transform
from ptembed.factor.nmf_sparseness import sparseness
from ptembed.factor.nmf_updates import hals, multiplicative
from ptembed.factor.products import Parts


def planted(m=40, n=30, k=3, dtype="float64", seed=0):
    """A sparse matrix that is a product of sparse factors."""
    rng = np.random.default_rng(seed)
    W, H = (rng.gamma(1, 1, (size, k)) * (rng.random((size, k)) < 0.5) for size in (m, n))
    return sp.csr_array((W @ H.T).astype(dtype))


def noisy(m=40, n=30, dtype="float64", seed=0):
    return sp.random_array((m, n), density=0.3, format="csr", dtype=dtype, rng=np.random.default_rng(seed))


def objective(X, W, H, l1=(0, 0)):
    return 0.5 * ((X.toarray() - W @ H.T) ** 2).sum() + l1[0] * W.sum() + l1[1] * H.sum()


@pytest.mark.parametrize("l1", [0, 0.3])
def test_a_sweep_is_coordinate_descent(l1):
    rng = np.random.default_rng(0)
    W, H, X = rng.random((20, 4)) * (rng.random((20, 4)) < 0.6), rng.random((30, 4)), noisy(20, 30).toarray()
    expected = twins.coordinate_descent(W, X @ H, H.T @ H, l1)
    fitted = hals(W, X @ H, H.T @ H, l1, Parts(np.ones(20)), sweeps=1)
    np.testing.assert_allclose(W, expected, atol=1e-12)
    assert fitted == pytest.approx((X @ H * W).sum())


def test_a_multiplicative_update_is_lee_and_seungs():
    rng = np.random.default_rng(0)
    W, H, X = rng.random((5, 2)), rng.random((6, 2)), noisy(5, 6).toarray()
    expected = W * (X @ H) / (W @ H.T @ H)
    multiplicative(W, X @ H, H.T @ H, 0)
    np.testing.assert_allclose(W, expected)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("update", ["hals", "multiplicative"])
def test_the_objective_is_that_of_the_factors_and_falls(update, dtype):
    X = noisy(dtype=dtype)
    W, H, objectives = nmf(X, 4, update=update, start="random", max_iter=20, extrapolate=False)
    assert W.dtype == H.dtype == dtype and W.min() >= 0 <= H.min()
    assert (np.diff(objectives) <= 1e-5 * objectives[:-1]).all()
    np.testing.assert_allclose(objectives[-1], objective(X, W, H), rtol=1e-5)


@pytest.mark.parametrize("start", ["nndsvd", "nndsvda", "random"])
def test_planted_factors_are_found(start):
    X = planted()
    W, H, objectives = nmf(X, 3, start=start, max_iter=500, tol=1e-9)
    np.testing.assert_allclose(W @ H.T, X.toarray(), atol=0.02 * X.max())
    assert objectives[-1] == pytest.approx(objective(X, W, H), abs=1e-6)


def test_plain_hals_is_scikit_learns_coordinate_descent():
    decomposition = pytest.importorskip("sklearn.decomposition")
    X, rng = noisy(), np.random.default_rng(3)
    W, H = rng.random((40, 4)), rng.random((30, 4))
    theirs = decomposition.NMF(4, init="custom", solver="cd", max_iter=7, tol=0)
    expected = theirs.fit_transform(X, W=W.copy(), H=H.T.copy())
    ours = nmf(X, 4, start=(W, H), max_iter=7, tol=0, sweeps=1, extrapolate=False)
    np.testing.assert_allclose(ours.W, expected, atol=1e-9)
    np.testing.assert_allclose(ours.H, theirs.components_.T, atol=1e-9)


def test_steps_on_reach_an_objective_sooner():
    X, start = noisy(80, 60), tuple(np.random.default_rng(5).random((size, 5)) for size in (80, 60))
    plain, fast = (nmf(X, 5, start=start, max_iter=30, tol=0, extrapolate=e).objectives for e in (False, True))
    assert np.flatnonzero(fast <= plain[-1])[0] < 24


def test_stops_when_the_objective_settles_and_when_told():
    X = noisy()
    objectives = nmf(X, 4, tol=1e-3, extrapolate=False).objectives
    falls = -np.diff(objectives) / objectives[1:]
    assert len(objectives) < 200 and falls[-1] <= 1e-3 and (falls[:-1] > 1e-3).all()
    seen = []
    nmf(X, 4, tol=0, callback=lambda i, f: seen.append((i, f)) or i == 2)
    assert [i for i, _ in seen] == [0, 1, 2]


def test_a_warm_start_goes_on_and_changes_nothing_given():
    X = noisy()
    first = nmf(X, 4, max_iter=5, tol=0)
    W = first.W.copy()
    second = nmf(X, 4, start=first[:2], max_iter=5, tol=0, extrapolate=False)
    assert second.objectives[0] <= first.objectives[-1]
    np.testing.assert_array_equal(first.W, W)


def test_csc_int_and_threads_give_the_same():
    counts = sp.csr_array((noisy().toarray() * 10).astype("int64"))
    reference = nmf(counts.astype("float32"), 3, max_iter=5)
    for X, n_threads in ((sp.csc_array(counts), 1), (counts, 2)):
        np.testing.assert_allclose(nmf(X, 3, max_iter=5, n_threads=n_threads).W, reference.W, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("l1", [(0.2, 0.2), (0.5, 0), (0, 0.5)])
def test_l1_makes_zeros_and_is_in_the_objective(l1):
    X = noisy()
    W, H, objectives = nmf(X, 4, l1=l1, max_iter=60, tol=0)
    assert objectives[-1] == pytest.approx(objective(X, W, H, l1))
    plain = nmf(X, 4, max_iter=60, tol=0)
    for weight, ours, theirs in zip(l1, (W, H), plain[:2], strict=True):
        if weight:
            assert (ours == 0).mean() > (theirs == 0).mean()
        elif any(l1):
            lengths = np.linalg.norm(ours, axis=0)
            np.testing.assert_allclose(lengths[lengths > 0], 1)


@pytest.mark.parametrize("side", [0, 1])
def test_hoyers_sparseness_is_met_and_the_objective_falls(side):
    X, hoyer = noisy(), [None, None]
    hoyer[side] = 0.6
    result = nmf(X, 4, hoyer=tuple(hoyer), start="random", max_iter=30, tol=0)
    np.testing.assert_allclose(sparseness(result[side]), 0.6, atol=1e-6)
    assert (np.diff(result.objectives) <= 1e-9).all()
    assert result.objectives[-1] == pytest.approx(objective(X, result.W, result.H))


def test_empty_rows_and_columns_and_more_components_than_the_rank():
    X = np.zeros((6, 5))
    X[1, 2], X[4, 0] = 3, 2
    W, H, _ = nmf(sp.csr_array(X), 8, max_iter=300, tol=0)
    assert np.isfinite(W).all() and np.isfinite(H).all()
    np.testing.assert_allclose(W @ H.T, X, atol=1e-3)
    zero = nmf(sp.csr_array((4, 3)), 2)
    assert not (zero.W @ zero.H.T).any() and len(zero.objectives) < 10


@pytest.mark.parametrize("kind", [sp.csr_array, sp.csc_array])
def test_unseen_rows_are_fitted(kind):
    X, optimize = planted(), pytest.importorskip("scipy.optimize")
    H = nmf(X, 3, max_iter=50).H
    new = noisy(5, 30, seed=9).tolil()
    new[2] = 0
    new = sp.csr_array(new)
    expected = np.array([optimize.nnls(H, row)[0] for row in new.toarray()])
    np.testing.assert_allclose(transform(kind(new), H, tol=0), expected, atol=1e-6)
    assert not transform(kind(new), H)[2].any()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nmf(noisy().toarray(), 2), TypeError, "must be a sparse matrix"),
        (lambda: nmf(-noisy(), 2), ValueError, "finite numbers from 0 on"),
        (lambda: nmf(noisy(), 0), ValueError, "k must be at least 1"),
        (lambda: nmf(noisy(), 2.5), TypeError, "k must be an integer"),
        (lambda: nmf(noisy(), 2, start="svd"), ValueError, "start must be nndsvd"),
        (
            lambda: nmf(noisy(), 2, start=(np.ones((40, 2)), np.ones((2, 30)))),
            ValueError,
            r"H must have shape \(30, 2\)",
        ),
        (lambda: nmf(noisy(), 2, start=(np.ones((40, 2)), -np.ones((30, 2)))), ValueError, "H must hold finite"),
        (lambda: nmf(noisy(), 2, update="newton"), ValueError, "update must be one of"),
        (lambda: nmf(noisy(), 2, l1=(-1, 0)), ValueError, "l1 must be a pair"),
        (lambda: nmf(noisy(), 2, hoyer=(1.0, None)), ValueError, "hoyer must be a pair"),
        (lambda: nmf(noisy(), 2, hoyer=(0.5, None), l1=(1, 0)), ValueError, "must not constrain the same factor"),
        (lambda: nmf(noisy(), 2, zero_weight=2), ValueError, "zero_weight must lie"),
        (lambda: nmf(noisy(), 2, zero_weight=0.5, update="multiplicative"), ValueError, "needs update='hals'"),
        (lambda: nmf(noisy(), 2, n_threads=0), ValueError, "n_threads must be at least 1"),
        (lambda: transform(noisy(), np.ones((4, 2))), ValueError, "H must have a row for each of 30 columns"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
