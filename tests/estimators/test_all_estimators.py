"""What holds for all estimators, from one table: the conventions of scikit-learn, pipelines, searches, frames, pickles.

Further: data whose dense form would not fit, callbacks, and training that goes on as if it had not been stopped.
"""

import inspect
import pickle
import tracemalloc
from typing import Any, NamedTuple

import numpy as np
import pytensor
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal
from sklearn.base import clone, is_classifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, ShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks

from ptembed import estimators
from ptembed.estimators import (
    BagClassifier,
    ConstrainedNMF,
    CooccurrenceVectors,
    DictionaryLearner,
    ReverseDictionary,
    SparseCoder,
    SparseNMF,
    WordVectors,
)

RNG = np.random.default_rng(0)
WORDS = [f"w{i:02}" for i in range(12)]
y = np.arange(40) % 2
LINES = [" ".join(f"w{6 * k + i:02}" for i in RNG.integers(0, 6, 5)) for k in y]
TEXTS = [line.split() for line in LINES]
X = CountVectorizer(vocabulary=WORDS, dtype="float32").fit_transform(LINES)


class Case(NamedTuple):
    """An estimator with what it learns from, a parameter to search, and what it is."""

    estimator: Any
    search: dict
    texts: bool = False
    iterative: bool = True
    slow: bool = False


WORD_OPTIONS = {"min_count": 1, "random_state": 0}
CASES = {
    "bags": Case(BagClassifier(2, max_iter=3, batch_size=20, random_state=0), {"max_iter": [1, 2]}, slow=True),
    "reverse": Case(ReverseDictionary(2, max_iter=3, batch_size=20, random_state=0), {"max_iter": [1, 2]}, slow=True),
    "nmf": Case(SparseNMF(2, max_iter=6, random_state=0), {"n_components": [2, 3]}),
    "constrained": Case(
        ConstrainedNMF(2, max_iter=6, tol=-9, n_neighbors=5, random_state=0), {"n_neighbors": [4, 5]}, slow=True
    ),
    "coder": Case(SparseCoder(np.eye(12), n_nonzero_coefs=2), {"n_nonzero_coefs": [1, 2]}, iterative=False),
    "dictionary": Case(
        DictionaryLearner(4, n_nonzero_coefs=2, max_iter=3, tol=0, random_state=0), {"n_nonzero_coefs": [1, 2]}
    ),
    "online": Case(
        DictionaryLearner(4, n_nonzero_coefs=2, fit_algorithm="online", max_iter=3, tol=-9, random_state=0),
        {"n_nonzero_coefs": [1, 2]},
    ),
    "words": Case(
        WordVectors(2, max_iter=3, subsample=None, **WORD_OPTIONS), {"negatives": [2, 3]}, texts=True, slow=True
    ),
    "counts": Case(CooccurrenceVectors(2, **WORD_OPTIONS), {"window": [2, 3]}, texts=True, iterative=False),
    "topics": Case(CooccurrenceVectors(2, factors="nmf", max_iter=5, **WORD_OPTIONS), {"window": [2, 3]}, texts=True),
    "weights": Case(CooccurrenceVectors(factors=None, **WORD_OPTIONS), {"window": [2, 3]}, texts=True, iterative=False),
}
MATRICES = [name for name, case in CASES.items() if not case.texts]
TRANSFORMERS = [name for name, case in CASES.items() if hasattr(case.estimator, "transform")]
ITERATIVE = [name for name, case in CASES.items() if case.iterative]


@pytest.fixture(autouse=True)
def uncompiled():
    """Compilation costs more than the steps here; for one thread at a time."""
    with pytensor.config.change_flags(mode="FAST_COMPILE", linker="py"):
        yield


def learnt(name, **parameters):
    return clone(CASES[name].estimator).set_params(**parameters).fit(data(name), y)


def data(name):
    return TEXTS if CASES[name].texts else X


def asked(model, X):
    """What a model says of data, dense."""
    told = model.transform(X) if hasattr(model, "transform") else model.predict(X)
    return told.toarray() if sp.issparse(told) else told


def test_the_table_has_all_estimators():
    named = {type(case.estimator) for case in CASES.values()}
    assert named == {value for value in vars(estimators).values() if isinstance(value, type)}


SENTENCE = "the error names the first negative number and its place in words of its own"
COLUMNS = "a given dictionary has as many columns as the rows must have, and the check brings others"
JOINT = "samples of a fit are placed together and none is its own neighbour; a sample given to transform is new"
LISTS = "a list of lists is a list of texts, and what it holds are tokens, numbers too"
COUNTED = "the error counts the words, of which a text may have several"
GIVEN = "all words there will be must be given to the first partial_fit, as to that of a classifier"
OTHER_COLUMNS = (
    "check_dtype_object", "check_estimators_dtypes", "check_estimators_fit_returns_self",
    "check_estimators_overwrite_params", "check_fit2d_1feature", "check_fit2d_1sample", "check_fit_check_is_fitted",
    "check_fit_idempotent", "check_n_features_in", "check_n_features_in_after_fitting",
    "check_positive_only_tag_during_fit", "check_readonly_memmap_input",
)  # fmt: skip


def expected_failures(estimator):
    if isinstance(estimator, SparseCoder):
        return dict.fromkeys(OTHER_COLUMNS, COLUMNS)
    if isinstance(estimator, SparseNMF) or getattr(estimator, "positive_code", False):
        return {"check_positive_only_tag_during_fit": SENTENCE}
    return {
        BagClassifier: {"check_classifiers_train": LISTS},
        ReverseDictionary: {"check_fit2d_1sample": COUNTED, "check_n_features_in_after_fitting": GIVEN},
        ConstrainedNMF: dict.fromkeys(("check_transformer_general", "check_transformer_data_not_an_array"), JOINT),
    }.get(type(estimator), {})


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(
    [
        SparseNMF(2, max_iter=300, tol=1e-8),
        DictionaryLearner(3),
        DictionaryLearner(3, fit_algorithm="online"),
        DictionaryLearner(3, positive_code=True),
        SparseCoder(np.eye(3)),
    ],
    expected_failed_checks=expected_failures,
)
def test_conventions_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:X should be sparse:UserWarning", "ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(
    [BagClassifier(), ReverseDictionary(2, max_iter=1), ConstrainedNMF(2, max_iter=5, n_neighbors=5)],
    expected_failed_checks=expected_failures,
)
def test_conventions_of_scikit_learn_slow(estimator, check):
    check(estimator)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.texts])
@pytest.mark.parametrize(
    "check",
    [
        "check_estimator_cloneable", "check_estimator_tags_renamed", "check_valid_tag_types", "check_estimator_repr",
        "check_no_attributes_set_in_init", "check_do_not_raise_errors_in_init_or_set_params", "check_mixin_order",
        "check_parameters_default_constructible", "check_get_params_invariance", "check_set_params",
    ],
)  # fmt: skip
def test_conventions_for_estimators_of_texts(name, check):
    """Of an estimator without matrices scikit-learn runs the first one alone; these need no data."""
    estimator = CASES[name].estimator
    tags = estimator.__sklearn_tags__().input_tags
    assert tags.string and not tags.two_d_array
    getattr(estimator_checks, check)(type(estimator).__name__, clone(estimator))


@pytest.mark.parametrize("name", CASES)
def test_is_cloned_and_pickled_and_the_same_again(name):
    model = learnt(name)
    assert clone(model).get_params().keys() == model.get_params().keys()
    expected = asked(model, data(name))
    assert_array_equal(asked(pickle.loads(pickle.dumps(model)), data(name)), expected)
    assert_array_equal(asked(learnt(name), data(name)), expected)


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.slow] * case.slow) for n, case in CASES.items()])
def test_in_a_pipeline_and_a_search(name):
    case = CASES[name]
    first = FunctionTransformer(split) if case.texts else CountVectorizer(vocabulary=WORDS, dtype="float32")
    steps = make_pipeline(first, clone(case.estimator)).fit(LINES, y)
    assert_array_equal(asked(steps, LINES), asked(learnt(name), data(name)))
    predicts = is_classifier(case.estimator) or name == "reverse"
    whole = make_pipeline(first, clone(case.estimator), *(() if predicts else (LogisticRegression(),)))
    grid = {f"{type(case.estimator).__name__.lower()}__{key}": value for key, value in case.search.items()}
    search = GridSearchCV(whole, grid, cv=ShuffleSplit(1, test_size=0.5, random_state=0), error_score="raise")
    assert 0 <= search.fit(LINES, y).best_score_ <= 1 and search.predict(LINES).shape == (40,)


def split(lines):
    return [line.split() for line in lines]


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_frames(name):
    pandas = pytest.importorskip("pandas")
    model = learnt(name)
    expected, names = model.transform(data(name)), model.get_feature_names_out()
    model.set_output(transform="pandas")
    if sp.issparse(expected):
        with pytest.raises(ValueError, match="outputs a scipy sparse matrix"):
            model.transform(data(name))
        return
    frame = model.transform(data(name))
    assert isinstance(frame, pandas.DataFrame) and frame.columns.tolist() == names.tolist()
    assert names[0] == f"{type(model).__name__.lower()}0" and len(names) == expected.shape[1]
    assert_array_equal(frame.to_numpy(), expected)


@pytest.mark.parametrize("name", MATRICES)
def test_a_matrix_that_would_not_fit_dense(name):
    """One of 2.4 GB, if it were dense, of which nothing near that size is ever made."""
    rng = np.random.default_rng(0)
    m, n, each = 3_000, 200_000, 20
    columns = rng.integers(0, n, (m, each))
    columns[:, 0] = np.arange(m) % 2
    wide = sp.csr_array((rng.random(m * each, "float32"), columns.ravel(), np.arange(0, m * each + 1, each)), (m, n))
    parameters = {"max_iter": 1} if name in ITERATIVE else {"dictionary": np.eye(2, n, dtype="float32")}
    model = clone(CASES[name].estimator).set_params(**parameters)
    tracemalloc.start()
    answer = asked(model.fit(wide, np.arange(m) % 2), wide)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(answer) == m and peak < 500e6 < m * n * 4


@pytest.mark.parametrize("name", ITERATIVE)
def test_a_callback_is_told_and_stops_training(name):
    seen = []
    learnt(name, callback=lambda *told: seen.append(told) or len(seen) == 2)
    assert [epoch for epoch, *_ in seen] == [1, 2]
    assert all(isinstance(loss, float) and np.isfinite(loss) for _, loss, _ in seen)
    assert 0 < seen[0][2] < seen[1][2]
    with pytest.raises(TypeError, match="callback must be a function"):
        learnt(name, callback="print")


WARM = [
    ("nmf", {}),
    ("nmf", {"solver": "multiplicative", "init": "nndsvda"}),
    ("nmf", {"l1_H": 0.1}),
    ("nmf", {"hoyer_W": 0.5}),
    ("nmf", {"zero_weight": 0.2}),
    ("constrained", {}),
    ("constrained", {"form": "tri"}),
    ("constrained", {"solver": "multiplicative"}),
]


@pytest.mark.parametrize(("name", "parameters"), WARM)
def test_a_warm_start_goes_on_bit_by_bit(name, parameters):
    epochs = []
    options = parameters | {"tol": -9, "warm_start": True}
    broken = learnt(name, max_iter=4, callback=lambda epoch, *_: epochs.append(epoch), **options)
    broken = pickle.loads(pickle.dumps(broken.set_params(callback=None)))
    broken.set_params(max_iter=5, callback=lambda epoch, *_: epochs.append(epoch)).fit(X, y)
    whole = learnt(name, max_iter=9, **parameters, tol=-9)
    assert_array_equal(broken.objectives_, whole.objectives_)
    assert epochs == list(range(1, 10)) and broken.n_iter_ == 9
    assert_array_equal(asked(broken, X), asked(whole, X))
    assert len(learnt(name, max_iter=4, **parameters, tol=-9).fit(X, y).objectives_) == 4


@pytest.mark.parametrize("name", ["nmf", "constrained"])
def test_a_warm_start_takes_another_solver(name):
    model = learnt(name, max_iter=2, warm_start=True, solver="multiplicative", tol=-9)
    objectives = model.set_params(solver="hals").fit(X, y).objectives_
    assert len(objectives) == 4 and objectives[2] < objectives[1]


def test_a_warm_start_refuses_another_matrix():
    for name, message in (("nmf", r"W must have shape \(30, 2\)"), ("constrained", r"U must have shape \(30, 2\)")):
        model = learnt(name, warm_start=True)
        with pytest.raises(ValueError, match=message):
            model.fit(X[:30], y[:30])
        assert model.set_params(warm_start=False).fit(X[:30], y[:30])


@pytest.mark.parametrize("optimizer", ["adagrad", "adam"])
@pytest.mark.parametrize("name", ["bags", "reverse", "words", "dictionary", "nmf"])
def test_minibatches_go_on_bit_by_bit_from_a_pickle(name, optimizer):
    model = clone(CASES[name].estimator)
    if "optimizer" in model.get_params():
        model.set_params(optimizer=optimizer)
    elif optimizer == "adam":
        pytest.skip("has no optimizer")
    first = {"classes": [0, 1]} if name in ("bags", "reverse") else {}
    model.partial_fit(data(name), y, **first).partial_fit(data(name), y)
    copy = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(model))))
    for each in (model, copy):
        each.partial_fit(data(name), y).partial_fit(data(name), y)
    attributes = [key for key, value in vars(model).items() if key.endswith("_") and isinstance(value, np.ndarray)]
    assert attributes
    for key in attributes:
        assert_array_equal(getattr(copy, key), getattr(model, key), err_msg=key)


@pytest.mark.parametrize("name", ["bags", "reverse"])
def test_epochs_one_by_one_are_those_of_fit(name):
    model = clone(CASES[name].estimator)
    for i in range(3):
        model.partial_fit(X, y, **({} if i else {"classes": [0, 1]}))
    whole = learnt(name)
    assert_array_equal(model.embedding_, whole.embedding_)
    assert model.loss_ == whole.loss_ and model.n_iter_ == whole.n_iter_ == 3


@pytest.mark.parametrize("name", CASES)
def test_each_class_shows_an_example(name):
    text = inspect.getdoc(type(CASES[name].estimator))
    assert "Examples\n--------\n>>>" in text and "Parameters\n----------\n" in text


WRONG = {
    "n_components": (0, 2.5, "a"), "n_clusters": (0,), "max_iter": (0, "a"), "n_threads": (0,), "batch_size": (0,),
    "random_state": ("a", -1), "optimizer": ("newton",), "solver": ("cd",), "factors": ("pca",), "form": ("?",),
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in CASES if name != "coder"])
def test_each_error_names_the_parameter(name):
    model = clone(CASES[name].estimator)
    for parameter in WRONG.keys() & model.get_params().keys():
        for value in WRONG[parameter]:
            wrong = clone(model).set_params(**{parameter: value})
            with pytest.raises((TypeError, ValueError), match=f"^{parameter} must be .*, got {value!r}"):
                wrong.fit(data(name), y)
            assert not [key for key in vars(wrong) if key.endswith("_")]


@pytest.mark.parametrize("name", CASES)
def test_what_is_no_data_is_refused(name):
    with pytest.raises((TypeError, ValueError), match=r"must|Expected|NaN|could not convert"):
        clone(CASES[name].estimator).fit(["a text"] * 40, y)
    with pytest.raises((TypeError, ValueError), match=r"must be|Expected 2D array"):
        clone(CASES[name].estimator).fit(None, y)
    if not CASES[name].texts:
        with pytest.raises(ValueError, match=r"contains NaN|must hold finite"):
            clone(CASES[name].estimator).fit(X * np.float32(np.nan), y)
