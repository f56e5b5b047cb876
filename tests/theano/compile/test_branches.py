"""Branches under Numba: the same numbers as node by node, and nothing that is not needed."""

import itertools
import warnings

import numpy as np
import pytest

from ptembed import theano
from ptembed.theano import tensor as T
from ptembed.theano.compile import tiered
from ptembed.theano.compile.branches import IfNeeded, when_needed, with_branches
from ptembed.theano.ifelse import ifelse

X = np.random.default_rng(0).normal(size=(4, 3))


@pytest.fixture
def compiled_at_once(monkeypatch):
    monkeypatch.setattr(tiered, "BUDGET", 1)


def is_compiled(function):
    return "VM" not in type(function.vm.tier).__name__


def graph_of(inputs, outputs):
    return theano.function(inputs, outputs, mode=theano.Mode("py", None)).maker.fgraph


def ways_of(inputs, outputs, x):
    """The ways, by the names of the conditions, in which the node is needed that reads ``x``."""
    fgraph = graph_of(inputs, outputs)
    reader = fgraph.clients[fgraph.inputs[inputs.index(x)]][0][0]
    return {frozenset((c.name, holds) for c, holds in way) for way in when_needed(fgraph)[reader]}


def test_the_ways_in_which_a_node_is_needed():
    a, b, x, y = T.iscalar("a"), T.iscalar("b"), T.dscalar("x"), T.dscalar("y")
    given = [a, b, x, y]
    assert ways_of(given, [ifelse(a, T.exp(x), y + a + b)], x) == {frozenset({("a", True)})}
    assert ways_of(given, [ifelse(a, y + b, T.exp(x))], x) == {frozenset({("a", False)})}
    nested = ifelse(a, ifelse(b, T.exp(x), y), y)
    assert ways_of(given, [nested], x) == {frozenset({("a", True), ("b", True)})}
    h = T.exp(x)
    assert ways_of(given, [ifelse(a, h, y + b), ifelse(b, h + 1, y)], x) == {
        frozenset({("a", True)}),
        frozenset({("b", True)}),
    }
    assert ways_of(given, [ifelse(a, h, y + b), ifelse(a, y, h + 1)], x) == {frozenset()}
    assert ways_of(given, [ifelse(a, h, y + b), h], x) == {frozenset()}
    assert ways_of(given, [ifelse(a, ifelse(a, y + b, h), y)], x) == set()


def normalised(x, W, phase):
    """A layer that normalises as it did for Keras: by the batch's figures in training, by kept ones otherwise."""
    h = T.tanh(x.dot(W))
    mean, std = h.mean(axis=0), h.std(axis=0)
    kept = theano.shared(np.zeros(3), name="kept")
    y = ifelse(phase, (h - mean) / std, h - kept)
    return y, (kept, ifelse(phase, 0.9 * kept + 0.1 * mean, kept))


def train(linker, phases):
    x, phase, W = T.dmatrix("x"), T.iscalar("phase"), theano.shared(np.linspace(-1, 1, 9).reshape(3, 3), name="W")
    y, keep = normalised(x, W, T.gt(phase, 0))
    loss = T.sum(T.sqr(y[0] - 1))
    updates = [keep, (W, W - 0.1 * T.grad(loss, W))]
    step = theano.function([x, phase], [loss, y.T], updates=updates, mode=theano.Mode(linker, "fast_run"))
    losses = [float(step(X, phase)[0]) for phase in phases]
    return losses, W.get_value(), keep[0].get_value(), step


def test_a_training_function_with_branches_is_compiled_and_gives_the_same(compiled_at_once):
    phases = [1, 0, 1, 1, 0]
    *numbers, step = train(tiered.TieredLinker(), phases)
    *expected, _ = train("py", phases)
    assert is_compiled(step)
    assert len(set(numbers[0])) == 5
    for number, other in zip(numbers, expected, strict=True):
        np.testing.assert_allclose(number, other, rtol=1e-10)


def test_what_two_branches_share_is_computed_where_one_of_them_is_taken(compiled_at_once):
    a, b, x, i = T.iscalar("a"), T.iscalar("b"), T.dvector("x"), T.lscalar("i")
    read = T.exp(x[i : i + 2][1])  # fails where there is no such element
    f = theano.function([a, b, x, i], [ifelse(a, read, x[0]), ifelse(b, read * 2, ifelse(a, x[1], x[0]))])
    for way in itertools.product([0, 1], repeat=2):
        np.testing.assert_allclose(f(*way, [0.0, 1.0], 0), [np.e if way[0] else 0, [way[0], 2 * np.e][way[1]]])
    assert is_compiled(f)
    np.testing.assert_array_equal(f(0, 0, [3.0, 1.0], 9), [3, 3])
    for way in (1, 0), (0, 1):
        with pytest.raises(IndexError):
            f(*way, [3.0, 1.0], 9)


def test_several_values_of_all_kinds_come_out_of_a_branch(compiled_at_once):
    c, x, n = T.iscalar("c"), T.fmatrix("x"), T.iscalar("n")
    first, second, third = ifelse(c, (x.T, T.gt(x, 0), T.zeros((n, 2))[1:]), (x * 2, T.lt(x, 0), T.ones((n, n))))
    f = theano.function([c, x, n], [first, second, third, ifelse(c, n + 1, n * n)], on_unused_input="ignore")
    for taken in (1, 0, 1):
        one = X.astype("float32")
        results = f(taken, one, 3)
        np.testing.assert_array_equal(results[0], one.T if taken else one * 2)
        np.testing.assert_array_equal(results[1], one > 0 if taken else one < 0)
        np.testing.assert_array_equal(results[2], np.zeros((2, 2)) if taken else np.ones((3, 3)))
        assert results[3] == (4 if taken else 9)
    assert is_compiled(f)


def test_nodes_that_are_always_needed_are_left_as_they_are():
    c, x = T.iscalar("c"), T.dvector("x")
    y = T.cos(x)
    graph = with_branches(graph_of([c, x], [ifelse(c, T.exp(x), T.sin(y)), y.sum()]))
    asking = {str(node.op.op.scalar_op) for node in graph.toposort() if isinstance(node.op, IfNeeded)}
    assert asking == {"exp", "sin"}


def test_a_branch_of_sparse_matrices_is_not_for_numba(compiled_at_once):
    c, x = T.iscalar("c"), T.dmatrix("x")
    sparse = theano.sparse
    y = ifelse(c, sparse.dense_from_sparse(sparse.csr_from_dense(x) * 2.0), x)
    f = theano.function([c, x], y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for taken in (1, 0):
            np.testing.assert_array_equal(f(taken, X), (1 + taken) * X)
