"""Two programs as people wrote them for Theano, timed from the first symbol to the last call.

usage: theano_programs.py triples|mlp

Prints one JSON object: {"version": ..., "first": seconds to build, compile and call once, "call": seconds of a later
call (median), "losses": [of the first call, of the last]}. It knows nothing of ptembed, and runs under Python 2 too.
"""

import json
import sys
import time

import numpy as np

WARM, TIMED = 1500, 500


def triples(theano):
    """Embeddings of 20,000 words by triples of one word, one related, one not; three rows a call."""
    T = theano.tensor
    rng = np.random.RandomState(0)
    W = theano.shared(rng.normal(0, 0.1, (20000, 100)).astype("float32"), name="W")
    ids = T.lvector("ids")
    part = W[ids]
    loss = T.nnet.softplus(-(part[0] * part[1]).sum()) + T.nnet.softplus((part[0] * part[2]).sum())
    new = T.inc_subtensor(part, -np.float32(0.05) * T.grad(loss, part))
    step = theano.function([ids], loss, updates=[(W, new)])
    draws = rng.randint(0, 20000, (WARM + TIMED, 3))
    return step, lambda k: (draws[k],)


def mlp(theano):
    """Three layers, 64-100-100-10, trained by gradient descent on batches of 50."""
    T = theano.tensor
    rng = np.random.RandomState(0)
    x, y = T.fmatrix("x"), T.ivector("y")
    layer, parameters = x, []
    sizes = [64, 100, 100, 10]
    for k in range(3):
        W = theano.shared(rng.normal(0, 0.1, sizes[k : k + 2]).astype("float32"), name="W" + str(k))
        b = theano.shared(np.zeros(sizes[k + 1], "float32"), name="b" + str(k))
        layer = T.dot(layer, W) + b
        layer = T.tanh(layer) if k < 2 else T.nnet.softmax(layer)
        parameters += [W, b]
    loss = T.nnet.categorical_crossentropy(layer, y).mean()
    updates = [(p, p - np.float32(0.1) * T.grad(loss, p)) for p in parameters]
    step = theano.function([x, y], loss, updates=updates)
    data, labels = rng.rand(10, 50, 64).astype("float32"), rng.randint(0, 10, (10, 50)).astype("int32")
    return step, lambda k: (data[k % 10], labels[k % 10])


def main(program):
    import theano  # here, so that the file can be read without it

    start = time.time()
    step, batch = {"triples": triples, "mlp": mlp}[program](theano)
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
