"""Pairs as a matrix beside a loop over them; what contradicts itself is named."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptembed.factor.constraints import constraint_matrix, pairs_of_labels

PAIR = st.tuples(st.integers(0, 5), st.integers(6, 11))


def dense(n, like, dislike, a, b):
    W = np.zeros((n, n))
    for pairs, weights in ((like, a), (dislike, [-w for w in b])):
        for (i, j), w in zip(pairs, weights, strict=True):
            W[i, j] += w
            W[j, i] += w
    return W


@given(st.lists(PAIR), st.lists(PAIR))
def test_is_the_loop_over_pairs(like, dislike):
    dislike = [(j, i) for i, j in dislike if (i, j) not in like]
    a, b = np.arange(1.0, len(like) + 1), np.arange(2.0, len(dislike) + 2)
    W = constraint_matrix(12, like, dislike, a, b, balanced=False, dtype="float64")
    assert W.has_canonical_format
    np.testing.assert_allclose(W.toarray(), dense(12, like, dislike, a, b))


def test_both_kinds_have_the_same_sum():
    W = constraint_matrix(5, [(0, 1)], [(0, 2), (1, 3), (3, 4)]).toarray()
    assert W[0, 1] == 2 and W[0, 2] == pytest.approx(-2 / 3)
    assert np.abs(W).sum() == pytest.approx(8) and W.sum() == pytest.approx(0, abs=1e-6)
    np.testing.assert_array_equal(constraint_matrix(5, [(0, 1)]).toarray(), dense(5, [(0, 1)], [], [1], []))
    assert constraint_matrix(3).nnz == 0


def test_contradictions_are_named():
    with pytest.raises(ValueError, match=r"both liked and disliked, got \(4, 3\) in like and in dislike: remove one"):
        constraint_matrix(5, [(0, 1), (3, 4)], [(0, 2), (4, 3)])
    chain = [(0, 1), (1, 2), (3, 4)]
    assert constraint_matrix(5, chain, [(0, 2)]).nnz == 8
    assert constraint_matrix(5, chain, [(0, 3)], transitive=True).nnz == 8
    with pytest.raises(ValueError, match=r"must not be connected by likes, got \(2, 0\)"):
        constraint_matrix(5, chain, [(0, 3), (2, 0)], transitive=True)


@pytest.mark.parametrize(
    ("error", "message", "arguments"),
    [
        (TypeError, "like must be pairs of integers, got float64", {"like": [(0.0, 1.0)]}),
        (ValueError, r"like must have shape \(pairs, 2\), got \(1, 3\)", {"like": [(0, 1, 2)]}),
        (ValueError, r"dislike must hold numbers from 0 to 4, got the pair \(1, 5\)", {"dislike": [(0, 1), (1, 5)]}),
        (ValueError, r"numbers from 0 to 4, got the pair \(-1, 2\)", {"like": [(-1, 2)]}),
        (ValueError, r"like must be pairs of two different samples, got \(3, 3\)", {"like": [(3, 3)]}),
        (ValueError, "like_weights must be positive and finite, got nan at 0", {"like_weights": [np.nan]}),
        (ValueError, "like_weights must be positive and finite, got -1.0 at 0", {"like_weights": [-1]}),
        (ValueError, "like_weights must be 1 numbers", {"like_weights": [1.0, 2.0]}),
    ],
)
def test_bad_pairs(error, message, arguments):
    with pytest.raises(error, match=message):
        constraint_matrix(5, **{"like": [(0, 1)], **arguments})


def test_pairs_of_labels():
    y = np.array([0, 1, -1, 1, 0, 2, -1, 0])
    like, dislike = pairs_of_labels(y, 1000)
    assert sorted(like.tolist()) == [[0, 4], [0, 7], [1, 3], [4, 7]]
    known = [i for i in range(8) if y[i] >= 0]
    assert sorted(map(tuple, dislike)) == [(i, j) for i in known for j in known if i < j and y[i] != y[j]]
    large = np.random.default_rng(0).integers(0, 4, 2000)
    like, dislike = pairs_of_labels(large, 500, seed=3)
    assert len(like) == len(dislike) == len(set(map(tuple, like))) == 500
    assert (large[like[:, 0]] == large[like[:, 1]]).all() and (large[dislike[:, 0]] != large[dislike[:, 1]]).all()
    np.testing.assert_array_equal(pairs_of_labels(large, 500, seed=3)[0], like)
    assert pairs_of_labels([0, 1, 2], 5)[0].shape == (0, 2)
    with pytest.raises(ValueError, match="at least two labels"):
        pairs_of_labels([-1, 3], 5)
