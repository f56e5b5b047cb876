"""What real Theano 1.0.5 runs under Python 3.7, as another process: SGD on triples in the dense form or the row form.

usage: theano_rows.py dense|rows W.npy LEARNING_RATE TRIPLES

Says {"ready": version} when it has compiled. Then it reads one JSON object a line and answers each with one:

    {"ids": [[...], ...], "limit": 1}   takes a step on each of these ids until 1 s is over; gives {"seconds": [...]}
    {"rows": [...]}                     gives {"rows": [[...], ...]}, these rows of W

It knows nothing of ptembed, and runs under Python 2 too.
"""

import json
import sys
import time

import numpy as np


def compiled(theano, form, W, m, learning_rate):
    """The step on ids: a vector of 3 for one triple, else a matrix of m x 3."""
    T = theano.tensor
    ids = T.lvector("ids") if m == 1 else T.lmatrix("ids")
    part = W[ids]
    r, p, n = (part[s] if m == 1 else part[:, s] for s in range(3))
    loss = (T.nnet.softplus(-(r * p).sum(axis=-1)) + T.nnet.softplus((r * n).sum(axis=-1))).sum()
    if form == "dense":
        new = W - learning_rate * T.grad(loss, W)
    else:
        new = T.inc_subtensor(part, -learning_rate * T.grad(loss, part))
    step = theano.function([ids], loss, updates=[(W, new)])
    step.trust_input = True
    return step


def take(step, batches, limit):
    """The seconds of each step, until they are more than limit together."""
    seconds = []
    for ids in batches:
        start = time.time()
        step(ids)
        seconds.append(time.time() - start)
        if sum(seconds) > limit:
            break
    return seconds


def say(**answer):
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main(form, matrix, learning_rate, m):
    import theano  # here, so that the file can be read without it

    W = theano.shared(np.load(matrix), name="W", borrow=True)
    step = compiled(theano, form, W, int(m), np.float32(learning_rate))
    say(ready=theano.__version__)
    for line in iter(sys.stdin.readline, ""):
        order = json.loads(line)
        if "rows" in order:
            say(rows=W.get_value(borrow=True)[order["rows"]].tolist())
        else:
            say(seconds=take(step, np.array(order["ids"], "int64"), order["limit"]))


if __name__ == "__main__":
    main(*sys.argv[1:])
