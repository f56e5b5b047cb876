"""Whole networks on a factored output layer, D -> d -> D, trained in one compiled call."""

from functools import cache

import numpy as np
import pytensor
import pytensor.tensor as pt
import scipy.sparse
import twins
from checks import assert_in_place, assert_no_dense_node, assert_same_layer, assert_unchanged
from pytensor import sparse
from pytensor.compile.mode import Mode, get_mode

from ptembed import graphs
from ptembed.graphs import spherical
from ptembed.graphs.factored import FactoredOutput
from ptembed.graphs.inputs import feature_rows

PYTHON = Mode("py", "fast_compile")
D, d = 150, 5


def start():
    return np.random.default_rng(1).normal(size=(D, d)) * 0.3


def test_a_network_on_sparse_inputs_touches_only_the_rows_of_its_non_zeros():
    """D -> d -> D: bags of words in, several targets out; also by plain grad."""
    W = start()
    E, layer = pytensor.shared(W[::-1].copy(), name="E"), FactoredOutput.from_dense(W)
    x, idx, y = sparse.csr_matrix("x", dtype="float64"), pt.lmatrix("idx"), pt.dmatrix("y")
    read = feature_rows(E, x)
    H = pt.tanh(read.values)
    out = layer(H, idx)
    cost = spherical.squared_error(y)(*out.sums).mean()
    gradient, updates = out.train(cost, 0.5)
    by_known, by_grad = pytensor.grad(None, [read.part], known_grads={H: gradient}), pytensor.grad(cost, [read.part])
    updates |= graphs.sgd(by_known, read, 0.5)
    step = pytensor.function([x, idx, y], [cost, *by_known, *by_grad], updates=updates, mode=PYTHON)
    bags = scipy.sparse.csr_matrix(([1.0, 2.0, 1.0], ([0, 0, 1], [3, 90, 3])), shape=(2, D))
    targets, values, E0 = np.array([[5, 9], [9, 140]]), np.array([[1.0, 2.0], [0.5, 1.0]]), E.get_value()
    V, hidden = layer.V.get_value(), np.tanh(bags @ E0)
    loss, known, plain = step(bags, targets, values)
    losses, by_H = twins.dense_output_step(W, hidden, targets, values, "squared_error", 0.5)
    np.testing.assert_allclose(loss, losses.mean(), rtol=1e-12)
    np.testing.assert_allclose(known, plain, rtol=1e-10)
    np.testing.assert_allclose(E.get_value(), E0 - 0.5 * bags.T @ (by_H * (1 - hidden**2)), rtol=1e-10)
    assert_same_layer(layer, W, 1e-12)
    assert np.flatnonzero((layer.V.get_value() != V).any(axis=1)).tolist() == [5, 9, 140]
    assert np.flatnonzero((E.get_value() != E0).any(axis=1)).tolist() == [3, 90]


@cache
def network():
    """D -> d -> D over the rows of an embedding, in one compiled call; what to compile, and an evaluation."""
    W = start()
    E, layer = pytensor.shared(W[::-1].copy(), name="E"), FactoredOutput.from_dense(W)
    words, targets = pt.lvector("words"), pt.lvector("targets")
    r = graphs.rows(E, words)
    H = pt.tanh(r.values)
    out = layer(H, targets)
    cost = spherical.squared_error()(*out.sums).mean()
    gradient, updates = out.train(cost, 0.5)
    below = graphs.sgd(pytensor.grad(None, [r.part], known_grads={H: gradient}), r, 0.5)
    whole = {"inputs": [words, targets], "outputs": cost, "updates": updates | below}
    evaluate = pytensor.function([words, targets], cost, mode=PYTHON)
    return E, layer, pytensor.function(**whole, mode="NUMBA"), whole, evaluate


def test_a_network_has_no_dense_node():
    E, layer, step, whole, _ = network()
    assert_in_place(step, layer.V, E)
    one_by_one = pytensor.function(**whole, mode=get_mode("NUMBA").excluding("inplace_elemwise"))
    assert_no_dense_node(one_by_one, layer.V, np.array([3, 3, 70]), np.array([5, 9, 5]))


def test_a_network_trains_the_rows_read():
    E, layer, step, _, evaluate = network()
    words, targets = np.array([3, 3, 70]), np.array([5, 9, 5])
    E0, V, W = E.get_value(), layer.V.get_value(), layer.to_dense()[0]
    before, H = evaluate(words, targets), np.tanh(E0[words])
    np.testing.assert_array_equal(layer.to_dense()[0], W)
    cost = step(words, targets)
    losses, by_H = twins.dense_output_step(W, H, targets[:, None], np.ones((3, 1)), "squared_error", 0.5)
    np.testing.assert_allclose([cost, before], losses.mean(), rtol=1e-12)
    assert_same_layer(layer, W, 1e-13)
    np.add.at(E0, words, -0.5 * by_H * (1 - H**2))
    np.testing.assert_allclose(E.get_value(), E0, rtol=1e-12)
    assert np.flatnonzero((layer.V.get_value() != V).any(axis=1)).tolist() == [5, 9]


def test_a_network_goes_on_where_the_factors_are_singular():
    """Under Numba: plain and deflated steps, corrections, and rows that catch up with them."""
    E, layer, step, _, _ = network()
    E0, W = E.get_value(), layer.to_dense()[0]
    for t in range(40):
        E.set_value(np.full_like(E0, np.arctanh((1 if t % 4 == 3 else 0.8) / np.sqrt(d))))
        H, targets = np.tanh(E.get_value()[[t % 5]]), np.array([t % 7])
        step([t % 5], targets)
        twins.dense_output_step(W, H, targets[:, None], np.ones((1, 1)), "squared_error", 0.5)
        np.testing.assert_allclose(layer.to_dense()[0], W, atol=1e-12)
    assert_same_layer(layer, W, 1e-12)
    found = layer.health()
    assert found.deflated >= 10
    assert found.corrections > 0
    E.set_value(E0)


def test_what_cannot_be_done_writes_nothing_in_a_network():
    E, _, step, _, _ = network()
    E0 = E.get_value()
    assert "row numbers must lie in" in assert_unchanged(step, ([3], [D]), IndexError)
    assert "one row for each example" in assert_unchanged(step, ([3, 4], [0]), ValueError)
    E.set_value(np.full_like(E0, np.nan))
    for words in ([3], [3, 4]):  # one example and several have kernels of their own
        assert "must be finite" in assert_unchanged(step, (words, words), FloatingPointError)
    E.set_value(E0)
