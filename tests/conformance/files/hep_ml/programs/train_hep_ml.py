"""The networks of hep_ml learn by each of its trainers.

It was written for a scikit-learn before 0.24, which no Python of today has; of what moved then it asks for one module.
"""

import sys

import numpy as np
import pytest
import sklearn.neighbors
from sklearn.metrics import roc_auc_score

sys.modules["sklearn.neighbors.unsupervised"] = sklearn.neighbors
from hep_ml import nnet  # noqa: E402

rng = np.random.RandomState(0)
X = rng.randn(300, 5)
CLASSES = (X[:, 0] + X[:, 1] ** 2 > 0.7).astype(int)


@pytest.mark.parametrize("trainer", sorted(nnet.trainers))
def test_a_trainer(trainer):
    network = nnet.MLPClassifier(layers=[6], trainer=trainer, epochs=30, random_state=1)
    network.fit(X, CLASSES)
    assert roc_auc_score(CLASSES, network.predict_proba(X)[:, 1]) > 0.7


@pytest.mark.parametrize(
    "kind", ["SimpleNeuralNetwork", "RBFNeuralNetwork", "PairwiseNeuralNetwork", "PairwiseSoftplusNeuralNetwork"]
)
def test_a_network(kind):
    network = getattr(nnet, kind)(layers=[6], epochs=60, random_state=1)
    network.fit(X, CLASSES)
    assert roc_auc_score(CLASSES, network.predict_proba(X)[:, 1]) > 0.7


def test_a_regressor():
    y = X[:, 0] + 0.5 * X[:, 1]
    network = nnet.MLPRegressor(layers=[6], epochs=60, random_state=1)
    network.fit(X, y)
    assert np.mean((network.predict(X) - y) ** 2) < 0.5 * y.var()
