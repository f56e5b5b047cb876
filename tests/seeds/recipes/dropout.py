"""A classifier with two hidden layers whose units, and inputs, are left out at random: dropout (Hinton et al. 2012)."""
from __future__ import print_function, division

from collections import OrderedDict

import numpy as np
import theano
import theano.tensor as T
from theano.tensor.shared_randomstreams import RandomStreams


def drop(srng, x, p):
    mask = srng.binomial(n=1, p=1 - p, size=x.shape)
    return x * T.cast(mask, theano.config.floatX)  # the cast is important: int * float32 is float64


def relu(x):
    return x * (x > 0)


def build(params, srng, lr, momentum):
    x, y = T.matrix('x'), T.ivector('y')

    def output(dropout):
        layer = drop(srng, x, 0.2) if dropout else x
        for i in range(0, len(params), 2):
            W, b = params[i], params[i + 1]
            if i + 2 == len(params):
                return T.nnet.softmax(T.dot(layer, W) + b)
            layer = relu(T.dot(layer, W) + b)
            layer = drop(srng, layer, 0.5) if dropout else 0.5 * layer

    cost = -T.mean(T.log(output(True))[T.arange(y.shape[0]), y])
    updates = OrderedDict()
    for p, g in zip(params, T.grad(cost, params)):
        v = theano.shared(p.get_value() * 0)
        updates[v] = momentum * v - lr * g
        updates[p] = p + updates[v]
    for W in params[::2]:  # no column longer than 2
        norms = T.sqrt(T.sum(T.sqr(updates[W]), axis=0))
        updates[W] *= T.clip(norms, 0, 2) / (1e-7 + norms)
    train = theano.function([x, y], cost, updates=updates)
    test = theano.function([x, y], T.mean(T.neq(T.argmax(output(False), axis=1), y)))
    return train, test


def run(steps=50, sizes=(20, 16, 12, 4), batch=10):
    floatX = theano.config.floatX
    rng = np.random.RandomState(3)
    data = rng.uniform(-1, 1, (40, sizes[0])).astype(floatX)
    labels = rng.randint(0, sizes[-1], 40).astype('int32')
    params = []
    for n, m in zip(sizes, sizes[1:]):
        params.append(theano.shared((rng.randint(-50, 51, (n, m)) / 100.).astype(floatX), name='W'))
        params.append(theano.shared(np.zeros(m, dtype=floatX), name='b'))
    train, test = build(params, RandomStreams(seed=1234), 0.05, 0.9)
    losses = []
    for i in range(steps):
        j = i % (40 // batch) * batch
        losses.append(float(train(data[j:j + batch], labels[j:j + batch])))
    return losses + [float(test(data, labels))]


if __name__ == '__main__':
    for x in run():
        print('%.17g' % x)
