"""Affinities with pairs as symbols, beside the n x n matrix that they stand for."""

import numpy as np
import pytensor
import pytensor.sparse
import pytensor.tensor as pt
import pytest
import scipy.sparse as sp
from pytensor.gradient import verify_grad

from ptembed.factor.affinity import Graph
from ptembed.factor.constrained import constrained
from ptembed.factor.propagation import Affinity
from ptembed.graphs.pairwise import pairwise_affinity, pairwise_loss

N, K = 7, 3
LIKE, DISLIKE = np.array([[0, 2], [1, 4], [0, 2]]), np.array([[3, 5], [6, 0]])
A_LIKE, A_DISLIKE = np.array([1.0, 0.5, 2.0]), np.array([3.0, 0.25])
PLAIN = pytensor.compile.mode.Mode("py", None)
KINDS = [("csr", PLAIN), ("csc", PLAIN), ("features", PLAIN), pytest.param("csr", "NUMBA", marks=pytest.mark.slow)]


def dense(S, alpha=0.0, steps=0):
    """S + T W T by loops and powers."""
    W, T = np.zeros((N, N)), np.eye(N)
    for pairs, weights, sign in ((LIKE, A_LIKE, 1), (DISLIKE, A_DISLIKE, -1)):
        for (i, j), w in zip(pairs, weights, strict=True):
            W[i, j] += sign * w
            W[j, i] += sign * w
    for _ in range(steps):
        T = alpha * S @ T + (1 - alpha) * np.eye(N)
    return S + T @ W @ T


def given(kind, rng):
    F = rng.random((N, 4)) - 0.3
    if kind == "features":
        return F, F @ F.T
    S = sp.random_array((N, N), density=0.4, rng=rng).toarray()
    S = S + S.T
    return sp.csr_array(S) if kind == "csr" else sp.csc_array(S), S


@pytest.mark.parametrize(("kind", "mode"), KINDS)
def test_products_and_the_loss_are_those_of_the_matrix(kind, mode):
    rng = np.random.default_rng(0)
    S, matrix = given(kind, rng)
    s = pt.dmatrix() if kind == "features" else pytensor.sparse.matrix(kind, dtype="float64")
    B, C = rng.random((N, K)), rng.random((K, K))
    for alpha, steps in ((0.0, 0), (0.7, 2)):
        A = pairwise_affinity(s, LIKE, DISLIKE, A_LIKE, A_DISLIKE, alpha, steps)
        product, loss = pytensor.function([s], [A.dot(pt.as_tensor(B)), pairwise_loss(A, B, C + C.T)], mode=mode)(S)
        expected = dense(matrix, alpha, steps)
        np.testing.assert_allclose(product, expected @ B)
        fitted = 0.5 * ((expected - B @ (C + C.T) @ B.T) ** 2).sum() - 0.5 * (expected**2).sum()
        np.testing.assert_allclose(loss, fitted)


def test_gradients_numerically():
    rng = np.random.default_rng(1)
    S, F = given("csr", rng)[0], given("features", rng)[0]
    U, C = rng.random((N, K)), rng.random((K, K))

    def of_graph(data, a, b, U, C):
        s = pytensor.sparse.CSR(data, S.indices, S.indptr, np.array(S.shape, "int32"))
        return pairwise_loss(pairwise_affinity(s, LIKE, DISLIKE, a, b, 0.5, 1), U, C)

    def of_features(F, a, b, U, C):
        return pairwise_loss(pairwise_affinity(F, LIKE, DISLIKE, a, b, 0.5, 1), U, C)

    verify_grad(of_graph, [S.data, A_LIKE, A_DISLIKE, U, C], rng=rng, mode=PLAIN)
    verify_grad(of_features, [F, A_LIKE, A_DISLIKE, U, C], rng=rng, mode=PLAIN)


def test_nothing_has_n_by_n_numbers():
    n = 50
    F, U = pt.tensor(shape=(n, 3)), pt.tensor(shape=(n, 2))
    loss = pairwise_loss(pairwise_affinity(F, LIKE, DISLIKE, steps=2, alpha=0.5), U)
    step = pytensor.function([F, U], [loss, *pt.grad(loss, [F, U])], mode=pytensor.compile.mode.Mode("py", "fast_run"))
    shapes = [v.type.shape for node in step.maker.fgraph.apply_nodes for v in node.outputs if hasattr(v.type, "shape")]
    assert (n, 2) in shapes and (n, n) not in shapes


def test_descent_by_the_gradient_reaches_what_coordinate_descent_does():
    S = given("csr", np.random.default_rng(2))[0]
    graph = Graph(S)
    found = constrained(Affinity(graph), 2, max_iter=500, tol=1e-12)
    A = pairwise_affinity(pytensor.shared(graph.rows.X), np.zeros((0, 2), int), np.zeros((0, 2), int))
    loss = pairwise_loss(A, pt.as_tensor(found.U)).eval(mode=PLAIN)
    np.testing.assert_allclose(loss, found.objectives[-1])


def test_bad_input():
    with pytest.raises(TypeError, match="like must be a matrix of integers"):
        pairwise_affinity(pt.dmatrix(), [[0.5, 1.0]], DISLIKE)
    with pytest.raises(TypeError, match="S must be a matrix of floats"):
        pairwise_affinity(pt.lmatrix(), LIKE, DISLIKE)
    with pytest.raises(ValueError, match="alpha must be at least 0"):
        pairwise_affinity(pt.dmatrix(), LIKE, DISLIKE, alpha=1.0)
