"""Draws from ``RandomStreams``, and what they give; the same code runs on real Theano and on the drop-in.

``python random_streams.py`` with Theano 1.0.5 (Python 3.7, NumPy 1.16) writes ``random_streams.json``: for each
``floatX`` and each expression its type and the numbers of two calls, or the kind of the error.
"""

import json
import os

import numpy as np

SEED = 42

EXPRESSIONS = """
    s.uniform((2,3)); s.uniform(); s.uniform((2,), 1, 5); s.uniform((2,), f32(1), f32(5))
    s.uniform((2,), low=[1.,2.], high=3, dtype='float32'); s.uniform((2,), dtype='float64')
    s.uniform((3,1), low=fv[:1]); s.uniform((2,-1), low=fv); s.uniform(low=fv, high=fv.dimshuffle(0,'x')+3)
    s.uniform(np.array([2,2])); s.uniform(lv, ndim=2); s.uniform((i, 2)); s.uniform(T.stack([i,i]))
    s.uniform(v.shape); s.uniform(v.shape[0]); s.uniform(3); s.uniform((2.,)); s.uniform((-1,))
    s.uniform((2,), low=m); s.uniform((2,), ndim=3); s.uniform(lv); s.uniform(()); s.uniform([]); s.normal((2,3))
    s.normal((3,), 2, 3); s.normal((2,2), avg=fv[:2], std=2); s.normal(avg=v); s.normal((5,), dtype='float32')
    s.binomial((8,)); s.binomial((8,), 10, .3); s.binomial((5,), 1000, .3)
    s.binomial((5,), 1000, f32(.3), dtype='float32'); s.binomial((5,), n=1, p=.5, dtype='int8')
    s.binomial((5,), n=1, p=.5, dtype=floatX); s.binomial(n=lv, p=.9); s.binomial(size=v.shape, p=v/10)
    s.binomial((2,), p=1.5); s.binomial((2,1)); s.random_integers((6,)); s.random_integers((6,), 3, 300)
    s.random_integers((2,2), -10**12, 10**12); s.random_integers((4,), 0, 2**32-1)
    s.random_integers((4,), 0, 2**32); s.random_integers((4,), 0, 255); s.random_integers((4,), 5, 5)
    s.random_integers(low=lv, high=lv+100); s.random_integers((3,2), low=lv, high=1000)
    s.random_integers((4,), low=.5, high=10.7); s.random_integers((4,), low=-3.5, high=-.5)
    s.random_integers((4,), 3, 1); s.random_integers((4,), dtype='float32')
    s.random_integers((4,), 0, 300, dtype='int8'); s.choice((6,)); s.choice((6,), 10); s.choice((3,2), 10, False)
    s.choice((6,), lv); s.choice((6,), v, dtype='float64'); s.choice((6,), v); s.choice((6,), 3, True, [.1,.2,.7])
    s.choice((6,), 3, p=T.constant([.1,.2,.7])); s.choice((6,), 3, 1, 0); s.choice((2,), [5,6,7], False)
    s.choice((6,), 3, False); s.choice(); s.choice((), 9); s.poisson((6,), 5); s.poisson((6,), 50.5)
    s.poisson((6,), v, dtype='float32'); s.poisson((3,), v); s.poisson((6,)); s.poisson(lam=v); s.permutation()
    s.permutation(n=6); s.permutation((2,), 5); s.permutation((2,2), i); s.permutation(lv, 3, ndim=2)
    s.permutation((), 4); s.permutation((2,), 4, dtype='int32'); s.multinomial(); s.multinomial((3,))
    s.multinomial((3,), 10, [.2,.3,.5]); s.multinomial(n=9, pvals=m/m.sum(1,keepdims=True))
    s.multinomial((2,3,-1), n=9, pvals=m/m.sum(1,keepdims=True)); s.multinomial((2,), n=lv, pvals=[.5,.25,.25])
    s.multinomial((4,), 7, T.cast(fv/fv.sum(),'float32')); s.multinomial((4,), 7, [.5,.5,0])
    s.multinomial((4,), 7, [.5,.5], dtype='float32'); s.shuffle_row_elements(m); s.shuffle_row_elements(v)
    s.normal((2,2)).T + s.uniform((2,2)); s.uniform((2,3)).shape
"""


def outcome(expression, float_x):
    """What two calls of a function of an expression give, or the names of the classes of its error."""
    import theano
    import theano.tensor as T
    from theano.tensor.shared_randomstreams import RandomStreams

    values = 2, np.arange(1.0, 4), np.arange(1, 4).astype("float32"), np.arange(1.0, 7).reshape(2, 3), np.array([2, 3])
    i, v, fv, m, lv = inputs = T.iscalar("i"), T.dvector("v"), T.fvector("fv"), T.dmatrix("m"), T.lvector("lv")
    known = {"s": RandomStreams(SEED), "T": T, "np": np, "f32": np.float32, "floatX": float_x}
    known.update(i=i, v=v, fv=fv, m=m, lv=lv)
    try:
        drawn = eval(expression, known)
        f = theano.function(inputs, drawn, on_unused_input="ignore")
        calls = [f(*values) for _ in range(2)]
    except Exception as error:
        kinds = [kind.__name__ for kind in type(error).__mro__]
        return {"error": kinds[: kinds.index("Exception")]}
    broadcastable = [bool(b) for b in drawn.broadcastable]
    return {"dtype": drawn.dtype, "broadcastable": broadcastable, "calls": [np.asarray(a).tolist() for a in calls]}


def expressions():
    return [" ".join(e.split()) for e in EXPRESSIONS.replace("\n", ";").split(";") if e.strip()]


if __name__ == "__main__":
    os.environ["THEANO_FLAGS"] = "cxx=,optimizer=fast_compile"
    import theano as real

    if real.__version__ != "1.0.5":
        raise SystemExit("random_streams.json holds what Theano 1.0.5 gives, got " + real.__version__)
    record = {}
    for float_x in ("float32", "float64"):
        with real.configparser.change_flags(floatX=float_x):
            record[float_x] = {e: outcome(e, float_x) for e in expressions()}
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "random_streams.json"), "w") as file:
        json.dump(record, file, indent=0, sort_keys=True)
        file.write("\n")
