"""Softmaxes written by hand: finite where exponentials overflow, and nothing else changes."""

import numpy as np
import pytest
from pytensor.graph.fg import FunctionGraph
from pytensor.graph.rewriting.basic import MergeOptimizer

from ptembed.theano.tensor.nnet.softmax_by_hand import SmallerExponentials

X = np.array([[1000, 0, -1000], [88, 89, 90], [-1000, -1000, -999], [0, 1, 2]], "float32")
SPELLINGS = {
    "keepdims": lambda T, e: e / e.sum(axis=1, keepdims=True),
    "dimshuffle": lambda T, e: e / T.sum(e, axis=1).dimshuffle(0, "x"),
    "index": lambda T, e: e / e.sum(axis=-1)[:, None],
    "transposed": lambda T, e: (e.T / e.sum(axis=1)).T,
    "a product": lambda T, e: e * (1 / e.sum(axis=1, keepdims=True)),
}


def compute(theano, inputs, outputs, *values):
    mode = theano.Mode("py", "fast_run")
    return theano.function(inputs, outputs, mode=mode, on_unused_input="ignore", allow_input_downcast=True)(*values)


def softmax(x, axis):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_gradient_is_finite(theano, spelling):
    T, x = theano.tensor, theano.tensor.fmatrix()
    p = SPELLINGS[spelling](T, T.exp(x))
    p, g = compute(theano, [x], [p, T.grad((p**2).sum(), x)], X)
    s = softmax(X, 1)
    np.testing.assert_allclose(p, s, rtol=1e-6)
    np.testing.assert_allclose(g, 2 * s * (s - (s * s).sum(axis=1, keepdims=True)), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("axis", [0, 2, (0, 2), None])
def test_other_ranks_and_axes(theano, axis):
    T, x = theano.tensor, theano.tensor.dtensor3()
    values = np.random.RandomState(0).normal(scale=1000, size=(2, 3, 4))
    e = T.exp(x)
    p = e / e.sum(axis=axis, keepdims=True)
    (g,) = compute(theano, [x], [T.grad((p * x).sum(), x)], values)
    s = softmax(values, axis)
    np.testing.assert_allclose(g, s * (1 + values - (s * values).sum(axis=axis, keepdims=True)), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "cost",
    [
        "(p ** 2).sum() + T.log(D).sum()",
        "((e + 1) / D).sum() + e.sum()",
        "(e / D[::-1]).sum()",
        "(e.T[:3, :3] / D[:3]).sum()",
        "(e * e / D).sum() - (e / D / D).sum()",
        "(p - e.sum(axis=0) / D).prod() + (e - e / 2).sum()",
        "(e / e.sum(axis=0) * p).sum()",
    ],
)
def test_whatever_else_is_computed_stays_the_same(theano, cost):
    T, x = theano.tensor, theano.tensor.dmatrix()
    e = T.exp(x)
    D = e.sum(axis=1, keepdims=True)
    c = eval(cost, {"T": T, "x": x, "e": e, "D": D, "p": e / D})
    g, values = T.grad(c, x), np.random.RandomState(0).normal(size=(4, 3))
    for got, want in zip(compute(theano, [x], [c, g], values), [c, g], strict=True):
        np.testing.assert_allclose(got, want.eval({x: values}, mode=theano.Mode("py", None)), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    "write",
    [
        lambda T, x: T.grad(quotients(T.exp(x - x.max(axis=1, keepdims=True))), x),
        lambda T, x: T.grad(quotients(T.exp(x - x.max())), x),
        lambda T, x: quotients(T.exp(x)),
        lambda T, x: T.grad(T.log(T.exp(x).sum(axis=1) + 1).sum(), x),
    ],
    ids=["less the largest of a row", "less the largest", "the value alone", "another sum"],
)
def test_what_needs_no_smaller_exponentials_is_left(theano, write):
    assert not is_rewritten(theano, write)


def test_what_needs_them_is_rewritten(theano):
    assert is_rewritten(theano, lambda T, x: T.grad(quotients(T.exp(x)), x))


def quotients(e):
    return ((e / e.sum(axis=1, keepdims=True)) ** 2).sum()


def is_rewritten(theano, write):
    x = theano.tensor.dmatrix()
    fgraph = FunctionGraph([x], [write(theano.tensor, x)], clone=False)
    MergeOptimizer().rewrite(fgraph)
    before = fgraph.toposort()
    SmallerExponentials().rewrite(fgraph)
    return fgraph.toposort() != before
