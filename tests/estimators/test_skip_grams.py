"""Word vectors by gradient steps: the pairs, a step against NumPy, what is learnt, and going on."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer

from ptembed.estimators import WordVectors

OBJECTIVES = ("skip-gram", "triplet")
FAST = {"min_count": 1, "subsample": None, "learning_rate": 0.1, "random_state": 0, "batch_size": 8, "negatives": 3}


def texts(m=300, seed=0):
    """Texts of three topics of ten words each."""
    rng = np.random.default_rng(seed)
    return [[f"{name}{i}" for i in rng.integers(0, 10, 8)] for name in rng.choice(["apple", "banana", "cherry"], m)]


@pytest.fixture(scope="module", params=OBJECTIVES)
def fitted(request):
    return WordVectors(8, objective=request.param, max_iter=15, **FAST).fit(texts())


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def slow_step(W, C, pairs, negatives, rate):
    """One minibatch, pair by pair: the new matrices and the loss."""
    new_W, new_C, loss = W.copy(), (W if C is W else C).copy(), 0.0
    new_C = new_W if C is W else new_C
    for (word, context), drawn in zip(pairs, negatives, strict=True):
        for other, label in [(context, 1), *((n, 0) for n in drawn)]:
            score = W[word] @ C[other]
            loss -= np.log(sigmoid(score if label else -score))
            error = sigmoid(score) - label
            new_W[word] -= rate * error * C[other]
            new_C[other] -= rate * error * W[word]
    return new_W, new_C, loss


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_step_is_that_of_the_formula(objective):
    model = WordVectors(4, objective=objective, dtype="float64", **FAST)
    model._start([[f"w{i}" for i in range(6)]])
    rng = np.random.default_rng(1)
    model.vectors_ = rng.normal(size=(6, 4))
    model.contexts_ = rng.normal(size=(6, 4)) if objective == "skip-gram" else None
    W, C = model.vectors_, model.contexts_ if model.contexts_ is not None else model.vectors_
    pairs, negatives = rng.integers(0, 6, (8, 2)), rng.integers(0, 6, (8, 3))
    expected_W, expected_C, expected = slow_step(W, C, pairs, negatives, 0.1)
    made = model._compile()
    loss = made.steps(pairs, lambda shape: negatives.reshape(shape), 0.1)
    got_W, got_C = made.values()
    assert_allclose(loss, expected)
    assert_allclose(got_W, expected_W)
    if objective == "skip-gram":
        assert_allclose(got_C, expected_C)
    else:
        assert got_C is None


def test_pairs_are_those_within_the_windows():
    model = WordVectors(4, window=3, **FAST)
    model._rng = np.random.default_rng(0)
    tokens, offsets = np.array([0, 1, 2, 3, 4, 5, 6]), np.array([0, 4, 4, 7])
    counts = {}
    for _ in range(600):
        for pair in model._pairs(tokens, offsets, None).tolist():
            counts[tuple(pair)] = counts.get(tuple(pair), 0) + 1
    distance = {pair: abs(pair[0] - pair[1]) for pair in counts}
    together = {(i, j) for part in (range(4), range(4, 7)) for i in part for j in part if i != j}
    assert set(counts) == together
    for pair, count in counts.items():
        assert abs(count / 600 - {1: 1, 2: 2 / 3, 3: 1 / 3}[distance[pair]]) < 0.09


def test_rare_words_are_kept_and_frequent_ones_thinned():
    model = WordVectors(4, window=1, **FAST)
    model._rng = np.random.default_rng(0)
    tokens = np.tile([0, 1], 5000)
    pairs = model._pairs(tokens, np.array([0, 10000]), np.array([0.1, 1.0]))
    assert 1 in pairs and abs((pairs[:, 0] == 1).mean() - 10 / 11) < 0.02


def test_words_of_one_topic_are_near(fitted):
    for word in ("apple0", "banana3", "cherry9"):
        found = fitted.most_similar(word, 9)
        assert {near[:5] for near, _ in found} == {word[:5]} and word not in dict(found)
        assert [c for _, c in found] == sorted((c for _, c in found), reverse=True)
    assert fitted.similarity("apple1", "apple2") > fitted.similarity("apple1", "cherry2") + 0.3
    assert fitted.losses_[-1] < fitted.losses_[0]
    assert fitted.n_iter_ == len(fitted.losses_) == 15
    assert fitted.vectors_.dtype == "float32"


def test_analogies_leave_out_what_was_asked(fitted):
    found = fitted.analogy("apple0", "apple1", "banana0", k=3)
    assert len(found) == 3
    assert not {"apple0", "apple1", "banana0"} & dict(found).keys()
    vectors = fitted.vectors_ / np.linalg.norm(fitted.vectors_, axis=1, keepdims=True)
    a, b, c = (vectors[fitted.vocabulary_[word]] for word in ("apple0", "apple1", "banana0"))
    scores = dict(zip(fitted.words_, vectors @ (b - a + c) / np.linalg.norm(b - a + c), strict=True))
    assert_allclose(
        found[0][1], max(s for w, s in scores.items() if w not in ("apple0", "apple1", "banana0")), rtol=1e-5
    )


def test_unseen_words_are_averages_of_parts(fitted):
    unseen = fitted.vector("apple77")
    assert unseen.shape == (8,)
    assert fitted.similarity("apple77", "apple3") > fitted.similarity("apple77", "cherry3")
    with pytest.raises(KeyError, match="'xyz' must be in the vocabulary of 30 words"):
        fitted.vector("xyz")


def test_texts_are_averages(fitted):
    vectors = fitted.transform([["apple1", "apple2"], ["unknown"]])
    assert vectors.shape == (2, 8)
    assert_array_equal(vectors[1], 0)
    rarity = np.log(1 + fitted.counts_.sum() / fitted.counts_)
    rows = [fitted.vocabulary_[word] for word in ("apple1", "apple2")]
    assert_allclose(vectors[0], np.average(fitted.vectors_[rows], axis=0, weights=rarity[rows]), rtol=1e-4)
    named = make_pipeline(fitted, Normalizer()).transform([["apple1"]])
    assert_allclose(np.linalg.norm(named), 1, rtol=1e-5)
    assert fitted.get_feature_names_out()[-1] == "wordvectors7"


def test_the_same_seed_gives_the_same_vectors():
    one, two = (WordVectors(4, max_iter=2, **FAST).fit(texts(40)) for _ in range(2))
    assert_array_equal(one.vectors_, two.vectors_)


def test_going_on():
    model = WordVectors(4, max_iter=1, warm_start=True, **FAST).fit(texts(40))
    words, first = model.words_, model.vectors_.copy()
    model.fit(texts(40))
    assert model.n_iter_ == len(model.losses_) == 2
    model = pickle.loads(pickle.dumps(model)).partial_fit([*texts(40, seed=1), ["new"]])
    assert model.words_ == words and model.n_iter_ == 3
    assert (model.vectors_ != first).any()
    assert clone(model).get_params() == model.get_params()


def test_a_callback_stops_training():
    seen = []
    model = WordVectors(4, max_iter=9, callback=lambda *told: seen.append(told) or len(seen) == 2, **FAST)
    assert model.fit(texts(40)).n_iter_ == 2
    assert [epoch for epoch, *_ in seen] == [1, 2]
    assert [loss for _, loss, _ in seen] == model.losses_
    assert 0 < seen[0][2] < seen[1][2]


@pytest.mark.parametrize(
    ("data", "options", "error", "match"),
    [
        (iter([["a", "b"]]), {}, TypeError, "read again in each epoch"),
        ("a b", {}, TypeError, "read again in each epoch"),
        (["a b"], {}, TypeError, "a text must be a list of words"),
        ([["a", "b"]], {"min_count": 9}, ValueError, "none that occurs 9 times"),
        ([["a", "b"]], {"objective": "glove"}, ValueError, "objective must be one of"),
        ([["a", "b"]], {"window": 0}, ValueError, "window must be at least 1"),
        ([["a", "b"]], {"learning_rate": 0}, ValueError, "learning_rate must be positive"),
    ],
)
def test_bad_input(data, options, error, match):
    with pytest.raises(error, match=match):
        WordVectors(4, **(FAST | options)).fit(data)
