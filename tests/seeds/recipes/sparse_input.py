"""A denoising autoencoder with tied weights whose input may be sparse or dense."""
from __future__ import print_function, division

import numpy as np
import scipy.sparse
import theano
import theano.sparse
import theano.tensor as T


class Autoencoder(object):

    def __init__(self, x, n_in, n_hid, W, lr):
        floatX = theano.config.floatX
        self.sparse = type(x) is theano.sparse.basic.SparseVariable
        self.W = theano.shared(W.astype(floatX), name='W')
        self.b = theano.shared(np.zeros(n_hid, dtype=floatX), name='b')
        self.c = theano.shared(np.zeros(n_in, dtype=floatX), name='c')
        self.params = [self.W, self.b, self.c]

        target = T.matrix('target')
        hidden = T.nnet.sigmoid(self.project(x, self.W) + self.b)
        output = T.nnet.sigmoid(T.dot(hidden, self.W.T) + self.c)
        cost = T.mean(T.sum(T.nnet.binary_crossentropy(output, target), axis=1))
        gparams = T.grad(cost, self.params)
        updates = [(p, p - lr * g) for p, g in zip(self.params, gparams)]
        self.train = theano.function([x, target], cost, updates=updates)
        self.encode = theano.function([x], hidden)

    def project(self, x, W):
        if self.sparse:
            return theano.sparse.structured_dot(x, W)
        return T.dot(x, W)


def checksum(v):
    v = np.asarray(v, dtype='float64').ravel()
    return float(np.dot(v ** 2, np.arange(1, v.size + 1))) / v.size


def run(steps=10, n_in=9, n_hid=4, batch=7, lr=0.5):
    floatX = theano.config.floatX
    rng = np.random.RandomState(23)
    W = rng.randint(-40, 41, size=(n_in, n_hid)) / 100.
    target = (rng.randint(0, 3, size=(batch, n_in)) == 0).astype(floatX)
    corrupted = target * (rng.randint(0, 5, size=(steps, batch, n_in)) > 0) * 2
    corrupted = corrupted.astype(floatX)

    result = []
    for x, convert in [(theano.sparse.csr_matrix('x'), scipy.sparse.csr_matrix),
                       (theano.sparse.csc_matrix('x'), scipy.sparse.csc_matrix),
                       (T.matrix('x'), np.asarray)]:
        model = Autoencoder(x, n_in, n_hid, W, lr)
        for i in range(steps):
            result.append(float(model.train(convert(corrupted[i]), target)))
        result.extend(checksum(p.get_value()) for p in model.params)
        result.extend([checksum(model.encode(convert(target))), float(model.sparse)])
    return result


if __name__ == '__main__':
    for x in run():
        print('%.17g' % x)
