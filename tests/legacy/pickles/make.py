"""Write the golden pickles: run with real Theano 1.0.5, on Python 2.7 and on 3.7, in this folder:

    THEANO_FLAGS=cxx=,traceback.limit=0,floatX=float32 python make.py

Each case is a file ``NAME.pkl.bz2`` in ``py27`` or ``py37`` and an entry of ``expected.json`` there: what real Theano
computes from the objects after it has pickled them. ``traceback.limit=0`` leaves out where each variable was made.
Python 2.7 writes protocol 0, which was its default, and 2 for the cases of ``BINARY``; Python 3.7 its default, 3.
"""
from __future__ import print_function

import bz2
import io
import json
import os
import pickle
import sys

import numpy as np
import scipy.sparse
import theano
import theano.gpuarray.type
import theano.ifelse
import theano.misc.pkl_utils
import theano.sandbox.rng_mrg
import theano.tensor.shared_randomstreams
from theano import sparse
from theano import tensor as T

import models

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "py%d%d" % sys.version_info[:2])
BINARY = ("function", "loop", "graph")
X = np.linspace(-1, 1, 12).reshape(4, 3).astype("float32")
CASES = []


def case(make):
    """``make`` gives the object to pickle, and what calls it: the expected numbers as lists."""
    CASES.append(make)
    return make


def weights(*shape):
    return (np.arange(np.prod(shape)).reshape(shape) / 10.0 - 0.3).astype("float32")


def evaluated(outputs, givens):
    return [np.asarray(o.eval(givens)).tolist() for o in outputs]


@case
def parameters():
    shared = [
        theano.shared(weights(3, 2), name="W"),
        theano.shared(np.zeros(2), name="b"),
        theano.shared(np.int64(3), name="n"),
        theano.shared(weights(1, 3), broadcastable=(True, False)),
    ]
    return shared, [s.get_value().tolist() for s in shared]


@case
def values():
    rng = np.random.RandomState(7)
    arrays = [weights(2, 2), np.float32(0.5), np.arange(3), u"caf\xe9", rng, {"b": np.array([True, False])}]
    return arrays, [weights(2, 2).tolist(), 0.5, [0, 1, 2], u"caf\xe9", None, [True, False]]


@case
def types():
    made = [
        T.fmatrix, T.TensorType("int8", (True, False)), theano.scalar.float32, theano.gof.generic,
        sparse.SparseType("csr", "float32"), T.raw_random.random_state_type, T.constant(2.5), T.iscalar("i"),
        T.constant(weights(2, 2)), theano.scalar.int64("k"),
    ]
    return made, [str(getattr(m, "dtype", None)) for m in made]


@case
def containers():
    cell = theano.gof.link.Container(T.fvector, [weights(3)], name="cell")
    updates = theano.OrderedUpdates([(theano.shared(np.float32(1), name="s"), T.constant(np.float32(2)))])
    return {"cell": cell, "updates": updates, "options": theano.In(T.fscalar("lr"), value=0.1)}, weights(3).tolist()


@case
def graph():
    x, i = T.fmatrix("x"), T.ivector("i")
    W, b = theano.shared(weights(3, 2), name="W"), theano.shared(weights(2), name="b")
    h = T.tanh(T.dot(x, W) + b)
    p = T.nnet.softmax(h)
    y = T.cast(T.ge(x[:, 0], 0), "int32")
    cost = T.mean(T.nnet.categorical_crossentropy(p, y)) + 0.01 * (W ** 2).sum()
    outputs = [h, p, cost] + T.grad(cost, [W, b])
    return {"inputs": [x, i], "outputs": outputs, "params": [W, b]}, evaluated(outputs, {x: X})


@case
def operations():
    x, i = T.fmatrix("x"), T.ivector("i")
    E = theano.shared(weights(5, 3), name="E")
    v = E[i]
    outputs = [
        v.reshape((i.shape[0] // 2, 6)), v.flatten(), v.dimshuffle(1, "x", 0), x[1:, ::-1], x[0], x[i, 1],
        T.set_subtensor(x[0], 0), T.inc_subtensor(E[i], 1), T.concatenate([x, v], axis=0), T.stack([x[0], x[1]]),
        T.switch(x > 0, x, -x), T.clip(x, -0.5, 0.5), T.argmax(x, axis=1), T.max(x, axis=0), T.sqr(x), T.sqrt(abs(x)),
        T.exp(x), T.log(x + 2), x ** 3, x / 2, x // 2, x % 2, T.nnet.sigmoid(x), T.nnet.softplus(x), T.nnet.relu(x),
        T.prod(x, axis=1), x.std(axis=0), x.var(), T.alloc(np.float32(1), 2, i.shape[0]), T.arange(i[0]),
        T.eye(3), T.zeros_like(x), T.cast(x, "int32"), T.eq(i, 1), T.and_(i > 0, i < 3), T.neq(x, x), T.sgn(x), T.tile(x, (2, 1)),
        T.repeat(x, 2, axis=0), T.cumsum(x, axis=1), T.sort(x, axis=0), T.argsort(x, axis=1), T.batched_dot(x, x),
        T.tensordot(x, E, [[1], [1]]), T.maximum(x, 0), T.minimum(x, 0), T.nonzero(x)[0], T.diag(E[:3]),
        T.addbroadcast(x[:1], 0) + x, T.outer(x[0], x[1]), T.inv(x + 3), T.nnet.hard_sigmoid(x),
        T.nnet.binary_crossentropy(T.nnet.sigmoid(x), T.ones_like(x)), T.any(x > 0, axis=1), T.sum(x, axis=(0, 1)),
    ]
    return {"inputs": [x, i], "outputs": outputs}, evaluated_all(outputs, {x: X, i: np.array([1, 0, 1, 3], "int32")})


def evaluated_all(outputs, givens):
    f = theano.function(list(givens), outputs, on_unused_input="ignore", mode="FAST_COMPILE")
    return [np.asarray(o).tolist() for o in f(*givens.values())]


@case
def function():
    x = T.fmatrix("x")
    W, b = theano.shared(weights(3, 2), name="W"), theano.shared(weights(2), name="b")
    cost = T.sqr(T.tanh(T.dot(x, W) + b) - 1).mean()
    f = theano.function([x], cost, updates=[(p, p - 0.5 * T.grad(cost, p)) for p in (W, b)], name="train")
    stream = pickled(f)
    return stream, [float(f(X)), float(f(X)), W.get_value().tolist()]


@case
def function_with_defaults():
    n, step = T.lscalar("n"), T.lscalar("step")
    f = theano.function([theano.In(n, value=3, update=n + step), theano.In(step, value=2)], {"n": n, "twice": 2 * n})
    stream = pickled(f)
    return stream, [int(f()["twice"]), int(f(step=5)["n"]), int(f()["n"])]


@case
def loop():
    x = T.fmatrix("x")
    W = theano.shared(weights(3, 3), name="W")
    h, _ = theano.scan(lambda v, before: T.tanh(v + T.dot(before, W)), x, T.zeros((3,), dtype="float32"))
    outputs = [h, T.grad(h[-1].sum(), W)]
    return {"inputs": [x], "outputs": outputs, "params": [W]}, evaluated(outputs, {x: X})


@case
def streams():
    srng = T.shared_randomstreams.RandomStreams(5)
    outputs = [srng.uniform((2, 2)), srng.normal((3,))]
    stream = pickled({"srng": srng, "outputs": outputs})
    f = theano.function([], outputs)
    return stream, [[a.tolist() for a in f()] for _ in range(2)]


@case
def streams_mrg():
    srng = theano.sandbox.rng_mrg.MRG_RandomStreams(5)
    outputs = [srng.uniform((2, 2), nstreams=2), srng.normal((3,), nstreams=2)]
    stream = pickled({"srng": srng, "outputs": outputs})
    f = theano.function([], outputs)
    return stream, [[a.tolist() for a in f()] for _ in range(2)]


@case
def sparse_model():
    x = sparse.csr_matrix("x", dtype="float32")
    rows = theano.shared(scipy.sparse.csr_matrix(X), name="rows")
    W = theano.shared(weights(3, 2), name="W")
    outputs = [sparse.structured_dot(x, W), sparse.dot(rows, W)]
    expected = evaluated(outputs[:1], {x: scipy.sparse.csr_matrix(X)}) + evaluated(outputs[1:], {})
    return {"inputs": [x], "outputs": outputs, "params": [W, rows]}, expected


@case
def choices():
    x, c = T.fmatrix("x"), T.bscalar("c")
    a, b = T.fmatrices("a", "b")
    made = theano.OpFromGraph([a, b], [a * b + 1])
    outputs = [theano.ifelse.ifelse(c, x, -x), made(x, x)]
    expected = evaluated(outputs[:1], {x: X, c: 0}) + evaluated(outputs[1:], {x: X})
    return {"inputs": [x, c], "outputs": outputs}, expected


@case
def own_class():
    layer = models.Layer(theano.shared(weights(3, 2), name="W"), theano.shared(weights(2), name="b"), T.tanh)
    return layer, weights(3, 2).tolist()


@case
def on_gpu():
    """Shared variables of a GPU's memory, by a stand-in for the package of its arrays."""
    gpu = theano.gpuarray.type
    gpu._context_reg[None] = object()
    gpu.gpuarray = StandIn
    made = gpu.GpuArrayType("float32", (False, False), context_name=None)
    gpu.copyreg.pickle(StandIn, lambda a: (gpu.GpuArray_unpickler, (a.value, None)))
    W = gpu.GpuArraySharedVariable(
        name="W", type=made, value=None, strict=None, container=theano.gof.Container(made, [StandIn(weights(3, 2))])
    )
    return [W, StandIn(weights(2))], [weights(3, 2).tolist(), weights(2).tolist()]


class StandIn(object):
    """An array of a GPU's memory, and the module that has its class."""

    GpuArrayException = ValueError

    def __init__(self, value):
        self.value = value

    @staticmethod
    def dtype_to_typecode(dtype):
        return 11


StandIn.GpuArray = StandIn


class Pickled(bytes):
    """A pickle that was written already, before what it was written from changed."""


def pickled(obj):
    version = 3 if sys.version_info[0] > 2 else 2
    return Pickled(pickle.dumps(obj, version))


def main():
    if not os.path.isdir(FOLDER):
        os.mkdir(FOLDER)
    expected = {}
    for make in CASES:
        obj, expected[make.__name__] = make()
        protocol = 3 if sys.version_info[0] > 2 else 2 if make.__name__ in BINARY else 0
        stream = obj if isinstance(obj, Pickled) else pickle.dumps(obj, protocol)
        with open(os.path.join(FOLDER, make.__name__ + ".pkl.bz2"), "wb") as file:
            file.write(bz2.compress(stream))
        print("%-24s %6d bytes" % (make.__name__, len(stream)))
    with open(os.path.join(FOLDER, "model.zip"), "wb") as file:
        theano.misc.pkl_utils.dump(parameters()[0], file)
    with io.open(os.path.join(FOLDER, "expected.json"), "w", encoding="utf8") as file:
        file.write(json.dumps(expected, sort_keys=True, indent=0, ensure_ascii=False) + u"\n")


if __name__ == "__main__":
    main()
