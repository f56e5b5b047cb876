"""Passage's recurrent layers learn which sequences begin with an odd token."""

import numpy as np
import pytest
from passage.layers import Dense, Embedding, GatedRecurrent, LstmRecurrent, SimpleRecurrent
from passage.models import RNN
from passage.updates import NAG, Adadelta, Adam


@pytest.mark.parametrize("layer, updater", [(SimpleRecurrent, NAG), (GatedRecurrent, Adam), (LstmRecurrent, Adadelta)])
def test_the_cost_falls(layer, updater):
    rng = np.random.RandomState(0)
    np.random.seed(1)
    X = [list(rng.randint(1, 30, size=rng.randint(4, 8))) for _ in range(64)]
    Y = [[float(x[0] % 2)] for x in X]
    layers = [Embedding(size=6, n_features=30), layer(size=8), Dense(size=1, activation="sigmoid")]
    model = RNN(layers=layers, cost="BinaryCrossEntropy", updater=updater(), verbose=0)
    costs = list(model.fit(X, Y, n_epochs=5))
    part = len(costs) // 5
    assert np.mean(costs[-part:]) < np.mean(costs[:part])
    assert ((model.predict(X) > 0) & (model.predict(X) < 1)).all()
