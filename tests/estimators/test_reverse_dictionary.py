"""The reverse dictionary: it finds the words, ranks as its formula does, goes on learning, and refuses bad input."""

import pickle

import numpy as np
import pytensor
import pytest
import scipy.sparse as sp
from sklearn.base import clone

from ptembed.estimators import ReverseDictionary

WORDS = np.array([f"word{i}" for i in range(60)])


@pytest.fixture(scope="module", autouse=True)
def one_by_one():
    """Op by Op: what is compiled is not the subject here."""
    with pytensor.config.change_flags(mode="FAST_COMPILE"):
        yield


def data(m=120, seed=0):
    """Texts of four tokens, three of which are those of the word; each second text has its neighbour as a synonym."""
    rng = np.random.default_rng(seed)
    y = np.arange(m) % 60
    X = [[f"t{i}", f"t{(i + 1) % 60}", f"u{i % 7}", f"u{rng.integers(7)}"] for i in y]
    return X, [[WORDS[i], WORDS[(i + 1) % 60]] if i % 2 else WORDS[i] for i in y]


X, y = data()
SMALL = {"n_components": 20, "margin": 5.0, "sharpness": 1.0, "batch_size": 20, "random_state": 0}


@pytest.fixture(scope="module")
def fitted():
    return ReverseDictionary(**SMALL, max_iter=20).fit(X, y)


def test_finds_the_words(fitted):
    other, words = data(60, seed=1)
    assert fitted.score(X, y) > 0.9
    assert fitted.score(other, words) > 0.8
    assert fitted.score(other, words, k=5) >= fitted.score(other, words)
    assert fitted.score([["t0"]], ["no such word"], k=60) == 0
    assert fitted.predict(other).shape == (60,)


def test_ranks_by_the_formula(fitted):
    texts = [X[3], ["t5", "unknown", "t5", "u1"], ["unknown"]]
    rows = [[fitted.vocabulary_[token] for token in text if token in fitted.vocabulary_] for text in texts]
    h = np.array([fitted.embedding_[row].mean(axis=0) if row else np.zeros(20) for row in rows])
    o = h @ fitted.layer_.to_dense()[0].T
    words, scores = fitted.top(texts, 4)
    order = np.argsort(-o[:2], axis=1)[:, :4]
    np.testing.assert_array_equal(words[:2], fitted.classes_[order])
    np.testing.assert_allclose(scores[:2], np.take_along_axis(o[:2], order, 1), rtol=1e-4)
    assert (scores[2] == 0).all()
    assert fitted.top([], 4)[0].shape == (0, 4)


def test_goes_on_learning_and_is_pickled():
    model = ReverseDictionary(**SMALL)
    losses = [model.partial_fit(X, y, WORDS if not i else None).loss_ for i in range(4)]
    assert losses == sorted(losses, reverse=True)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.top(X, 3)[1], model.top(X, 3)[1])
    assert copy.partial_fit(X, y).loss_ < losses[0]
    before = model.layer_.to_dense()[0]
    assert (copy.layer_.to_dense()[0] != before).any()
    np.testing.assert_array_equal(model.layer_.to_dense()[0], before)


@pytest.mark.parametrize("loss", ["squared_error", "spherical_softmax", "taylor_softmax"])
def test_other_losses_learn(loss):
    model = ReverseDictionary(**SMALL | {"loss": loss, "margin": 3.0}, learning_rate=0.5, max_iter=1).fit(X, y)
    first = model.loss_
    for _ in range(5):
        model.partial_fit(X, y)
    assert model.loss_ < first


def test_a_matrix_is_as_good_as_tokens(fitted):
    rows = [[fitted.vocabulary_[token] for token in text] for text in X]
    offsets = np.cumsum([0, *map(len, rows)])
    matrix = sp.csr_matrix((np.ones(offsets[-1]), np.concatenate(rows), offsets), (len(X), len(fitted.vocabulary_)))
    again, fitted = (clone(fitted).set_params(max_iter=1).fit(texts, y) for texts in (matrix, X))
    assert again.vocabulary_ is None
    np.testing.assert_allclose(again.top(matrix, 2)[1], fitted.top(X, 2)[1], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ReverseDictionary(0).fit(X, y), ValueError, "n_components must be at least 1"),
        (lambda: ReverseDictionary(100).fit(X, y), ValueError, "as many words as n_components at least, 100, got 60"),
        (lambda: ReverseDictionary(5, loss="softmax").fit(X, y), ValueError, "loss must be one of"),
        (lambda: ReverseDictionary(5, learning_rate=0).fit(X, y), ValueError, "learning_rate must be positive"),
        (lambda: ReverseDictionary(5).fit(X, y[:9]), ValueError, "for each of 120 texts, got 9"),
        (lambda: ReverseDictionary(5).fit(["a text"] * 120, y), TypeError, "each a list of tokens"),
        (lambda: ReverseDictionary(5).partial_fit(X, y), ValueError, "classes must be given in the first call"),
        (lambda: ReverseDictionary(5).partial_fit(X, y, WORDS[:9]), ValueError, "given first, got .*word9"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
