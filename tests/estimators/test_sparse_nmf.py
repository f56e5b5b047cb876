"""Non-negative factors as an estimator: the same numbers as the functions below it."""

import pickle

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import make_pipeline

from ptembed.estimators import SparseNMF
from ptembed.factor.nmf import nmf

X = sp.random_array((40, 30), density=0.3, format="csr", dtype="float32", rng=np.random.default_rng(0))


def test_factors():
    model = SparseNMF(4, random_state=0)
    W = model.fit_transform(X)
    expected = nmf(X, 4, seed=0)
    np.testing.assert_array_equal(W, expected.W)
    np.testing.assert_array_equal(model.components_, expected.H.T)
    error = np.linalg.norm(X.toarray() - model.inverse_transform(W))
    assert model.reconstruction_err_ == pytest.approx(error, rel=1e-4)
    assert model.n_iter_ == len(model.objectives_) and model.n_features_in_ == 30
    assert model.get_feature_names_out().tolist() == [f"sparsenmf{i}" for i in range(4)]


def test_transform_is_near_what_fit_gave():
    model = SparseNMF(4, max_iter=500, tol=0)
    W = model.fit_transform(X)
    np.testing.assert_allclose(model.transform(X), W, atol=0.05 * W.max())


def test_is_cloned_and_pickled_and_the_options_arrive():
    model = clone(SparseNMF(3, l1_H=0.3, l1_W=0.3, random_state=1)).fit(X)
    assert (model.components_ == 0).mean() > (SparseNMF(3, random_state=1).fit(X).components_ == 0).mean()
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).transform(X), model.transform(X))
    assert SparseNMF(3, solver="multiplicative", init="nndsvda", max_iter=3).fit(X).n_iter_ == 3


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"hoyer_W": 0.6}, {"hoyer": (0.6, None)}),
        ({"hoyer_H": 0.6}, {"hoyer": (None, 0.6)}),
        ({"zero_weight": 0.2}, {"zero_weight": 0.2}),
        ({"l1_W": 0.2, "l1_H": 0.1}, {"l1": (0.2, 0.1)}),
        ({"init": "random", "solver": "multiplicative"}, {"start": "random", "update": "multiplicative"}),
    ],
)
def test_each_option_is_that_of_the_function(given, option):
    model = SparseNMF(3, random_state=0, max_iter=4, tol=0, **given).fit(X)
    expected = nmf(X, 3, seed=0, max_iter=4, tol=0, **option)
    np.testing.assert_array_equal(model.components_, expected.H.T)
    assert (expected.objectives != nmf(X, 3, seed=0, max_iter=4, tol=0).objectives).any()


def test_minibatches():
    model = SparseNMF(4, n_threads=2, random_state=0)
    for _ in range(5):
        for start in (0, 20):
            model.partial_fit(X[start : start + 20])
    assert model.n_iter_ == 10 and model.transform(X).shape == (40, 4)
    again = pickle.loads(pickle.dumps(model)).partial_fit(X[:20])
    np.testing.assert_array_equal(again.components_, model.partial_fit(X[:20]).components_)


def test_in_a_pipeline():
    lines = ["cat dog cat", "dog cat", "sun moon", "moon star moon"]
    codes = make_pipeline(CountVectorizer(), SparseNMF(2)).fit_transform(lines)
    kinds = codes.argmax(axis=1)
    assert kinds[0] == kinds[1] != kinds[2] == kinds[3]


def test_a_dense_matrix_is_taken_as_a_sparse_one():
    dense, sparse = (SparseNMF(2, random_state=0).fit_transform(kind) for kind in (X.toarray(), X))
    np.testing.assert_array_equal(dense, sparse)


def test_bad_input():
    with pytest.raises(ValueError, match=r"X must hold finite numbers from 0 on, got -1.0 at row 0, column 1"):
        SparseNMF(2).fit([[1.0, -1], [0, 1]])
    with pytest.raises(ValueError, match="solver must be one of"):
        SparseNMF(2, solver="cd").fit(X)
