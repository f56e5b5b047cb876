"""The update as symbols: beside coordinate descent in a loop, its gradient numerically, under each linker."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
import scipy.sparse as sp
import twins

from ptembed.factor.nmf import nmf
from ptembed.factor.nmf_graph import HalsSweepGrad, compiled_step, hals_sweep

MODES = ["FAST_COMPILE", pytest.param("NUMBA", marks=pytest.mark.slow)]


def problem(m=6, k=4, seed=0):
    """A factor with zeros, a product, a Gram matrix, and signs of the result that no small change turns."""
    rng = np.random.default_rng(seed)
    H = rng.random((9, k))
    return rng.random((m, k)) * (rng.random((m, k)) < 0.7), 3 * rng.random((m, k)), H.T @ H


@pytest.fixture(scope="module", params=MODES)
def sweep(request):
    """A sweep and the gradients of a loss of it."""
    F, P, G, C, l1 = *pt.dmatrices("F", "P", "G", "C"), pt.dscalar("l1")
    W = hals_sweep(F, P, G, l1)
    return pytensor.function([F, P, G, l1, C], [W, *pt.grad((C * W).sum(), [F, P, G, l1])], mode=request.param)


def test_a_sweep_is_coordinate_descent(sweep):
    F, P, G = problem()
    W = sweep(F, P, G, 0.2, np.ones_like(F))[0]
    np.testing.assert_allclose(W, twins.coordinate_descent(F, P, G, 0.2))
    assert 0 < (W == 0).mean() < 1


def test_the_gradient_numerically(sweep):
    F, P, G = problem()
    C = np.random.default_rng(1).standard_normal(F.shape)
    gradients = sweep(F, P, G, 0.2, C)[1:]
    given = [F, P, G, np.array(0.2)]
    for place, gradient in enumerate(gradients):
        for at in np.ndindex(gradient.shape):
            sides = []
            for step in (1e-6, -1e-6):
                moved = [v.copy() for v in given]
                moved[place][at] += step
                sides.append((C * twins.coordinate_descent(*moved)).sum())
            assert gradient[at] == pytest.approx((sides[0] - sides[1]) / 2e-6, abs=1e-5)


def test_components_that_are_dead_stay_as_they_are(sweep):
    F, P, G = problem()
    G[1], G[:, 1] = 0, 0
    W, by_F, *_ = sweep(F, P, G, 0.0, np.ones_like(F))
    np.testing.assert_array_equal(W[:, 1], F[:, 1])
    np.testing.assert_array_equal(by_F[:, 1], 1)


def test_shapes_must_fit(sweep):
    F, P, G = problem()
    with pytest.raises(ValueError, match="F and P must have the same shape"):
        sweep(F, P[:2], G, 0.0, F)


@pytest.mark.parametrize("kind", [sp.csr_array, sp.csc_array])
def test_an_iteration_is_that_of_the_loop(kind):
    X = sp.random_array((20, 15), density=0.4, format="csr", rng=np.random.default_rng(0))
    start = np.random.default_rng(1).random((20, 3)), np.random.default_rng(2).random((15, 3))
    W, H = (pytensor.shared(F.copy()) for F in start)
    step = compiled_step(kind(X), W, H, l1=(0.1, 0.2), mode="FAST_COMPILE")
    objectives = [float(step()) for _ in range(3)]
    expected = nmf(X, 3, start=start, l1=(0.1, 0.2), max_iter=3, tol=0, sweeps=1, extrapolate=False)
    np.testing.assert_allclose(objectives, expected.objectives)
    np.testing.assert_allclose(W.get_value(), expected.W, atol=1e-10)


def test_kinds_and_the_shape_is_inferred():
    with pytest.raises(TypeError, match="G must be a matrix of floats"):
        hals_sweep(np.ones((2, 2)), np.ones((2, 2)), np.ones((2, 2), int))
    F = pt.dmatrix()
    shape = pytensor.function([F], hals_sweep(F, F, np.eye(3)).shape, mode=pytensor.compile.mode.Mode("py", "fast_run"))
    assert not any(isinstance(node.op, HalsSweepGrad) for node in shape.maker.fgraph.apply_nodes)
    assert shape(np.ones((4, 3))).tolist() == [4, 3]
