"""Binomial numbers of one trial: those of NumPy, whose stream goes on as after them."""

import numpy as np
import pytest

from ptembed.theano.tensor.bernoulli import FEW, binomial

many = (7, 5, 43)
rng = np.random.default_rng(0)
PROBABILITIES = {
    "one": 0.3,
    "high": 0.7,
    "half": np.float32(0.5),
    "each": rng.random(many),
    "last axis": rng.random(43).astype("float32"),
    "near the ends": np.where(rng.random(many) < 0.5, 1e-17, 1 - 2**-53),
}


@pytest.mark.parametrize("name", PROBABILITIES)
def test_the_numbers_and_the_stream_are_those_of_numpy(name):
    ours, numpys = np.random.RandomState(3), np.random.RandomState(3)
    for _ in range(20):
        got = binomial(ours, np.asarray(1), PROBABILITIES[name], many)
        assert got.dtype == bool
        np.testing.assert_array_equal(got, numpys.binomial(1, PROBABILITIES[name], many))
    assert ours.random_sample() == numpys.random_sample()


@pytest.mark.parametrize(
    ("n", "p", "size"),
    [
        (3, 0.2, many),
        (1, 0.2, None),
        (1, 0.2, (2, 2)),
        (np.ones(43, int), 0.2, many),
        (1, np.resize([0.0, 0.4, 1.0], 43), many),
        (1, rng.random((5, 1)), many),
        (1, rng.random((300, 2)), None),
    ],
)
def test_other_numbers_are_drawn_by_numpy(n, p, size):
    ours, numpys = np.random.RandomState(3), np.random.RandomState(3)
    np.testing.assert_array_equal(binomial(ours, n, p, size), numpys.binomial(n, p, size))
    assert ours.random_sample() == numpys.random_sample()


@pytest.mark.parametrize(
    ("n", "p", "size"),
    [
        (1, 1.5, many),
        (1, -0.1, many),
        (1, np.nan, many),
        (-1, 0.5, many),
        (1, np.full((7, 5, 42), 0.5), many),
        (1, np.full((2, FEW), 0.5), (FEW,)),
    ],
)
def test_bad_arguments_are_refused_and_nothing_is_drawn(n, p, size):
    ours = np.random.RandomState(3)
    with pytest.raises(ValueError):
        binomial(ours, n, p, size)
    assert ours.random_sample() == np.random.RandomState(3).random_sample()
