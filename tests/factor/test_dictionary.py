"""K-SVD: each atom's fit beside its residual in full, planted atoms found again, what is replaced and what refused."""

import numpy as np
import pytest
import scipy.sparse as sp
import twins

from ptembed.factor import dictionary
from ptembed.factor.dictionary import ksvd, with_new_atoms
from ptembed.factor.neighbours import unit_rows
from ptembed.factor.omp import omp

RNG = np.random.default_rng(0)


def planted(m=600, k=12, n=20, most=2, positive=False, seed=0):
    """Rows of ``most`` atoms each, and the atoms."""
    rng = np.random.default_rng(seed)
    D = unit_rows(np.where(rng.random((k, n)) < 0.4, rng.standard_normal((k, n)), 0))
    C = np.zeros((m, k))
    for c in C:
        c[rng.choice(k, most, replace=False)] = rng.choice([-1, 1], most) * rng.uniform(0.5, 1.5, most)
    D, C = (np.abs(D), np.abs(C)) if positive else (D, C)
    return sp.csr_array(C @ D), D


def recovered(found, D):
    return (np.abs(D @ found.T).max(axis=1) > 0.98).mean()


@pytest.mark.parametrize("positive", [False, True])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_an_atom_is_fitted_to_its_residual(positive, dtype):
    X, D = (part.astype(dtype) for part in planted(80, positive=positive))
    D = unit_rows(D + RNG.random(D.shape) / 5).astype(dtype)
    C = omp(X, D, 3, positive=positive).C
    found, expected, expected_D = C.copy(), C.toarray().astype(float), D.astype(float)
    found_D = dictionary._fitted(X, found, D.copy(), positive, 1)
    for j in range(len(D)):
        rows, expected_D[j], g = twins.atom_fit(X.toarray(), expected, expected_D, j, positive)
        expected[rows, j] = g
    tolerance = {"float64": 1e-12, "float32": 1e-5}[dtype]
    np.testing.assert_allclose(found_D, expected_D, atol=tolerance)
    np.testing.assert_allclose(found.toarray(), expected, atol=tolerance)
    assert found_D.dtype == dtype
    assert ((X - found @ found_D) ** 2).sum() < ((X - C @ D) ** 2).sum()


def test_many_passes_give_singular_vectors():
    X = sp.csr_array(RNG.standard_normal((30, 5)))
    D, C, _ = ksvd(X, 1, 1, passes=60, max_iter=3)
    U, S, Vt = np.linalg.svd(X.toarray())
    np.testing.assert_allclose(np.abs(D[0]), np.abs(Vt[0]), atol=1e-6)
    np.testing.assert_allclose(np.abs(C.toarray()[:, 0]), np.abs(U[:, 0] * S[0]), atol=1e-6)


@pytest.mark.parametrize("positive", [False, True])
def test_planted_atoms_are_found_again(positive):
    X, D = planted(positive=positive)
    seen = []
    learnt = ksvd(X, 12, 2, positive=positive, max_iter=60, tol=0, callback=lambda *step: seen.append(step))
    assert recovered(learnt.D, D) >= 0.75 > 0.5 > recovered(unit_rows(X[:12]).toarray(), D)
    assert learnt.errors.min() == pytest.approx(((X - learnt.C @ learnt.D) ** 2).sum(), abs=1e-8)
    assert learnt.errors.min() < 0.2 * learnt.errors[0] and [t for t, _ in seen] == list(range(len(seen)))
    assert [error for _, error in seen] == learnt.errors[1:].tolist()
    np.testing.assert_allclose(np.linalg.norm(learnt.D, axis=1), 1)
    assert not positive or (learnt.D.min() >= 0 and learnt.C.data.min() > 0)


def test_the_same_seed_gives_the_same_and_dense_rows_too():
    X, _ = planted(100)
    one, two, other = (ksvd(rows, 8, 2, max_iter=3, seed=s) for rows, s in ((X, 1), (X.toarray(), 1), (X, 2)))
    np.testing.assert_array_equal(one.D, two.D)
    assert not np.array_equal(one.D, other.D)


def test_goes_on_from_given_atoms_by_residual():
    X, D = planted(100)
    learnt = ksvd(X, 12, residual=1e-3, start=7 * D, max_iter=2)
    assert learnt.errors[0] < 1e-5 * (X * X).sum()
    np.testing.assert_allclose(np.abs((learnt.D * D).sum(axis=1)), 1, atol=1e-4)


def test_idle_and_like_atoms_give_way_to_the_rows_coded_worst():
    X, D = planted(10)
    D[3], D[5], before = -D[1], 0, D.copy()
    errors = np.array([0, 3, 0, 0, 9, 0, 1, 0, 0, 0.0])
    unused = np.zeros(len(D), bool)
    unused[[5, 7]] = True
    with_new_atoms(D, unused, X, errors)
    np.testing.assert_allclose(D[[3, 5, 7]], unit_rows(X[[4, 1, 6]]).toarray())
    kept = np.setdiff1d(np.arange(len(D)), [3, 5, 7])
    np.testing.assert_array_equal(D[kept], before[kept])


def test_more_atoms_than_rows_and_empty_rows_and_columns():
    X = sp.csr_array(np.array([[3, 4, 0, 0], [0, 0, 0, 0], [0, 0, 2, 0]]))
    D, C, errors = ksvd(X, 6, 2)
    assert D.shape == (6, 4) and np.isfinite(D).all() and errors[-1] < 1e-10 and C[[1]].nnz == 0
    D, C, errors = ksvd(sp.csr_array((3, 4)), 2, 1, positive=True)
    assert C.nnz == 0 == errors[-1] and D.min() >= 0 and D.dtype == "float64"


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda X, D: ksvd(X, 0, 1), ValueError, "k must be at least 1"),
        (lambda X, D: ksvd(X, 5, 6), ValueError, "at most the number of atoms, 5, got 6"),
        (lambda X, D: ksvd(X, 5), ValueError, "n_nonzero or residual must be given"),
        (lambda X, D: ksvd(X, 5, 1, max_iter=0), ValueError, "max_iter must be at least 1"),
        (lambda X, D: ksvd(X, 5, 1, passes=1.5), TypeError, "passes must be an integer"),
        (lambda X, D: ksvd(X, 5, 1, start=D), ValueError, r"start must have shape \(5, 20\), got \(12, 20\)"),
        (lambda X, D: ksvd(X, 12, 1, start=D * np.nan), ValueError, "start must hold finite numbers"),
        (lambda X, D: ksvd(abs(X), 12, 1, start=D, positive=True), ValueError, "from 0 on with positive=True"),
        (lambda X, D: ksvd(-abs(X), 12, 1, positive=True), ValueError, "X must hold finite numbers from 0 on"),
        (lambda X, D: ksvd(X * np.inf, 12, 1), ValueError, "X must hold finite numbers"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call(*planted(30))
