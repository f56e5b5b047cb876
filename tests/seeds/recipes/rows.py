"""Word vectors from (ref, pos, neg) triples. A step reads and writes only the rows of its words.

Plain SGD or RMSprop with one triple at a time, Adagrad with a batch, where a
word may come more than once.
"""
from __future__ import print_function, division

import numpy as np
import theano
import theano.tensor as T


def one_by_one(W, H, data, lr, rho=0.9):
    """A triple by its number; of a word that it has twice the last row counts. Plain SGD without a history H."""
    index = T.iscalar('index')
    idx = T.ivector('idx')
    subW = W[idx]
    loss = -T.log(T.nnet.sigmoid(T.dot(subW[0], subW[1]))) - T.log(T.nnet.sigmoid(-T.dot(subW[0], subW[2])))
    g = T.grad(loss, wrt=subW)
    updates = []
    if H is not None:
        subH = H[idx]
        newH = rho * subH + (1 - rho) * T.sqr(g)
        updates.append((H, T.set_subtensor(subH, newH)))
        g = g / T.sqrt(newH + 1e-6)
    updates.append((W, T.set_subtensor(subW, subW - lr * g)))
    return theano.function([index], loss, updates=updates, givens={idx: data[index]})


def batches(W, G, data, lr, batch):
    """A batch by its number, with Adagrad; gradients of a repeated word add."""
    index = T.iscalar('index')
    ref, pos, neg = T.ivectors('ref', 'pos', 'neg')
    idx = T.concatenate([ref, pos, neg])
    subW = W[idx]
    n = ref.shape[0]
    r, p, q = subW[:n], subW[n:2 * n], subW[2 * n:]
    loss = -T.sum(T.log(T.nnet.sigmoid(T.sum(r * p, axis=1))) + T.log(T.nnet.sigmoid(-T.sum(r * q, axis=1))))
    g = T.grad(loss, subW)
    newG = T.inc_subtensor(G[idx], g ** 2)
    newW = T.inc_subtensor(subW, -lr * g / T.sqrt(newG[idx] + 1e-6))
    rows = data[index * batch:(index + 1) * batch]
    return theano.function([index], loss, updates=[(G, newG), (W, newW)],
                           givens={ref: rows[:, 0], pos: rows[:, 1], neg: rows[:, 2]})


def checksum(v):
    v = v.get_value().astype('float64').ravel()
    return float(np.dot(v ** 2, np.arange(1, v.size + 1))) / v.size


def run(steps=10, words=12, dim=6, batch=5):
    floatX = theano.config.floatX
    rng = np.random.RandomState(1234)
    start = (rng.randint(-50, 51, size=(words, dim)) / 100.).astype(floatX)
    data = theano.shared(rng.randint(0, words, size=(steps * batch, 3)).astype('int32'), name='data', borrow=True)
    lr = theano.shared(np.asarray(0.1, dtype=floatX), name='lr')

    result = []
    for method in ('sgd', 'rmsprop', 'adagrad'):
        W = theano.shared(start, name='W')
        H = theano.shared(np.zeros_like(start), name='H')
        if method == 'adagrad':
            step = batches(W, H, data, lr, batch)
        else:
            step = one_by_one(W, H if method == 'rmsprop' else None, data, lr)
        result.extend(float(step(i)) for i in range(steps))
        result.extend([checksum(W), checksum(H)])
    return result


if __name__ == '__main__':
    for x in run():
        print('%.17g' % x)
