"""Clusters from affinities and pairs: the objective is the definition's and never rises; planted clusters are found."""

import numpy as np
import pytest
import scipy.sparse as sp

from ptembed.evaluate import constraint_satisfaction, purity
from ptembed.factor.affinity import Features, Graph
from ptembed.factor.constrained import constrained, labels_of, transform
from ptembed.factor.constrained_steps import along, centres, lowest, multiply, objective
from ptembed.factor.constraints import constraint_matrix, pairs_of_labels
from ptembed.factor.propagation import Affinity

FORMS, UPDATES = ["symmetric", "tri"], ["hals", "multiplicative"]


def planted(n=90, k=3, inside=0.35, outside=0.12, seed=0):
    """A graph in which samples of a class are joined more often, and the classes."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % k
    S = np.triu(rng.random((n, n)) < np.where(y[:, None] == y, inside, outside), 1)
    return sp.csr_array((S | S.T).astype("float64")), y


def affinity(kind, dtype="float64", seed=0, **options):
    """A signed operator of each kind."""
    S, y = planted(seed=seed)
    W = constraint_matrix(len(y), *pairs_of_labels(y, 40, seed), dtype=dtype)
    if kind == "graph":
        return Affinity(Graph(S.astype(dtype)), W, **options)
    F = np.random.default_rng(seed).standard_normal((len(y), 6)).astype(dtype)
    return Affinity(Features(F), W, **options)


def dense(A):
    return A.dot(np.eye(A.shape[0], dtype=A.dtype), np.empty(A.shape, A.dtype))


def loss(A, U, C):
    """The definition, less its constant."""
    M = dense(A).astype("float64")
    return 0.5 * ((M - U @ C @ U.T) ** 2).sum() - 0.5 * (M**2).sum()


@pytest.mark.parametrize("kind", ["graph", "signed features"])
@pytest.mark.parametrize("steps", [0, 2])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("update", UPDATES)
def test_the_objective_never_rises(update, form, steps, kind):
    for seed, start in ((0, "spectral"), (1, "random")):
        A = affinity(kind, steps=steps, seed=seed, weight=20.0)
        assert dense(A).min() < 0
        U, C, objectives = constrained(A, 4, form=form, update=update, start=start, max_iter=60, tol=0, seed=seed)
        assert U.min() >= 0 and C.min() >= 0
        assert (np.diff(objectives) <= 1e-12 * np.abs(objectives[:-1])).all()
        assert objectives[-1] < objectives[0]
        np.testing.assert_allclose(objectives[-1], loss(A, U, C), rtol=1e-9)


@pytest.mark.parametrize("update", UPDATES)
def test_float32_has_the_objective_of_its_factors(update):
    A = affinity("graph", "float32")
    U, C, objectives = constrained(A, 3, form="tri", update=update, max_iter=30)
    assert U.dtype == C.dtype == "float32"
    assert (np.diff(objectives) <= 1e-6 * np.abs(objectives[:-1])).all()
    np.testing.assert_allclose(objectives[-1], loss(A, U.astype("float64"), C.astype("float64")), rtol=1e-5)


def test_where_it_stops_a_number_is_zero_or_its_gradient_is():
    A = affinity("graph")
    U = constrained(A, 3, max_iter=3000, tol=1e-15).U
    gradient = 2 * (U @ (U.T @ U) - dense(A) @ U)
    assert np.abs(gradient[U > 1e-6]).max() < 1e-4 and gradient[U <= 1e-6].min() > -1e-4


def test_coordinates_reach_an_objective_sooner_than_multiplicative_updates():
    A, start = Affinity(affinity("graph").S), np.random.default_rng(0).random((90, 3))
    ours, baseline = (constrained(A, 3, update=u, start=start, max_iter=m, tol=0).objectives for u, m in
                      zip(UPDATES, (10, 40), strict=True))  # fmt: skip
    assert ours[-1] < baseline[-1]


def test_the_line_is_a_polynomial_of_degree_four():
    rng, A = np.random.default_rng(0), affinity("graph")
    U, D, C = rng.random((90, 3)), rng.standard_normal((90, 3)), rng.random((3, 3))
    C, M = C + C.T, dense(A)
    coefficients = along(U, M @ U, D, M @ D, U.T @ U, C)
    for t in (0.3, 1.0):
        expected = objective(U + t * D, M @ (U + t * D), C) - objective(U, M @ U, C)
        assert np.polyval([*coefficients[::-1], 0], t) == pytest.approx(expected)
    assert lowest(np.array([1.0, 0, 0, 0])) == 0 and lowest(np.array([-1.0, 0, 0, 0])) == 1
    assert lowest(np.array([-3.0, 0.0, 4.0, 0.0])) == pytest.approx(0.5)


def test_a_multiplicative_step_is_that_of_the_formula():
    rng, A = np.random.default_rng(0), affinity("graph", steps=0)
    U, C, M = rng.random((90, 3)), np.diag([1.0, 2.0, 0.5]), dense(A)
    (p, q), r = A.halves(U @ C), U @ C @ U.T @ U @ C
    expected = U * np.sqrt((-q + np.sqrt(q**2 + 4 * p * r)) / (2 * r))
    P = np.empty_like(U)
    multiply(A, U, P, C)
    np.testing.assert_allclose(U, expected)
    np.testing.assert_allclose(P, M @ U)


def test_centres_are_the_least_squares_ones():
    rng, A = np.random.default_rng(0), affinity("graph")
    U = rng.random((90, 2)) * (np.arange(90) % 2 == np.arange(2)[:, None]).T
    U /= np.linalg.norm(U, axis=0)
    expected = np.maximum(U.T @ dense(A) @ U, 0)
    np.testing.assert_allclose(centres(U, dense(A) @ U, np.eye(2)), expected, atol=1e-6)


@pytest.mark.parametrize("form", FORMS)
def test_pairs_find_what_the_graph_alone_does_not(form):
    S, y = planted(240, 4, 0.1, 0.09)
    like, dislike = pairs_of_labels(y, 1000)
    plain, paired = (
        labels_of(*constrained(Affinity(Graph(S), W), 4, form=form)[:2])
        for W in (None, constraint_matrix(240, like, dislike))
    )
    assert purity(y, plain) < 0.6 and purity(y, paired) > 0.9
    assert min(constraint_satisfaction(paired, like, dislike)) > 0.9


@pytest.mark.parametrize("form", FORMS)
def test_unseen_samples_are_assigned_as_in_a_joint_fit(form):
    S, y = planted(400, 4, 0.3, 0.1)
    W = constraint_matrix(300, *pairs_of_labels(y[:300], 500))
    A = Affinity(Graph(S[:300, :300]), W)
    U, C, _ = constrained(A, 4, form=form)
    Z = transform(A, U, C, S[300:, :300])
    joint = constrained(Affinity(Graph(S), sp.block_diag([W, sp.csr_array((100, 100))])), 4, form=form)
    assert purity(y[300:], labels_of(Z, C)) > 0.97 * purity(y[300:], labels_of(*joint[:2])[300:]) > 0.9
    assert Z.min() >= 0


def test_a_row_of_transform_is_the_nearest_one():
    from scipy.optimize import nnls

    S, _ = planted()
    A = Affinity(Graph(S))
    U, C, _ = constrained(A, 3, form="tri")
    Z = transform(A, U, C, S[:4], tol=1e-14, max_iter=2000)
    for z, a in zip(Z, A.S.of_new(S[:4]).toarray(), strict=True):
        np.testing.assert_allclose(z, nnls(U @ C, a)[0], atol=1e-6)


def test_samples_like_no_other_and_more_clusters_than_the_rank():
    S = sp.block_diag([np.ones((3, 3)) - np.eye(3), np.zeros((2, 2))], format="csr")
    A = Affinity(Graph(S))
    U, C, objectives = constrained(A, 5)
    assert labels_of(U, C).tolist()[3:] == [-1, -1] and len(set(labels_of(U, C)[:3])) <= 2
    assert np.isfinite(U).all() and np.isfinite(objectives).all()
    empty = constrained(Affinity(Graph(sp.csr_array((4, 4)))), 2, form="tri")
    assert labels_of(empty.U, empty.C).tolist() == [-1] * 4
    assert (transform(A, U, C, sp.csr_array((2, 5))) == 0).all()


def test_a_warm_start_with_rows_of_zeros_has_the_right_objective():
    A, start = affinity("graph", steps=0), np.zeros((90, 2))
    start[:3] = 0.1
    U, C, objectives = constrained(A, 2, start=start, max_iter=1)
    np.testing.assert_allclose(objectives[-1], loss(A, U, C))


def test_the_same_seed_and_any_threads_give_the_same():
    A = affinity("graph")
    one, two = (constrained(A, 3, n_threads=n, max_iter=5) for n in (1, 2))
    np.testing.assert_array_equal(one.U, two.U)
    seen = []
    constrained(A, 3, callback=lambda i, f: seen.append((i, f)) or i == 2)
    assert [i for i, _ in seen] == [0, 1, 2]


@pytest.mark.parametrize(
    ("error", "message", "k", "options"),
    [
        (ValueError, "k must be at most 90", 91, {}),
        (TypeError, "k must be an integer", 2.0, {}),
        (ValueError, "form must be one of", 2, {"form": "quartic"}),
        (ValueError, "update one of", 2, {"update": "cd"}),
        (ValueError, "start must be 'spectral'", 2, {"start": "nndsvd"}),
        (ValueError, r"start must have shape \(90, 2\)", 2, {"start": np.ones((2, 2))}),
        (ValueError, "start must hold finite numbers from 0 on", 2, {"start": -np.ones((90, 2))}),
    ],
)
def test_bad_input(error, message, k, options):
    with pytest.raises(error, match=message):
        constrained(affinity("graph"), k, **options)
