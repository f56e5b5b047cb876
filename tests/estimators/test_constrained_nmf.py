"""Clusters with pairs as an estimator: the same numbers as the functions below it."""

import pickle

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.base import clone

from ptembed.estimators import ConstrainedNMF
from ptembed.evaluate import purity
from ptembed.factor.affinity import Graph, nearest_graph
from ptembed.factor.constrained import constrained
from ptembed.factor.constraints import constraint_matrix
from ptembed.factor.propagation import Affinity


def data(n=120, seed=0):
    """Samples of three classes, each with columns of its own, and some noise."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    X = rng.random((n, 30)) * (rng.random((n, 30)) < 0.25)
    X[:, :30] += (np.arange(30) // 10 == y[:, None]) * (rng.random((n, 30)) < 0.3)
    return sp.csr_array(X.astype("float32")), y


X, y = data()


def test_is_the_functions():
    like, dislike = [(0, 3), (1, 4)], [(0, 1)]
    model = ConstrainedNMF(3, n_neighbors=8, max_iter=7, tol=0, random_state=0).fit(X, like=like, dislike=dislike)
    A = Affinity(Graph(nearest_graph(X, 8)), constraint_matrix(120, like, dislike), weight=30.0)
    expected = constrained(A, 3, max_iter=7, tol=0, seed=0)
    np.testing.assert_array_equal(model.embedding_, expected.U)
    assert model.objectives_.tolist() == expected.objectives.tolist() and model.n_iter_ == 7
    assert model.get_feature_names_out().tolist() == [f"constrainednmf{i}" for i in range(3)]


@pytest.mark.parametrize("affinity", ["neighbors", "features", "precomputed"])
@pytest.mark.parametrize("form", ["symmetric", "tri"])
def test_finds_the_classes_and_those_of_unseen_samples(affinity, form):
    new, classes = data(60, seed=1)
    both = sp.vstack([X, new], format="csr")
    graph = nearest_graph(both, 10)
    given = (graph[:120, :120], graph[120:, :120]) if affinity == "precomputed" else (X, new)
    model = ConstrainedNMF(3, form=form, affinity=affinity, n_neighbors=10, random_state=0)
    known = np.where(np.arange(120) < 30, y, -1)
    assert purity(y, model.fit_predict(given[0], known)) > 0.9
    assert purity(classes, model.predict(given[1])) > 0.8


def test_is_cloned_and_pickled():
    model = clone(ConstrainedNMF(3, random_state=1, n_threads=2)).fit(X, dislike=[(0, 1)], dislike_weights=[2.0])
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.transform(X), model.transform(X))
    one = clone(model).set_params(n_threads=1).fit(X, dislike=[(0, 1)], dislike_weights=[2.0])
    np.testing.assert_array_equal(one.embedding_, model.embedding_)


def test_bad_input():
    with pytest.raises(ValueError, match=r"both liked and disliked, got \(1, 0\)"):
        ConstrainedNMF(3).fit(X, like=[(0, 1)], dislike=[(1, 0), (0, 1)])
    with pytest.raises(ValueError, match="affinity must be one of"):
        ConstrainedNMF(3, affinity="cosine").fit(X)
    with pytest.raises(ValueError, match="Unknown label type: y must be 120 whole numbers"):
        ConstrainedNMF(3).fit(X, y[:5])
    with pytest.raises(ValueError, match="S must be symmetric"):
        ConstrainedNMF(3, affinity="precomputed").fit(sp.csr_array(np.triu(np.ones((4, 4)))))
