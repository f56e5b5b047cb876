"""Counts are the same wherever they are counted."""

import numpy as np
import pytest

from ptembed import parallel
from ptembed.factor import counts

WORDS = 40


def texts(seed=0):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(0, 9, 300)
    return rng.integers(WORDS, size=lengths.sum()), np.concatenate([[0], np.cumsum(lengths)])


@pytest.mark.parametrize("on", ["threads", pytest.param("ray", marks=pytest.mark.slow)])
@pytest.mark.parametrize("more", [{}, {"distance": "harmonic", "side": "each", "keep": np.full(WORDS, 0.7)}])
def test_counts_are_the_same_to_the_bit(request, on, more):
    if on == "ray":
        request.getfixturevalue("ray")
    how = {"window": 3, "block": 100, "dtype": "float64"} | more
    here = counts.cooccurrences(texts(), WORDS, **how)
    there = parallel.cooccurrences(texts(), WORDS, workers=2, on=on, **how)
    assert here.nnz > WORDS and there.shape == here.shape
    for name in ("indptr", "indices", "data"):
        np.testing.assert_array_equal(getattr(there, name), getattr(here, name))


@pytest.mark.parametrize("how, error", [({"on": "mpi"}, ValueError), ({"workers": 0}, ValueError)])
def test_what_is_refused(how, error):
    with pytest.raises(error, match="must be"):
        parallel.cooccurrences(texts(), WORDS, **how)
