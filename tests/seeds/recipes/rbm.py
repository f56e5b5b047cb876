"""A restricted Boltzmann machine, trained by contrastive divergence with a persistent chain of k steps (tutorial)."""
from __future__ import print_function, division

import numpy as np
import theano
import theano.tensor as T
from theano.sandbox.rng_mrg import MRG_RandomStreams as RandomStreams


class RBM(object):
    def __init__(self, input, n_visible, n_hidden, numpy_rng, theano_rng):
        floatX = theano.config.floatX
        W = (numpy_rng.randint(-50, 51, (n_visible, n_hidden)) / 100.).astype(floatX)
        self.W = theano.shared(value=W, name='W', borrow=True)
        self.hbias = theano.shared(value=np.zeros(n_hidden, dtype=floatX), name='hbias', borrow=True)
        self.vbias = theano.shared(value=np.zeros(n_visible, dtype=floatX), name='vbias', borrow=True)
        self.input, self.n_visible, self.theano_rng = input, n_visible, theano_rng
        self.params = [self.W, self.hbias, self.vbias]

    def free_energy(self, v_sample):
        wx_b = T.dot(v_sample, self.W) + self.hbias
        hidden_term = T.sum(T.log(1 + T.exp(wx_b)), axis=1)
        return -hidden_term - T.dot(v_sample, self.vbias)

    def sample_h_given_v(self, v0):
        pre = T.dot(v0, self.W) + self.hbias
        mean = T.nnet.sigmoid(pre)
        return [pre, mean, self.theano_rng.binomial(size=mean.shape, n=1, p=mean, dtype=theano.config.floatX)]

    def sample_v_given_h(self, h0):
        pre = T.dot(h0, self.W.T) + self.vbias
        mean = T.nnet.sigmoid(pre)
        return [pre, mean, self.theano_rng.binomial(size=mean.shape, n=1, p=mean, dtype=theano.config.floatX)]

    def gibbs_hvh(self, h0):
        v = self.sample_v_given_h(h0)
        return v + self.sample_h_given_v(v[2])

    def get_cost_updates(self, lr, persistent, k):
        chain_start = self.sample_h_given_v(self.input)[2] if persistent is None else persistent
        (pre_vs, _, v_samples, _, _, h_samples), updates = theano.scan(
            self.gibbs_hvh, outputs_info=[None, None, None, None, None, chain_start], n_steps=k, name='gibbs_hvh')
        chain_end = v_samples[-1]
        cost = T.mean(self.free_energy(self.input)) - T.mean(self.free_energy(chain_end))
        gparams = T.grad(cost, self.params, consider_constant=[chain_end])
        for gparam, param in zip(gparams, self.params):
            updates[param] = param - gparam * T.cast(lr, dtype=theano.config.floatX)
        if persistent is None:
            return self.reconstruction(pre_vs[-1]), updates
        updates[persistent] = h_samples[-1]
        return self.pseudo_likelihood(updates), updates

    def pseudo_likelihood(self, updates):
        bit_i_idx = theano.shared(value=0, name='bit_i_idx')
        xi = T.round(self.input)
        fe_xi = self.free_energy(xi)
        xi_flip = T.set_subtensor(xi[:, bit_i_idx], 1 - xi[:, bit_i_idx])
        cost = T.mean(self.n_visible * T.log(T.nnet.sigmoid(self.free_energy(xi_flip) - fe_xi)))
        updates[bit_i_idx] = (bit_i_idx + 1) % self.n_visible
        return cost

    def reconstruction(self, pre_v):
        return T.mean(T.sum(
            self.input * T.log(T.nnet.sigmoid(pre_v)) + (1 - self.input) * T.log(1 - T.nnet.sigmoid(pre_v)), axis=1))


def train(persistent, steps=25, n_visible=12, n_hidden=8, batch=5):
    floatX = theano.config.floatX
    numpy_rng = np.random.RandomState(123)
    data = theano.shared((numpy_rng.uniform(size=(20, n_visible)) < 0.3).astype(floatX))
    index, x = T.lscalar(), T.matrix('x')
    rbm = RBM(x, n_visible, n_hidden, numpy_rng, RandomStreams(numpy_rng.randint(2 ** 30)))
    chain = theano.shared(np.zeros((batch, n_hidden), dtype=floatX), borrow=True) if persistent else None
    cost, updates = rbm.get_cost_updates(lr=0.1, persistent=chain, k=4)
    step = theano.function([index], cost, updates=updates, givens={x: data[index * batch:(index + 1) * batch]})
    return [float(step(i % 4)) for i in range(steps)] + [float((rbm.W.get_value() ** 2).sum())]


def run():
    return train(persistent=True, steps=50) + train(persistent=False)


if __name__ == '__main__':
    for x in run():
        print('%.17g' % x)
