"""A classifier, an autoencoder with tied weights and a recurrent regressor of theanets learn."""

import numpy as np
import pytest
import theanets

rng = np.random.RandomState(0)
X = rng.randn(64, 8).astype("f")
CLASSES = (X[:, 0] > 0).astype("i")
SERIES = rng.randn(16, 6, 3).astype("f")

NETWORKS = {
    "classifier": (lambda: theanets.Classifier([8, (6, "relu"), 2]), [X, CLASSES], "nag"),
    "autoencoder": (lambda: theanets.Autoencoder([8, (4, "tanh"), ("tied", 8)]), [X], "rmsprop"),
    "lstm": (lambda: theanets.recurrent.Regressor([3, ("lstm", 4), 2]), [SERIES, SERIES[:, :, :2]], "adam"),
    "gru": (lambda: theanets.recurrent.Regressor([3, ("gru", 4), 2]), [SERIES, SERIES[:, :, :2]], "adagrad"),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_loss_falls(name):
    build, data, algo = NETWORKS[name]
    network = build()
    steps = network.itertrain(data, data, algo=algo, batch_size=16, learning_rate=0.01, momentum=0.5, max_updates=12)
    losses = [float(train["loss"]) for train, _ in steps]
    assert len(losses) > 2 and losses[-1] < losses[0]
    assert np.isfinite(network.predict(data[0])).all()
