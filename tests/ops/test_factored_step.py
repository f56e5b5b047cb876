"""The kernels of a factored step against each other: a single example, and m around 0.8 d."""

import numpy as np
import pytest

from ptembed.ops import factored_inverse, factored_minibatch
from ptembed.ops.factored_balance import WAIT
from ptembed.ops.factored_minibatch import step
from ptembed.ops.factored_single import REFUSED, single

D, d, K = 40, 6, 3
rng = np.random.default_rng(0)


def factors():
    U, omega = np.eye(d) + 0.1 * rng.normal(size=(d, d)), rng.normal(size=d)
    V = rng.normal(size=(D, d))
    W = V @ U + omega
    return [V, U.T.copy(), np.linalg.inv(U), W.T @ W, omega, W.sum(axis=0)]


def an_example(state, m, eta, decay=0.99, rate=0.3):
    V, UT, _, Q, _, w_bar = state
    H, gA, gq, gs = rng.normal(size=(m, d)), rng.normal(size=(m, K)), np.full(m, rate), rng.normal(size=m) / 100
    where, part = np.array([rng.choice(5, K, replace=False) for _ in range(m)]), V[:5].copy()
    return where, part, H, H @ Q, H @ UT, H @ w_bar, gA, gq, gs, np.array(eta), np.array(decay)


def copies(arrays):
    return [x.copy() for x in arrays]


def assert_same(one, two, state, other):
    for got, expected in zip([*one[:3], *state], [*two[:3], *other], strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-12)


def test_a_single_example_is_as_by_the_general_kernel():
    state = factors()
    example, other = an_example(state, 1, 0.05), copies(state)
    one, two = single(*state, *example), step(*other, *example)
    assert_same(one, two, state, other)
    np.testing.assert_allclose(one[-1][1], two[-1][1])  # by how much U has shrunk
    assert 0 < one[-1][1] < WAIT


def test_a_single_example_that_makes_P_singular_is_left_to_the_general_kernel():
    state = factors()
    example = an_example(state, 1, 0.5, decay=1.0, rate=1.0)
    example[2][:] /= np.linalg.norm(example[2])
    before = copies(state)
    assert single(*state, *example)[-1][0] == REFUSED
    for x, was in zip(state, before, strict=True):
        np.testing.assert_array_equal(x, was)


def test_a_single_example_that_is_not_finite_writes_nothing():
    state = factors()
    example, before = an_example(state, 1, 0.05), copies(state)
    example[2][0, 2] = np.nan
    with pytest.raises(FloatingPointError, match="nothing was written"):
        single(*state, *example)
    for x, was in zip(state, before, strict=True):
        np.testing.assert_array_equal(x, was)


@pytest.mark.parametrize("m", [2, 5, 14])
@pytest.mark.parametrize("rate", [0.3, -0.3])
def test_matrices_of_size_d_are_as_those_of_size_m(m, rate, monkeypatch):
    """Of positive and of mixed S: by Cholesky's and by Gauss's factors."""
    state = factors()
    example = an_example(state, m, 0.02)
    example[7][::2] = rate
    results = []
    for many in (False, True):
        for module in (factored_minibatch, factored_inverse):
            monkeypatch.setattr(module, "many", lambda H, many=many: many)
        mine = copies(state)
        results.append((step(*mine, *copies(example)), mine))
    (one, state), (two, other) = results
    assert_same(one, two, state, other)


def test_which_is_chosen():
    assert not factored_inverse.many(np.empty((240, 300)))
    assert factored_inverse.many(np.empty((241, 300)))
