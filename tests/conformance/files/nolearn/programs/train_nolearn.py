"""nolearn's estimator around Lasagne's layers learns, stops early, and gives its classes back.

It was written for a scikit-learn before 0.20, which no Python of today has; its two splitters from there are given in
the form of then.
"""

import sys
from types import ModuleType

import numpy as np
import pytest
from sklearn import model_selection


def old_form(splitter):
    """``KFold(n, n_folds)`` and ``StratifiedKFold(y, n_folds)``, which one iterated over."""

    def split(n_or_y, n_folds):
        y = np.zeros(n_or_y) if np.isscalar(n_or_y) else n_or_y
        return splitter(n_folds).split(y, y)

    return split


old = sys.modules["sklearn.cross_validation"] = ModuleType("sklearn.cross_validation")
old.KFold, old.StratifiedKFold = old_form(model_selection.KFold), old_form(model_selection.StratifiedKFold)

from lasagne.layers import DenseLayer, InputLayer  # noqa: E402
from lasagne.nonlinearities import softmax  # noqa: E402
from lasagne.updates import adam  # noqa: E402
from nolearn.lasagne import NeuralNet, TrainSplit  # noqa: E402

rng = np.random.RandomState(0)
X = rng.randn(120, 6).astype("float32")
CLASSES = np.array(["no", "yes"])[(X[:, 0] + X[:, 1] > 0).astype(int)]


def network(**options):
    layers = [("input", InputLayer), ("hidden", DenseLayer), ("output", DenseLayer)]
    shape = {"input_shape": (None, 6), "hidden_num_units": 8, "output_num_units": 2, "output_nonlinearity": softmax}
    steps = {"update": adam, "update_learning_rate": 0.02, "max_epochs": 15, "verbose": 0}
    return NeuralNet(layers, **shape, **steps, **options)


def test_a_classifier_learns():
    net = network(use_label_encoder=True, train_split=TrainSplit(eval_size=0.25)).fit(X, CLASSES)
    losses = [epoch["train_loss"] for epoch in net.train_history_]
    assert losses[-1] < 0.7 * losses[0]
    assert net.score(X, CLASSES) > 0.8
    assert net.predict_proba(X).sum(1) == pytest.approx(np.ones(120), abs=1e-5)


def test_a_handler_stops_the_epochs():
    def stop(net, history):
        if len(history) == 3:
            raise StopIteration

    net = network(use_label_encoder=True, on_epoch_finished=[stop]).fit(X, CLASSES)
    assert len(net.train_history_) == 3


def test_parameters_go_from_one_network_to_the_next():
    first = network(use_label_encoder=True).fit(X, CLASSES)
    second = network(use_label_encoder=True)
    second.initialize()
    second.load_params_from(first)
    weights = zip(first.get_all_params_values()["hidden"], second.get_all_params_values()["hidden"], strict=True)
    assert all((a == b).all() for a, b in weights)
