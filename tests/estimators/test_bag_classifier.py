"""The classifier of texts: it learns, says what it learnt, goes on learning, and refuses what does not fit."""

import pickle

import numpy as np
import pytensor
import pytest
import scipy.sparse as sp
import twins
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from ptembed.estimators import BagClassifier, texts

WORDS = np.array([f"w{i}" for i in range(30)])


def data(m=300, seed=0):
    """Texts of three classes, each with ten words of its own and one word of any."""
    rng = np.random.default_rng(seed)
    y = rng.choice(3, m, p=[0.6, 0.3, 0.1])
    X = [list(WORDS[np.append(10 * k + rng.integers(0, 10, rng.integers(1, 5)), rng.integers(30))]) for k in y]
    return X, np.array(["one", "two", "three"])[y]


def matrix(X):
    rows = [[int(word[1:]) for word in text] for text in X]
    offsets = np.cumsum([0, *map(len, rows)])
    return sp.csr_matrix((np.ones(offsets[-1]), np.concatenate(rows), offsets), shape=(len(X), 30))


X, y = data()


@pytest.fixture
def uncompiled():
    """A step costs more and its compilation little; for one thread at a time."""
    with pytensor.config.change_flags(mode="FAST_COMPILE", linker="py"):
        yield


@pytest.fixture(scope="module")
def fitted():
    return BagClassifier(n_components=5, learning_rate=0.1, max_iter=15, random_state=0).fit(X, y)


def test_learns(fitted):
    other, labels = data(seed=1)
    assert fitted.score(X, y) > 0.95
    assert fitted.score(other, labels) > 0.85
    assert fitted.classes_.tolist() == ["one", "three", "two"]
    assert fitted.embedding_.dtype == fitted.predict_proba(X).dtype == "float32"
    assert (fitted.mask_ != 1).any() and fitted.n_features_in_ == len(fitted.vocabulary_) == 30


def test_probabilities_are_those_of_the_formula(fitted):
    texts = [X[0], ["w3", "unknown", "w29", "w3"], [], ["unknown"]]
    rows = [[fitted.vocabulary_[w] for w in text if w in fitted.vocabulary_] for text in texts]
    offsets, ids = np.cumsum([0, *map(len, rows)]), np.concatenate(rows).astype(int)
    E = fitted.embedding_[ids] * fitted.mask_[ids]
    z = np.exp(twins.pooled(E, offsets) @ fitted.coef_ + fitted.intercept_)
    np.testing.assert_allclose(fitted.predict_proba(texts), z / z.sum(axis=1, keepdims=True), rtol=1e-4)
    assert fitted.predict_proba([]).shape == (0, 3)


def test_a_matrix_is_as_good_as_tokens():
    model = BagClassifier(n_components=5, learning_rate=0.1, max_iter=15, random_state=0)
    for kind in (sp.csr_matrix, sp.csc_array):
        assert model.fit(kind(matrix(X)), y).score(matrix(X), y) > 0.95
        assert model.vocabulary_ is None


def test_the_same_seed_gives_the_same_model(fitted):
    again = clone(fitted).fit(X, y)
    np.testing.assert_allclose(again.embedding_, fitted.embedding_, rtol=1e-5)


def test_goes_on_learning_and_is_pickled():
    model = BagClassifier(n_components=5, learning_rate=0.1, random_state=0)
    losses = [model.partial_fit(X[:200], y[:200], classes=["one", "two", "three"]).loss_ for _ in range(4)]
    assert losses == sorted(losses, reverse=True)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict_proba(X), model.predict_proba(X))
    assert copy.partial_fit(X, y).loss_ < losses[0]


def test_a_class_that_comes_later():
    model = BagClassifier(n_components=5, learning_rate=0.1, random_state=0)
    only = [i for i, label in enumerate(y) if label != "three"]
    model.partial_fit([X[i] for i in only], y[only], classes=["one", "two", "three"])
    for _ in range(10):
        model.partial_fit(X, y)
    assert "three" in model.predict(X)


def test_a_memory_helps_where_the_text_says_nothing():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 200)
    silent = [["same"]] * 200
    entries = np.stack([np.arange(200), np.zeros(200, int), 200 + labels], axis=1)
    memory = entries, np.arange(201)
    model = BagClassifier(n_components=4, mask=False, learning_rate=0.2, max_iter=10, random_state=0).fit(
        silent, labels, memory
    )
    assert (model.predict(silent, memory) == labels).all()
    assert model.entities_.shape == (202, 4) and model.relations_.shape == (1, 4)
    with pytest.raises(ValueError, match="a memory must be given to all calls or to none"):
        model.predict(silent)
    with pytest.raises(ValueError, match=r"entries must lie in \[0, 202\)"):
        model.predict(silent, (entries + 5, memory[1]))


@pytest.mark.usefixtures("uncompiled")
def test_in_a_pipeline_and_a_search():
    from sklearn.feature_extraction.text import CountVectorizer

    lines = [" ".join(text) for text in X]
    model = make_pipeline(CountVectorizer(), BagClassifier(5, learning_rate=0.1, random_state=0))
    search = GridSearchCV(model, {"bagclassifier__max_iter": [1, 15]}, cv=2).fit(lines, y)
    assert search.best_params_ == {"bagclassifier__max_iter": 15} and search.score(lines, y) > 0.8
    search = GridSearchCV(BagClassifier(5, random_state=0), {"learning_rate": [1e-6, 0.2]}, cv=2).fit(X, y)
    assert search.best_params_ == {"learning_rate": 0.2}


@pytest.mark.usefixtures("uncompiled")
def test_dense_matrices_are_converted_and_weights_given_by_label():
    of_three = []
    for class_weight in (None, {"three": 50.0}):
        model = BagClassifier(n_components=5, class_weight=class_weight, max_iter=2, random_state=0)
        with pytest.warns(UserWarning, match="X should be sparse, got a dense one"):
            model.fit(matrix(X).toarray(), y)
        of_three.append(model.predict_proba(matrix(X))[:, 1].mean())
    assert of_three[0] < 0.25 and of_three[1] > 2 * of_three[0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: BagClassifier(n_components=0).fit(X, y), ValueError, "n_components must be at least 1"),
        (lambda: BagClassifier(optimizer="newton").fit(X, y), ValueError, "optimizer must be one of"),
        (lambda: BagClassifier(class_weight="?").fit(X, y), ValueError, "class_weight must be one of"),
        (lambda: BagClassifier(learning_rate=0).fit(X, y), ValueError, "learning_rate must be positive"),
        (lambda: BagClassifier().fit(X, y[:5]), ValueError, "one label for each of 300 texts"),
        (lambda: BagClassifier().fit(X, ["a"] * 300), ValueError, "two classes or more, got 1 class"),
        (lambda: BagClassifier().fit(X, None), ValueError, "y must be given"),
        (lambda: BagClassifier().fit(matrix(X) * np.nan, y), ValueError, "contains NaN"),
        (lambda: BagClassifier().fit(["a text"], y), TypeError, "each a list of tokens"),
        (lambda: BagClassifier().fit([[]], ["a"]), ValueError, "two classes or more"),
        (lambda: BagClassifier().fit([[], []], ["a", "b"]), ValueError, "the texts must have words"),
        (lambda: BagClassifier().partial_fit(X, y), ValueError, "classes must be given in the first call"),
        (lambda: BagClassifier().partial_fit(X, y, ["one", "two"]), ValueError, "got (np.str_\\()?'three'"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_other_data_than_was_learnt(fitted):
    with pytest.raises(TypeError, match="a list of texts"):
        fitted.predict(matrix(X))
    with pytest.raises(ValueError, match="classes must be those of the first call"):
        fitted.partial_fit(X, y, classes=["one"])
    model = BagClassifier()
    model._start(model._data(matrix(X), reset=True), y, None, None)
    with pytest.raises(ValueError, match="X has 29 features, but BagClassifier is expecting 30"):
        model.predict(matrix(X)[:, :29])


def test_texts_in_another_order():
    bags = texts.bags_of([["a", "b"], [], ["b"]], {"a": 0, "b": 1}, 2, "float32")
    turned = bags.take(np.array([2, 0, 1]))
    assert (turned.ids.tolist(), turned.offsets.tolist()) == ([1, 0, 1], [0, 1, 3, 3])


@pytest.mark.parametrize(
    ("memory", "error"),
    [
        (([[0, 0, 1]],), TypeError),
        (([[0.5, 0, 1]], [0, 1]), TypeError),
        (([[0, 0, 1]], [0, 1, 1]), ValueError),
        (([[0, 0]], [0, 1]), ValueError),
        (([[0, 0, 1]], [1, 1]), ValueError),
        (([[0, 3, 1]], [0, 1]), ValueError),
    ],
)
def test_memories_that_do_not_fit(memory, error):
    with pytest.raises(error, match=r"memory must be|must be integers|must lie in"):
        texts.entries_of(memory, 1, 2, 1)
