"""Networks as the deep-learning tutorials wrote them for Theano, and its random numbers, timed call by call.

usage: theano_nets.py mrg32|mrg64|mlp|lenet|lstm

Prints one JSON object: {"version": ..., "first": seconds to build, compile and call once, "call": seconds of a later
call (median), "losses": [of the first call, of the last]}. It knows nothing of ptembed, and runs under Python 2 too.
"""

import json
import sys
import time

import numpy as np

WARM, TIMED = 15, 25


def mrg32(theano, dtype="float32"):
    """A million uniform numbers."""
    from theano.sandbox.rng_mrg import MRG_RandomStreams

    draw = theano.function([], MRG_RandomStreams(1).uniform((1000, 1000), dtype=dtype))
    return lambda: draw()[-1, -1], lambda k: ()


def mrg64(theano):
    """A million uniform numbers of float64."""
    return mrg32(theano, "float64")


def weights(theano, rng, *shape):
    bound = np.sqrt(6.0 / (np.prod(shape[1:]) + shape[0]))
    return theano.shared(rng.uniform(-bound, bound, shape).astype("float32"))


def zeros(theano, *shape):
    return theano.shared(np.zeros(shape, "float32"))


def classifier(theano, rng, batch_size, build):
    """A step of gradient descent on a batch of a shared data set: ``build(x)`` gives probabilities and parameters."""
    T = theano.tensor
    data = theano.shared(rng.rand(10 * batch_size, 784).astype("float32"))
    labels = T.cast(theano.shared(rng.randint(0, 10, 10 * batch_size).astype("float32")), "int32")
    index, x, y = T.lscalar(), T.matrix("x"), T.ivector("y")
    p, parameters = build(x)
    cost = -T.mean(T.log(p)[T.arange(y.shape[0]), y]) + 0.0001 * sum((W**2).sum() for W in parameters[::2])
    updates = [(v, v - 0.01 * g) for v, g in zip(parameters, T.grad(cost, parameters))]  # noqa: B905
    part = slice(index * batch_size, (index + 1) * batch_size)
    step = theano.function([index], cost, updates=updates, givens={x: data[part], y: labels[part]})
    return step, lambda k: (k % 10,)


def mlp(theano):
    """784-500-10 with tanh, batches of 20."""
    T, rng = theano.tensor, np.random.RandomState(1)

    def build(x):
        W1, b1 = weights(theano, rng, 784, 500), zeros(theano, 500)
        W2, b2 = zeros(theano, 500, 10), zeros(theano, 10)
        return T.nnet.softmax(T.dot(T.tanh(T.dot(x, W1) + b1), W2) + b2), [W1, b1, W2, b2]

    return classifier(theano, rng, 20, build)


def lenet(theano):
    """20 and 50 kernels of 5 x 5, each pooled by 2 x 2, then 500 units; batches of 500 images of 28 x 28."""
    T, rng = theano.tensor, np.random.RandomState(1)
    from theano.tensor.signal import pool

    def layer(x, shape):
        W, b = weights(theano, rng, *shape), zeros(theano, shape[0])
        pooled = pool.pool_2d(T.nnet.conv2d(x, W, filter_shape=shape), ws=(2, 2), ignore_border=True)
        return T.tanh(pooled + b.dimshuffle("x", 0, "x", "x")), [W, b]

    def build(x):
        first, parameters = layer(x.reshape((500, 1, 28, 28)), (20, 1, 5, 5))
        second, more = layer(first, (50, 20, 5, 5))
        W, b = weights(theano, rng, 800, 500), zeros(theano, 500)
        V, c = zeros(theano, 500, 10), zeros(theano, 10)
        hidden = T.tanh(T.dot(second.flatten(2), W) + b)
        return T.nnet.softmax(T.dot(hidden, V) + c), parameters + more + [W, b, V, c]

    return classifier(theano, rng, 500, build)


def lstm(theano):
    """128 units by scan, 16 reviews of 100 words of 10,000, masked; mean, dropout, softmax; Adadelta."""
    from theano.sandbox.rng_mrg import MRG_RandomStreams

    T, rng, dim, steps, n = theano.tensor, np.random.RandomState(1), 128, 100, 16
    E, W, U = (weights(theano, rng, *shape) for shape in ((10000, dim), (dim, 4 * dim), (dim, 4 * dim)))
    b, V, c = zeros(theano, 4 * dim), weights(theano, rng, dim, 2), zeros(theano, 2)
    words, mask, y = T.matrix("words", dtype="int64"), T.matrix("mask"), T.vector("y", dtype="int64")

    def part(x, k):
        return x[:, k * dim : (k + 1) * dim]

    def one(m, x, h_, c_):
        z = T.dot(h_, U) + x
        i, f, o = (T.nnet.sigmoid(part(z, k)) for k in range(3))
        c = f * c_ + i * T.tanh(part(z, 3))
        c = m[:, None] * c + (1.0 - m)[:, None] * c_
        h = o * T.tanh(c)
        return m[:, None] * h + (1.0 - m)[:, None] * h_, c

    x = T.dot(E[words.flatten()].reshape([words.shape[0], words.shape[1], dim]), W) + b
    start = T.alloc(np.float32(0), words.shape[1], dim)
    (h, _), _ = theano.scan(one, sequences=[mask, x], outputs_info=[start, start])
    pooled = (h * mask[:, :, None]).sum(axis=0) / mask.sum(axis=0)[:, None]
    pooled = pooled * MRG_RandomStreams(123).binomial(pooled.shape, p=0.5, n=1, dtype="float32")
    cost = -T.log(T.nnet.softmax(T.dot(pooled, V) + c)[T.arange(n), y] + 1e-8).mean()
    parameters = [E, W, U, b, V, c]
    step = theano.function([words, mask, y], cost, updates=adadelta(theano, parameters, T.grad(cost, parameters)))
    data, labels = rng.randint(0, 10000, (10, steps, n)), rng.randint(0, 2, (10, n))
    lengths = rng.randint(steps // 2, steps, (10, n))
    masks = (np.arange(steps)[:, None] < lengths[:, None]).astype("float32")
    return step, lambda k: (data[k % 10], masks[k % 10], labels[k % 10])


def adadelta(theano, parameters, gradients):
    T, updates = theano.tensor, []
    for p, g in zip(parameters, gradients):  # noqa: B905 (Python 2)
        squares, moved = (theano.shared(p.get_value() * np.float32(0)) for _ in range(2))
        new = 0.95 * squares + 0.05 * g**2
        change = -T.sqrt(moved + 1e-6) / T.sqrt(new + 1e-6) * g
        updates += [(squares, new), (moved, 0.95 * moved + 0.05 * change**2), (p, p + change)]
    return updates


def main(program):
    import theano  # here, so that the file can be read without it

    theano.config.floatX = "float32"
    start = time.time()
    step, batch = {"mrg32": mrg32, "mrg64": mrg64, "mlp": mlp, "lenet": lenet, "lstm": lstm}[program](theano)
    losses = [float(step(*batch(0)))]
    first, seconds = time.time() - start, []
    for k in range(1, WARM + TIMED):
        start = time.time()
        loss = step(*batch(k))
        seconds.append(time.time() - start)
    answer = {"first": first, "call": float(np.median(seconds[-TIMED:])), "losses": losses + [float(loss)]}
    print(json.dumps(dict(answer, version=theano.__version__)))


if __name__ == "__main__":
    main(*sys.argv[1:])
