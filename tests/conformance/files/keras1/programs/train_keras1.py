"""Dense, recurrent and convolutional models of Keras 1 learn on the backend for Theano."""

import numpy as np
import pytest
from keras import backend
from keras.layers import (
    GRU,
    LSTM,
    Activation,
    BatchNormalization,
    Convolution2D,
    Dense,
    Embedding,
    Flatten,
    MaxPooling2D,
)
from keras.models import Sequential

rng = np.random.RandomState(0)
X = rng.rand(32, 10).astype("float32")
CLASSES = np.eye(3)[rng.randint(3, size=32)]
TOKENS = rng.randint(1, 20, size=(32, 5))
ODD = (TOKENS[:, :1] % 2).astype("float32")
IMAGES = rng.rand(32, 1, 8, 8).astype("float32")


def dense():
    return [Dense(8, input_dim=10, activation="relu"), BatchNormalization(), Dense(3, activation="softmax")]


def recurrent(cell):
    return [Embedding(20, 6, input_length=5, mask_zero=True), cell(5), Dense(1, activation="sigmoid")]


def convolutional():
    first = Convolution2D(4, 3, 3, border_mode="same", input_shape=(1, 8, 8), dim_ordering="th")
    rest = [MaxPooling2D((2, 2), dim_ordering="th"), Flatten(), Dense(3), Activation("softmax")]
    return [first, Activation("relu"), *rest]


MODELS = {
    "dense": (dense, X, CLASSES, "categorical_crossentropy", "rmsprop"),
    "lstm": (lambda: recurrent(LSTM), TOKENS, ODD, "binary_crossentropy", "adam"),
    "gru": (lambda: recurrent(GRU), TOKENS, ODD, "binary_crossentropy", "adagrad"),
    "convolutional": (convolutional, IMAGES, CLASSES, "categorical_crossentropy", "sgd"),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_loss_falls(name):
    assert backend.backend() == "theano"
    layers, x, y, loss, optimizer = MODELS[name]
    np.random.seed(1)
    model = Sequential(layers())
    model.compile(optimizer=optimizer, loss=loss)
    losses = [float(model.train_on_batch(x, y)) for _ in range(8)]
    assert losses[-1] < losses[0]
    assert np.isfinite(model.predict(x)).all()
