"""A variational autoencoder of binary vectors (Kingma, Welling 2014), trained by Adam."""
from __future__ import print_function, division

import numpy as np
import theano
import theano.tensor as T
from theano.sandbox.rng_mrg import MRG_RandomStreams


def adam(cost, params, lr=0.01, b1=0.1, b2=0.001, e=1e-8):
    updates = []
    i = theano.shared(np.asarray(0., dtype=theano.config.floatX))
    t = i + 1.
    lr_t = lr * T.sqrt(1. - (1. - b2) ** t) / (1. - (1. - b1) ** t)
    for p, g in zip(params, T.grad(cost, params)):
        m, v = theano.shared(p.get_value() * 0.), theano.shared(p.get_value() * 0.)
        m_t, v_t = b1 * g + (1. - b1) * m, b2 * T.sqr(g) + (1. - b2) * v
        updates += [(m, m_t), (v, v_t), (p, p - lr_t * m_t / (T.sqrt(v_t) + e))]
    return updates + [(i, t)]


def run(steps=50, n=14, hidden=10, latent=3, batch=6):
    floatX = theano.config.floatX
    rng = np.random.RandomState(5)

    def weights(*shape):
        return theano.shared((rng.randint(-50, 51, shape) / 150.).astype(floatX))

    def layer(x, W, b, activation):
        return activation(T.dot(x, W) + b)

    x = T.matrix('x')
    W1, W2, W3, W4, W5 = (weights(*s) for s in [(n, hidden), (hidden, latent), (hidden, latent), (latent, hidden), (hidden, n)])
    b1, b2, b3, b4, b5 = (weights(s) for s in [hidden, latent, latent, hidden, n])
    h = layer(x, W1, b1, T.tanh)
    mu, log_sigma = T.dot(h, W2) + b2, 0.5 * (T.dot(h, W3) + b3)
    eps = MRG_RandomStreams(seed=10).normal(mu.shape, dtype=floatX)
    z = mu + T.exp(log_sigma) * eps
    y = layer(layer(z, W4, b4, T.nnet.softplus), W5, b5, T.nnet.sigmoid)
    kl = 0.5 * T.sum(1 + 2 * log_sigma - mu ** 2 - T.exp(2 * log_sigma), axis=1)
    cost = T.mean(T.nnet.binary_crossentropy(y, x).sum(axis=1) - kl)
    params = [W1, W2, W3, W4, W5, b1, b2, b3, b4, b5]
    train = theano.function([x], [cost, kl.mean()], updates=adam(cost, params))

    data = (rng.uniform(size=(24, n)) < 0.4).astype(floatX)
    result = []
    for k in range(steps):
        j = k % 4 * batch
        result += [float(v) for v in train(data[j:j + batch])]
    return result + [float((W5.get_value() ** 2).sum())]


if __name__ == '__main__':
    for x in run():
        print('%.17g' % x)
