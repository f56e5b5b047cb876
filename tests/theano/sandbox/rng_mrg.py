"""Programs that draw from MRG31k3p streams; the same code runs on real Theano and on the drop-in.

``python rng_mrg.py`` with Theano 1.0.5 and a C compiler (its float32 numbers without one are rounded otherwise in their
last bit) writes ``rng_mrg.json``: what each program draws in two calls.
"""

import json
import os
import warnings

import numpy as np

P = np.array([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]])
RECORDED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "rng_mrg.json")

DRAWS = {
    "uniform_double": lambda s: s.uniform((2, 7), dtype="float64"),
    "uniform_single": lambda s: s.uniform((13,), -1.0, 3.0, dtype="float32"),
    "uniform_half": lambda s: s.uniform((4,), dtype="float16"),
    "uniform_scalar": lambda s: s.uniform((), dtype="float64"),
    "uniform_one_stream": lambda s: s.uniform((5,), nstreams=1, dtype="float32"),
    "normal_double": lambda s: s.normal((3, 1), avg=2.0, std=0.5, dtype="float64"),
    "normal_single": lambda s: s.normal((5,), dtype="float32"),
    "truncated": lambda s: s.truncated_normal((2, 20), avg=1.0, std=3.0, dtype="float64"),
    "binomial": lambda s: s.binomial((3, 5), p=0.3),
    "multinomial": lambda s: s.multinomial(pvals=P, n=7),
    "multinomial_streams": lambda s: s.multinomial(pvals=P.astype("float32"), nstreams=2, dtype="float32"),
    "choice": lambda s: s.choice(p=P, size=2, replace=False),
    "without_replacement": lambda s: s.multinomial_wo_replacement(pvals=P, n=3),
}


def drawn(name, mode=None):
    import theano
    from theano.sandbox.rng_mrg import MRG_RandomStreams

    f = theano.function([], DRAWS[name](MRG_RandomStreams(234)), mode=mode)
    return [f().tolist(), f().tolist()]


def in_scan(mode=None):
    import theano
    import theano.tensor as T
    from theano.sandbox.rng_mrg import MRG_RandomStreams

    s, x = MRG_RandomStreams(5), T.dvector()
    values, updates = theano.scan(lambda a: a + s.uniform((2,), dtype="float64"), outputs_info=x, n_steps=3)
    f = theano.function([x], values[-1], updates=updates, mode=mode)
    return [f([0.0, 1.0]).tolist(), f([0.0, 1.0]).tolist()]


def of_symbolic_size(mode=None):
    import theano
    import theano.tensor as T
    from theano.sandbox.rng_mrg import MRG_RandomStreams

    x = T.dmatrix()
    f = theano.function([x], MRG_RandomStreams([1, 2, 3, 4, 5, 6]).uniform(x.shape, dtype="float64"), mode=mode)
    return [f(np.zeros((2, 2))).tolist(), f(np.zeros((1, 3))).tolist()]


def seeded_anew(mode=None):
    import theano
    from theano.sandbox.rng_mrg import MRG_RandomStreams

    s = MRG_RandomStreams(1)
    f = theano.function([], s.uniform((3,), dtype="float64"), mode=mode)
    g = theano.function([], s.uniform((2,), dtype="float64"), mode=mode)
    f()
    s.seed(99)
    return [f().tolist(), g().tolist(), s.rstate.tolist()]


PROGRAMS = {"scan": in_scan, "symbolic": of_symbolic_size, "seeded": seeded_anew}

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    numbers = {name: drawn(name) for name in DRAWS}
    numbers.update((name, program()) for name, program in PROGRAMS.items())
    with open(RECORDED, "w") as file:
        json.dump(numbers, file, indent=1, sort_keys=True)
