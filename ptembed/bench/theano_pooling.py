"""What real Theano 1.0.5 runs under Python 3.7, as another process: max-pooling by 2 x 2 and its gradient.

usage: theano_pooling.py CALLS SHAPE ...     with a SHAPE like 128x20x24x24

Says {"ready": version} when it has compiled. Then it answers each line with {"seconds": [[...], ...]}: for each shape
the median of so many calls of the largest, and of both the largest and the gradient. It knows nothing of ptembed, and
runs under Python 2 too.
"""

import json
import sys
import time

import numpy as np


def compiled(theano, shape):
    """The largest of each window, and with it the gradient of their weighted sum, as two functions."""
    from theano.tensor.signal.pool import pool_2d

    rng = np.random.RandomState(0)
    x = theano.shared(rng.normal(size=shape).astype("float32"), borrow=True)
    y = pool_2d(x, (2, 2), ignore_border=True)
    g = theano.shared(rng.normal(size=y.shape.eval()).astype("float32"), borrow=True)
    outputs = [y, theano.tensor.grad((y * g).sum(), x)]
    return [theano.function([], [theano.Out(v, borrow=True) for v in outputs[:n]]) for n in (1, 2)]


def median(call, calls):
    seconds = []
    for _ in range(calls):
        start = time.time()
        call()
        seconds.append(time.time() - start)
    return float(np.median(seconds))


def say(**answer):
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main(calls, *shapes):
    import theano  # here, so that the file can be read without it

    functions = [compiled(theano, [int(n) for n in shape.split("x")]) for shape in shapes]
    for both in functions:
        for call in both:
            call()
    say(ready=theano.__version__)
    for _ in iter(sys.stdin.readline, ""):
        say(seconds=[[median(call, int(calls)) for call in both] for both in functions])


if __name__ == "__main__":
    main(*sys.argv[1:])
