"""Non-negative factors of a similarity matrix under pairwise constraints.

A = S + W_like - W_dislike is approximated by U U^T with U >= 0. One call of the
compiled function takes many steps of the projected gradient.
"""
from __future__ import print_function, division

import numpy as np
import theano
import theano.tensor as T


def loss(A, U):
    return T.sum((A - T.dot(U, U.T)) ** 2)


def by_outputs(A, U):
    """U goes from step to step as an output of scan, its last value goes back into the shared variable."""
    def step(U_prev, lr, A):
        cost = loss(A, U_prev)
        return T.maximum(U_prev - lr * T.grad(cost, U_prev), 0), cost

    n_steps = T.iscalar('n_steps')
    lr = T.scalar('lr')
    [Us, costs], updates = theano.scan(step, outputs_info=[U, None], non_sequences=[lr, A], n_steps=n_steps)
    updates[U] = Us[-1]
    return theano.function([n_steps, lr], costs, updates=updates, allow_input_downcast=True)


def by_updates(A, U):
    """The step says how the shared variable changes, scan gives back the updates of the whole loop."""
    def step(lr, A):
        cost = loss(A, U)
        return cost, {U: T.maximum(U - lr * T.grad(cost, U), 0)}

    rates = T.vector('rates')
    costs, updates = theano.scan(step, sequences=rates, non_sequences=A)
    return theano.function([rates], costs, updates=updates, allow_input_downcast=True)


def checksum(v):
    v = v.get_value().astype('float64').ravel()
    return float(np.dot(v ** 2, np.arange(1, v.size + 1))) / v.size


def run(n=10, k=3, n_steps=10):
    floatX = theano.config.floatX
    rng = np.random.RandomState(5)
    X = rng.randint(0, 4, size=(n, 6))
    S = np.dot(X, X.T) / 60.
    like, dislike = np.zeros((n, n)), np.zeros((n, n))
    for W, pairs in [(like, [(0, 1), (2, 5), (7, 8)]), (dislike, [(0, 9), (3, 4), (1, 6)])]:
        for i, j in pairs:
            W[i, j] = W[j, i] = 0.5
    U0 = (rng.randint(1, 51, size=(n, k)) / 50.).astype(floatX)
    S, like, dislike = [theano.shared(M.astype(floatX), name=name)
                        for M, name in [(S, 'S'), (like, 'W_like'), (dislike, 'W_dislike')]]
    A = S + like - dislike

    result = []
    U = theano.shared(U0, name='U')
    fit = by_outputs(A, U)
    result.extend(fit(n_steps, 0.02).tolist() + [checksum(U)])
    result.extend(fit(n_steps // 2, 0.01).tolist() + [checksum(U)])
    U = theano.shared(U0, name='U')
    fit = by_updates(A, U)
    result.extend(fit([0.02 / (1 + 0.1 * i) for i in range(n_steps)]).tolist() + [checksum(U)])
    return result


if __name__ == '__main__':
    for x in run():
        print('%.17g' % x)
