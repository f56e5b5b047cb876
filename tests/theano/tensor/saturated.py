"""Costs as programs write them, of softmaxes and sigmoids that are saturated; values and gradients.

``python saturated.py`` with Theano 1.0.5 (Python 3.7, NumPy below 1.17) writes ``saturated.json``.
"""

import json
import os

import numpy as np

ROWS = np.array([[1000.0, 0, -1000], [0, 1, 2], [-1000, -1000, 999], [-700, 40, 30]])
CLASSES = np.array([2, 1, 2, 0], dtype="int32")
ONE_HOT = np.eye(3)[CLASSES]
BIAS = np.array([0.5, -1000, 3])
NUMBERS = np.array([-1000.0, -745, -40, -1, 0, 1, 37, 40, 745, 1000])
TARGETS = np.array([1.0, 0, 0.5, 1, 0, 1, 0.25, 0, 1, 0])

OF_SOFTMAX = """
    -T.mean(T.log(s)[n, y]); -T.mean(T.log(s[n, y])); T.mean(-T.log(s[n, y])); -T.sum(T.log(s)[n, y]) / 4
    T.sum(T.log(s), axis=1)[1]; T.log(s).sum(); T.log(s)[0, 2]; T.log(s[1]).sum(); T.log(s[0, 2]); T.log(s.T)[2, 1]
    -T.mean(T.sum(t * T.log(s), axis=1)); -(t * T.log(s)).sum(); -T.log((t * s).sum(axis=1)).sum()
    T.nnet.categorical_crossentropy(s, y).mean(); T.nnet.categorical_crossentropy(s, t).mean()
    T.nnet.crossentropy_categorical_1hot(s, y).sum(); T.mean(T.nnet.categorical_crossentropy(s, y) * w)
    T.nnet.categorical_crossentropy(T.clip(s, 1e-7, 1 - 1e-7), y).mean(); T.log(s + 1e-8).mean()
    T.nnet.binary_crossentropy(T.clip(s, 1e-7, 1 - 1e-7), t).mean(); (s * T.log(s)).sum(); T.sqr(s - t).sum(); s[0, 1]
    (s ** 2).sum(); T.max(s); T.mean(T.log(s)[n, y]) + 0.1 * T.sqr(x).sum(); -T.log(s).sum(axis=1).mean() * 3
    T.mean(-T.log(s)[n, y] * w); -T.dot(w, T.log(s)[n, y]); (T.log(s) * T.log(s)).mean(); T.exp(T.log(s)).sum()
""".replace("\n", ";")

SOFTMAXES = {
    "softmax": "T.nnet.softmax(x)",
    "with a bias": "T.nnet.softmax(x + b)",
    "one Op": "T.nnet.softmax_with_bias(x, b)",
    "less the largest": "(lambda e: e / e.sum(axis=1, keepdims=True))(T.exp(x - x.max(axis=1, keepdims=True)))",
    "by hand": "T.exp(x) / T.exp(x).sum(axis=1, keepdims=True)",
    "by hand, in two": "(lambda e: e / e.sum(axis=1).dimshuffle(0, 'x'))(T.exp(x))",
}

OF_NUMBERS = """
    T.log(T.nnet.sigmoid(v)).sum(); T.log(1 - T.nnet.sigmoid(v)).sum(); T.log(1. - T.nnet.sigmoid(-v)).sum()
    T.log(T.nnet.sigmoid(-v)).mean(); -T.log(T.nnet.sigmoid(v)).mean(); T.log1p(-T.nnet.sigmoid(v)).sum()
    T.log(1 + T.exp(v)).sum(); T.log(1 + T.exp(-v)).sum(); T.log1p(T.exp(v)).sum(); T.nnet.softplus(v).sum()
    T.log(1 / (1 + T.exp(-v))).sum(); T.log(1 - 1 / (1 + T.exp(-v))).sum(); (1 / (1 + T.exp(-v))).sum()
    (1 / (1 + T.exp(v))).sum(); (T.exp(v) / (1 + T.exp(v))).sum(); (T.exp(v) / (T.exp(v) + 1)).sum()
    -(u * T.log(T.nnet.sigmoid(v)) + (1 - u) * T.log(1 - T.nnet.sigmoid(v))).sum()
    T.nnet.binary_crossentropy(T.nnet.sigmoid(v), u).sum(); T.nnet.binary_crossentropy(T.nnet.sigmoid(v), u).mean()
    T.nnet.sigmoid_binary_crossentropy(v, u).sum(); (-u * T.log(T.nnet.sigmoid(v))).sum()
    T.nnet.binary_crossentropy(T.clip(T.nnet.sigmoid(v), 1e-7, 1 - 1e-7), u).sum()
    (T.nnet.sigmoid(v) * T.exp(-v)).sum(); (T.nnet.sigmoid(-v) * T.exp(v)).sum(); (v * T.nnet.sigmoid(v)).sum()
    (1 - T.nnet.sigmoid(v)).sum(); T.log(T.nnet.sigmoid(v) * T.nnet.sigmoid(-v)).sum(); T.tanh(v).sum()
    T.log(T.nnet.sigmoid(2 * v + 1)).sum(); T.log(T.nnet.sigmoid(T.dot(v, v)))
    T.log(T.sum(T.exp(v))); T.log(T.exp(v[:4]).sum() + T.exp(v[4:8]).sum()); T.log(T.exp(v - 3).sum())
    T.nnet.hard_sigmoid(v).sum(); T.log(1 + T.exp(v)).sum() - T.dot(v, v); T.sqrt(T.sqr(v)).sum(); T.nnet.elu(v).sum()
    T.nnet.selu(v).sum(); T.nnet.softsign(v).sum(); T.nnet.relu(v, 0.1).sum(); T.log(T.flatten(T.nnet.sigmoid(v))).sum()
    T.log(1 - T.nnet.sigmoid(v).reshape((2, 5))).sum(); T.log(1 - T.nnet.sigmoid(v.dimshuffle('x', 0))).sum()
    T.xlogx.xlogx(T.nnet.sigmoid(v)).sum(); T.log(T.switch(u > 0.5, T.nnet.sigmoid(v), 1 - T.nnet.sigmoid(v))).sum()
""".replace("\n", ";")


def programs():
    """The names of all programs."""
    costs, numbers = (list(filter(None, map(str.strip, text.split(";")))) for text in (OF_SOFTMAX, OF_NUMBERS))
    return [name + ": " + cost for name in SOFTMAXES for cost in costs] + numbers


def outcome(theano, program):
    """The value and the gradient of one program, in text; nan where it is not finite."""
    T = theano.tensor
    kind, _, cost = program.partition(": ")
    if not cost:
        v = T.dvector("v")
        c = eval(program, {"T": T, "v": v, "u": T.constant(TARGETS)})
        f = theano.function([v], [c, T.grad(c, v)])
        return as_json(f(NUMBERS))
    x, b = T.dmatrix("x"), T.dvector("b")
    names = {"T": T, "np": np, "x": x, "b": b, "t": T.constant(ONE_HOT), "w": T.constant(np.arange(4.0))}
    names["s"], names["y"] = eval(SOFTMAXES[kind], names), T.ivector("y")
    names["n"] = T.arange(names["y"].shape[0])
    c = eval(cost, names)
    f = theano.function([x, b, names["y"]], [c, T.grad(c, x)], on_unused_input="ignore")
    return as_json(f(ROWS, BIAS, CLASSES))


def as_json(values):
    return [np.where(np.isfinite(v), v, np.nan).astype("float64").tolist() for v in values]


def main():
    os.environ["THEANO_FLAGS"] = "cxx=,optimizer_excluding=fusion,floatX=float64"
    import sys

    import theano

    sys.setrecursionlimit(10000)
    here = os.path.dirname(os.path.abspath(__file__))
    record = {"made with": theano.__version__, "outcomes": {p: outcome(theano, p) for p in programs()}}
    with open(os.path.join(here, "saturated.json"), "w") as file:
        file.write(json.dumps(record, indent=0) + "\n")


if __name__ == "__main__":
    main()
