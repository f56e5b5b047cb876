"""Affinities beside the n x n matrices that they stand for."""

import numpy as np
import pytest
import scipy.sparse as sp

from ptembed.factor.affinity import Features, Graph, nearest_graph
from ptembed.factor.constraints import constraint_matrix
from ptembed.factor.propagation import Affinity

N = 12
LIKE, DISLIKE = [(0, 5), (1, 7), (2, 3)], [(0, 1), (4, 9), (5, 11)]


def symmetric_graph(dtype="float64", seed=0):
    S = sp.random_array((N, N), density=0.4, dtype=dtype, format="csr", rng=np.random.default_rng(seed))
    S = sp.csr_array(S + S.T)
    S[3] = 0
    S[:, [3]] = 0
    S.eliminate_zeros()
    return S


def signed(seed=1):
    return np.random.default_rng(seed).standard_normal((N, 4))


def scaled(S, degrees):
    roots = np.array([1 / np.sqrt(d) if d > 0 else 0 for d in degrees])
    return S * roots[:, None] * roots


def made(kind, dtype="float64"):
    """An affinity and the matrix that it stands for."""
    if kind == "graph":
        S = symmetric_graph(dtype)
        return Graph(S), scaled(S.toarray(), S.toarray().sum(axis=1))
    F = signed() if kind == "signed" else np.abs(signed())
    degrees = (np.abs(F) @ np.abs(F).T).sum(axis=1)
    given = sp.csr_array(F) if kind == "sparse" else F
    return Features(given.astype(dtype)), scaled(F @ F.T, degrees)


KINDS = ["graph", "features", "signed", "sparse"]


def whole(S, W, weight, alpha, steps):
    T = np.eye(N)
    for _ in range(steps):
        T = alpha * S @ T + (1 - alpha) * np.eye(N)
    in_pairs = (W != 0).any(axis=1).sum()
    return S + T @ (W * weight * in_pairs / np.abs(W).sum()) @ T


@pytest.mark.parametrize("steps", [0, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_products_and_halves_are_those_of_the_matrix(kind, steps):
    S, matrix = made(kind)
    W = constraint_matrix(N, LIKE, DISLIKE, [1, 2, 3], dtype="float64")
    A, B = Affinity(S, W, weight=4.0, alpha=0.6, steps=steps), np.random.default_rng(2).random((N, 3))
    expected = whole(matrix, W.toarray(), 4.0, 0.6, steps)
    np.testing.assert_allclose(A.dot(B, np.empty_like(B)), expected @ B, atol=1e-12)
    plus, minus = A.halves(np.eye(N))
    np.testing.assert_allclose(plus - minus, expected, atol=1e-12)
    np.testing.assert_allclose(plus, plus.T, atol=1e-12)
    assert plus.min() >= 0 <= minus.min() and minus.max() > 0
    np.testing.assert_allclose(A.halves(B)[0], plus @ B, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_new_samples_that_are_old_ones_have_their_affinities(kind):
    S, matrix = made(kind)
    W = constraint_matrix(N, LIKE, DISLIKE, dtype="float64")
    A, B = Affinity(S, W, alpha=0.6, steps=1), np.random.default_rng(2).random((N, 3))
    given = symmetric_graph() if kind == "graph" else signed() if kind == "signed" else np.abs(signed())
    new = S.of_new(given)
    np.testing.assert_allclose(new @ B, matrix @ B, atol=1e-12)
    spread = whole(matrix, W.toarray(), 30.0, 0.6, 1) - matrix
    np.testing.assert_allclose(A.of_new(new, B), matrix @ B + 0.6 * matrix @ spread @ B, atol=1e-10)


def test_the_norm_is_at_most_one_and_a_lonely_sample_is_zero():
    for kind in KINDS:
        S, matrix = made(kind, "float32")
        assert np.abs(np.linalg.eigvalsh(matrix)).max() <= 1 + 1e-6
        product = S.dot(np.eye(N, dtype="float32"), np.empty((N, N), "float32"))
        np.testing.assert_allclose(product, matrix, atol=1e-6)
    assert (made("graph")[1][3] == 0).all()


def test_threads_give_the_same():
    S, B = symmetric_graph(), np.random.default_rng(0).random((N, 5))
    one, two = (Affinity(Graph(S, n)).dot(B, np.empty_like(B)) for n in (1, 2))
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("kind", [np.asarray, sp.csr_array])
def test_the_graph_of_the_nearest(kind):
    X = np.random.default_rng(0).random((30, 8)) * (np.random.default_rng(1).random((30, 8)) < 0.4)
    X[4] = 0
    unit = X / np.maximum(np.linalg.norm(X, axis=1, keepdims=True), 1e-12)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -1)
    expected = np.zeros((30, 30))
    for i, row in enumerate(cosines):
        for j in np.argsort(-row)[:5]:
            expected[i, j] = expected[j, i] = max(row[j], 0)
    S = nearest_graph(kind(X), 5)
    np.testing.assert_allclose(S.toarray(), expected, atol=1e-12)
    assert S.diagonal().max() == 0


def test_bad_input():
    S = symmetric_graph()
    with pytest.raises(ValueError, match="S must be symmetric"):
        Graph(sp.csr_array(np.triu(np.ones((3, 3)))))
    with pytest.raises(ValueError, match="S must be square"):
        Graph(sp.csr_array(np.ones((3, 2))))
    with pytest.raises(ValueError, match=r"finite numbers from 0 on, got -1\.0 at row 0, column 1"):
        Graph(sp.csr_array([[0.0, -1], [-1, 0]]))
    with pytest.raises(ValueError, match="F must hold finite numbers"):
        Features(np.array([[1.0, np.nan]]))
    with pytest.raises(ValueError, match="W must have shape"):
        Affinity(Graph(S), constraint_matrix(N + 1, [(0, 1)]))
    with pytest.raises(ValueError, match="alpha must be at least 0 and below 1"):
        Affinity(Graph(S), alpha=1.0)
    with pytest.raises(ValueError, match="weight must be a number from 0 on"):
        Affinity(Graph(S), weight=float("nan"))
    with pytest.raises(ValueError, match="S must have a column for each of 12 samples, got 3"):
        Graph(S).of_new(sp.csr_array(np.ones((2, 3))))
    with pytest.raises(ValueError, match="F must have 4 columns"):
        Features(signed()).of_new(np.ones((2, 3)))


def test_integers_and_duplicates_are_a_graph():
    S = sp.coo_array(([1, 1, 2], ([0, 0, 1], [1, 1, 0])), shape=(2, 2))
    np.testing.assert_allclose(Graph(S).dot(np.eye(2, dtype="float32"), np.empty((2, 2), "float32")), [[0, 1], [1, 0]])
