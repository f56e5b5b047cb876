"""Each of downhill's algorithms comes nearer to the factors of a matrix and to the bottom of Rosenbrock's valley."""

import downhill
import numpy as np
import pytest
import theano
import theano.tensor as TT

ALGORITHMS = ["sgd", "nag", "rprop", "rmsprop", "adagrad", "adadelta", "esgd", "adam"]


@pytest.mark.parametrize("algo", ALGORITHMS)
def test_rosenbrock(algo):
    x = theano.shared(np.array([-1.2, 1.0], theano.config.floatX), name="x")
    loss = (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()
    steps = downhill.build(algo, loss=loss).iterate([[]], max_updates=60, learning_rate=1e-4, patience=100)
    losses = [float(train["loss"]) for train, _ in steps]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("algo", ["nag", "adam"])
def test_factors(algo):
    rng = np.random.RandomState(0)
    Y, *starts = (rng.randn(*shape).astype(theano.config.floatX) for shape in ((30, 8), (30, 3), (3, 8)))
    U, V = map(theano.shared, starts)
    y = TT.matrix("y")
    optimizer = downhill.build(algo, loss=TT.sqr(y - TT.dot(U, V)).mean(), params=[U, V], inputs=[y])
    steps = optimizer.iterate(downhill.Dataset([Y], batch_size=30), learning_rate=0.02, momentum=0.5, max_updates=40)
    losses = [float(train["loss"]) for train, _ in steps]
    assert losses[-1] < 0.8 * losses[0]
