"""Sparse codes and dictionaries as estimators: the numbers of the functions below."""

import pickle

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.decomposition import SparseCoder as TheirCoder
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from ptembed.estimators import DictionaryLearner, SparseCoder
from ptembed.estimators.sparse_coder import code_clusters
from ptembed.factor.dictionary import ksvd
from ptembed.factor.dictionary_online import OnlineDictionary, online_dictionary
from ptembed.factor.neighbours import unit_rows
from ptembed.factor.omp import omp

RNG = np.random.default_rng(0)
D = unit_rows(RNG.standard_normal((15, 20)))
X = sp.random_array((120, 20), density=0.3, format="csr", dtype="float32", rng=RNG)


def test_codes():
    coder = SparseCoder(D, n_nonzero_coefs=4, n_threads=2).fit(X)
    codes = coder.transform(X)
    np.testing.assert_array_equal(codes.toarray(), omp(X, D, 4).C.toarray())
    np.testing.assert_allclose(coder.inverse_transform(codes), codes.toarray() @ D, rtol=1e-5, atol=1e-6)
    assert sp.issparse(codes) and codes.dtype == "float32" and coder.n_features_in_ == 20
    assert coder.get_feature_names_out().tolist() == [f"sparsecoder{i}" for i in range(15)]


def test_a_matrix_of_the_older_kind():
    model = DictionaryLearner(6, n_nonzero_coefs=2, random_state=0)
    old, new = (model.fit_transform(kind(X)) for kind in (sp.csr_matrix, sp.csr_array))
    np.testing.assert_array_equal(old.toarray(), new.toarray())


def test_codes_are_those_of_scikit_learn_whose_default_it_has():
    rows = X.toarray().astype("float64")
    theirs = TheirCoder(D, transform_algorithm="omp").fit_transform(rows)
    np.testing.assert_allclose(SparseCoder(D).fit_transform(rows).toarray(), theirs, atol=1e-9)


def test_the_options_arrive():
    positive = SparseCoder(sp.csr_array(D), residual=0.5, positive_code=True).fit_transform(X)
    expected = omp(X, D, residual=0.5, positive=True).C
    np.testing.assert_allclose(positive.toarray(), expected.toarray(), atol=1e-5)
    model = clone(DictionaryLearner(7, n_nonzero_coefs=2, max_iter=4, dict_init=D[:7], random_state=1)).fit(X)
    expected = ksvd(X, 7, 2, start=D[:7], max_iter=4, seed=1)
    np.testing.assert_array_equal(model.components_, expected.D)
    np.testing.assert_array_equal(model.error_, expected.errors)
    assert model.n_iter_ == 4
    options = {"residual": 0.6, "batch_size": 50, "max_iter": 2}
    online = DictionaryLearner(7, fit_algorithm="online", random_state=1, **options).fit(X)
    expected = online_dictionary(X, 7, seed=1, **options)
    np.testing.assert_array_equal(online.components_, expected.D)


def test_minibatches_and_pickles():
    model, expected = DictionaryLearner(7, n_nonzero_coefs=2, random_state=0), OnlineDictionary(7, 2)
    for start in (0, 60):
        model.partial_fit(X[start : start + 60])
        expected.partial_fit(X[start : start + 60])
    np.testing.assert_array_equal(model.components_, expected.D)
    again = pickle.loads(pickle.dumps(model)).partial_fit(X)
    np.testing.assert_array_equal(again.components_, model.partial_fit(X).components_)
    assert model.n_iter_ == 3 and model.transform(X).shape == (120, 7)


def test_in_a_pipeline_and_a_search():
    y = (X[:, [0]].toarray() > 0).ravel()
    steps = make_pipeline(DictionaryLearner(10, max_iter=2, random_state=0), LogisticRegression())
    search = GridSearchCV(steps, {"dictionarylearner__n_nonzero_coefs": [1, 3]}, cv=2).fit(X, y)
    assert 0 <= search.best_score_ <= 1 and search.predict(X).shape == (120,)


def test_clusters_of_codes():
    kinds = RNG.integers(0, 3, 90)
    C = sp.lil_array((91, 15))
    for i, kind in enumerate(kinds):
        C[i, 5 * kind + RNG.choice(5, 3, replace=False)] = RNG.uniform(0.5, 1, 3) * RNG.uniform(0.1, 10)
    labels, centres = code_clusters(sp.csr_array(C), 3, random_state=0)
    assert labels[-1] == -1 and centres.shape == (3, 15)
    assert all(len(set(labels[:-1][kinds == kind])) == 1 for kind in range(3)) and len(set(labels[:-1])) == 3
    np.testing.assert_array_equal(code_clusters(C.toarray(), 3, random_state=0)[0], labels)
    with pytest.raises(ValueError, match="at least 91 rows must have codes, got 90"):
        code_clusters(C, 91)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (SparseCoder(D[:, :7]), "a column for each of 20 columns of X, got 7"),
        (SparseCoder(D * np.nan), "dictionary must hold finite numbers"),
        (SparseCoder(D, n_nonzero_coefs=16), "at most the number of atoms, 15, got 16"),
        (DictionaryLearner(5, fit_algorithm="cd"), "fit_algorithm must be one of"),
        (DictionaryLearner(5, n_nonzero_coefs=6), "at most the number of atoms, 5, got 6"),
    ],
)
def test_bad_input(model, message):
    with pytest.raises(ValueError, match=message):
        model.fit(X)


def test_without_negative_numbers_if_positive():
    with pytest.raises(ValueError, match=r"X must hold finite numbers from 0 on, got -1.0 at row 0, column 0"):
        DictionaryLearner(2, positive_code=True).fit([[-1.0, 2], [1, 1]])
