"""Classify a text by sum(E[word] * M[word]) over its words: E is what a word means, M how much it counts."""
from __future__ import print_function, division

import numpy as np
import theano
import theano.tensor as T

PAD = 0  # E and M are 0 there, so their gradients are 0 too and they stay 0


def build(E, M, V, b, penalty, lr):
    inputs = T.imatrix('inputs')  # a row for each text, filled up with PAD
    y = T.ivector('y')
    bag = T.sum(E[inputs] * M[inputs].dimshuffle(0, 1, 'x'), axis=1)
    p_y = T.nnet.softmax(T.dot(bag, V) + b)
    nll = -T.log(p_y)[T.arange(y.shape[0]), y]
    cost = T.mean(penalty[y] * nll) + 0.001 * T.sum(V ** 2)
    params = [E, M, V, b]
    updates = [(p, p - lr * g) for p, g in zip(params, T.grad(cost, params))]
    errors = T.mean(T.neq(T.argmax(p_y, axis=1), y))
    train = theano.function([inputs, y], [cost, errors], updates=updates)
    predict = theano.function([inputs], p_y)
    return train, predict


def pad(texts):
    out = np.zeros((len(texts), max(len(t) for t in texts)), dtype='int32')
    for i, t in enumerate(texts):
        out[i, :len(t)] = t
    return out


def checksum(v):
    v = np.asarray(v, dtype='float64').ravel()
    return float(np.dot(v ** 2, np.arange(1, v.size + 1))) / v.size


def run(steps=10, words=15, dim=5, classes=3, size=12, lr=0.5):
    floatX = theano.config.floatX
    rng = np.random.RandomState(7)
    texts = [rng.randint(1, words, size=rng.randint(2, 7)) for _ in range(size)]
    labels = np.array([0] * 6 + [1] * 4 + [2] * 2, dtype='int32')
    penalty = np.log(size / np.bincount(labels))

    def uniform(*shape):
        return (rng.randint(-50, 51, size=shape) / 100.).astype(floatX)

    E0 = uniform(words, dim)
    E0[PAD] = 0
    M0 = np.ones(words, dtype=floatX)
    M0[PAD] = 0
    E = theano.shared(E0, name='E')
    M = theano.shared(M0, name='M')
    V = theano.shared(uniform(dim, classes), name='V')
    b = theano.shared(np.zeros(classes, dtype=floatX), name='b')
    train, predict = build(E, M, V, b, theano.shared(penalty.astype(floatX), name='penalty'), lr)

    result = []
    for i in range(steps):
        batch = np.arange(i % 2, size, 2)
        cost, errors = train(pad([texts[j] for j in batch]), labels[batch])
        result.extend([float(cost), float(errors)])
    result.extend(checksum(p.get_value()) for p in (E, M, V, b))
    result.extend([float(np.abs(E.get_value()[PAD]).sum()), float(M.get_value()[PAD])])
    result.append(checksum(predict(pad(texts))))
    return result


if __name__ == '__main__':
    for x in run():
        print('%.17g' % x)
