"""Word vectors from pairs of words that occur together, each against words drawn by their frequency ** 0.75."""
from __future__ import print_function, division

import numpy as np
import theano
import theano.tensor as T
from theano.sandbox.rng_mrg import MRG_RandomStreams


def build(E, C, p, negatives, lr):
    word, context = T.ivector('word'), T.ivector('context')
    srng = MRG_RandomStreams(seed=99)
    drawn = srng.choice(size=negatives, replace=False, p=p.dimshuffle('x', 0), dtype='int64')
    v, u, n = E[word], C[context], C[drawn.flatten()]
    near = T.log(T.nnet.sigmoid(T.sum(v * u, axis=1)))
    far = T.sum(T.log(1 - T.nnet.sigmoid(T.dot(v, n.T))), axis=1)
    cost = -T.mean(near + far)
    updates = [(q, q - lr * g) for q, g in zip([E, C], T.grad(cost, [E, C]))]
    return theano.function([word, context], [cost, drawn.sum()], updates=updates)


def run(steps=50, words=30, dim=6, batch=8):
    floatX = theano.config.floatX
    rng = np.random.RandomState(11)
    counts = 1. / np.arange(1, words + 1) ** 0.75
    p = theano.shared((counts / counts.sum()).astype(floatX), name='p')
    E = theano.shared((rng.randint(-50, 51, (words, dim)) / 100.).astype(floatX), name='E')
    C = theano.shared((rng.randint(-50, 51, (words, dim)) / 100.).astype(floatX), name='C')
    step = build(E, C, p, 5, 0.5)
    result = []
    for _ in range(steps):
        pairs = rng.randint(0, words, (2, batch)).astype('int32')
        cost, drawn = step(pairs[0], pairs[1])
        result += [float(cost), float(drawn)]
    return result + [float((E.get_value() ** 2).sum()), float((C.get_value() ** 2).sum())]


if __name__ == '__main__':
    for x in run():
        print('%.17g' % x)
