import itertools

import numpy as np
import pytest

from ptembed.train import ClassBalanced, Triplets, Uniform, Unigram, Weighted

LABELS = np.array([0] * 90 + [1] * 9 + [2])
PAIRS = np.array([[0, 1], [1, 2], [5, 6]])
SAMPLERS = {
    "uniform": lambda seed, **how: Uniform(50, seed, **how),
    "unigram": lambda seed, **how: Unigram(np.arange(50), seed, **how),
    "weighted": lambda seed, **how: Weighted(np.ones(50), seed, **how),
    "balanced": lambda seed, **how: ClassBalanced(LABELS, seed, **how),
}


def chi_square(counts, p):
    expected = counts.sum() * p
    return ((counts - expected) ** 2 / expected).sum()


@pytest.mark.parametrize("name", SAMPLERS)
def test_same_seed_same_ids(name):
    first, second, other = (SAMPLERS[name](seed) for seed in (7, 7, 8))
    ids = first((4, 5))
    assert ids.shape == (4, 5) and ids.dtype == "int64"
    np.testing.assert_array_equal(ids, second((4, 5)))
    assert (ids != other((4, 5))).any()
    assert (first((4, 5)) != ids).any()


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("shape", [3, (3,), (2, 3, 4), (0, 3), (3, 0)])
def test_any_shape(name, shape):
    wanted = (shape,) if isinstance(shape, int) else shape
    assert SAMPLERS[name](0)(shape).shape == wanted
    assert SAMPLERS[name](0, distinct=True)(shape).shape == wanted


@pytest.mark.parametrize("name", SAMPLERS)
def test_distinct_ids_within_a_step(name):
    ids = SAMPLERS[name](0, distinct=True)((40, 4, 4))
    assert all(len(np.unique(step)) == 16 for step in ids)
    assert len(np.unique(ids)) > 16


@pytest.mark.parametrize("name", SAMPLERS)
def test_more_distinct_ids_than_there_are(name):
    with pytest.raises(ValueError, match="more distinct ids than there are"):
        SAMPLERS[name](0, distinct=True)((1, 101))


def test_distinct_takes_only_what_has_a_weight():
    sampler = Weighted([0, 1, 0, 1, 1], seed=0, distinct=True)
    np.testing.assert_array_equal(np.sort(sampler((5, 3))), np.tile([1, 3, 4], (5, 1)))
    with pytest.raises(ValueError, match="there are, 3, got 4"):
        sampler((1, 4))


def test_distinct_draws_are_successive_draws_without_replacement():
    w = np.array([1, 2, 3.0])
    pairs = Weighted(w, seed=0, distinct=True)((20_000, 2))
    missing = np.bincount(3 - pairs.sum(axis=1), minlength=3)
    p = w / w.sum()
    left_out = np.zeros(3)
    for i, j, k in itertools.permutations(range(3)):
        left_out[k] += p[i] * p[j] / (1 - p[i])
    assert chi_square(missing, left_out) < 13.8  # 2 degrees of freedom, p = 0.001


def test_hopeless_weights_say_so():
    with pytest.raises(ValueError, match="more even weights"):
        Weighted([1, 1e-300], seed=0, distinct=True)((1, 2))


def test_uniform_is_uniform():
    counts = np.bincount(Uniform(10, seed=1)((100, 100)).ravel(), minlength=10)
    assert chi_square(counts, np.full(10, 0.1)) < 27.9  # 9 degrees of freedom, p = 0.001
    with pytest.raises(ValueError, match="at least 1"):
        Uniform(0)


def test_unigram_is_counts_to_the_power():
    counts = np.array([1, 16, 81, 0])
    np.testing.assert_allclose(Unigram(counts).table.probabilities(), np.array([1, 8, 27, 0]) / 36)
    np.testing.assert_allclose(Unigram(counts, power=0).table.probabilities(), np.array([1, 1, 1, 0]) / 3)
    with pytest.raises(ValueError, match="negative"):
        Unigram([1, -1])


def test_classes_are_balanced():
    labels = LABELS[ClassBalanced(LABELS, seed=2)((100, 100))]
    assert chi_square(np.bincount(labels.ravel()), np.full(3, 1 / 3)) < 13.8  # 2 degrees of freedom, p = 0.001
    np.testing.assert_allclose(ClassBalanced(["a", "b", "b"]).sampler.table.probabilities(), [0.5, 0.25, 0.25])
    with pytest.raises(ValueError, match="labels"):
        ClassBalanced([])


def test_triplets_are_pairs_with_a_negative():
    triples = Triplets(PAIRS, Uniform(9, seed=0), seed=0)((200, 4))
    assert triples.shape == (200, 4, 3) and triples.dtype == "int64"
    np.testing.assert_array_equal(np.unique(triples[..., :2].reshape(-1, 2), axis=0), PAIRS)
    np.testing.assert_array_equal(np.unique(triples[..., 2]), np.arange(9))
    np.testing.assert_array_equal(triples, Triplets(PAIRS, Uniform(9, seed=0), seed=0)((200, 4)))
    assert Triplets(PAIRS, Uniform(9))(5).shape == (5, 3)


@pytest.mark.parametrize(
    ("pairs", "error"),
    [(np.zeros((3, 3), int), ValueError), (np.zeros((0, 2), int), ValueError), (np.eye(2), TypeError)],
)
def test_wrong_pairs_are_refused(pairs, error):
    with pytest.raises(error, match="pairs must"):
        Triplets(pairs, Uniform(9))


def test_shape_without_steps_is_refused():
    with pytest.raises(ValueError, match="number of steps"):
        Uniform(3)(())
