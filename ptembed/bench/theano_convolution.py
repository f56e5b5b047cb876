"""What real Theano 1.0.5 runs under Python 3.7, as another process: convolutions and their gradients.

usage: theano_convolution.py CALLS LAYER ...     with a LAYER like 128x20x12x12x50x5

Says {"ready": version} when it has compiled. Then it answers each line with {"seconds": [...]}: for each layer the
median of so many calls. It knows nothing of ptembed, and runs under Python 2 too.
"""

import json
import sys
import time

import numpy as np


def compiled(theano, B, C, rows, columns, F, k):
    """B images of C channels with F kernels of k x k: result and gradients, by the images where C > 1."""
    T = theano.tensor
    rng = np.random.RandomState(0)
    shapes = (B, C, rows, columns), (F, C, k, k), (B, F, rows - k + 1, columns - k + 1)
    x, w, g = (theano.shared(rng.normal(size=shape).astype("float32"), borrow=True) for shape in shapes)
    y = T.nnet.conv2d(x, w)
    outputs = [y] + T.grad(None, [w, x] if C > 1 else [w], known_grads={y: g})
    return theano.function([], [theano.Out(v, borrow=True) for v in outputs])


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


def main(calls, *layers):
    import theano  # here, so that the file can be read without it

    functions = [compiled(theano, *(int(n) for n in layer.split("x"))) for layer in layers]
    for call in functions:
        call()
    say(ready=theano.__version__)
    for _ in iter(sys.stdin.readline, ""):
        say(seconds=[median(call, int(calls)) for call in functions])


if __name__ == "__main__":
    main(*sys.argv[1:])
