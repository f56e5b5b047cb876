"""The short way into compiled code gives what the function gives."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

from ptembed import graphs
from ptembed.train import trusted

draws = np.random.default_rng(0).integers(0, 6, (5, 4))


def training(optimizer, outputs="loss"):
    W = pytensor.shared(np.random.default_rng(1).standard_normal((6, 3)), name="W")
    b = pytensor.shared(np.ones(3), name="b")
    ids = pt.lvector("ids")
    read = graphs.rows(W, ids)
    loss = ((read.values + b) ** 2).sum()
    updates = optimizer(loss, read)
    results = {"loss": loss, "two": [loss, read.values.sum(axis=0)], "one in a list": [loss], "nothing": None}[outputs]
    return [ids], results, updates, b, loss


@pytest.mark.parametrize("optimizer", [graphs.sgd, graphs.adam, graphs.rowwise_adagrad])
@pytest.mark.parametrize("dense", [False, True], ids=["rows alone", "dense parameter too"])
def test_the_steps_are_those_of_the_function(optimizer, dense):
    states = []
    for way in (lambda f: f, trusted):
        inputs, loss, updates, b, _ = training(lambda loss, read: optimizer(loss, read, 0.1))
        if dense:
            updates = dict(updates) | {b: b - 0.1 * pytensor.grad(loss, b)}
        step = way(pytensor.function(inputs, loss, updates=updates))
        losses = [float(step(ids)) for ids in draws]
        states.append([losses, *(v.get_value() for v in dict(updates))])
    for one, other in zip(*states, strict=True):
        np.testing.assert_array_equal(one, other)
    assert states[0][0][0] != states[0][0][-1]


def test_rows_are_written_in_place_and_a_value_set_between_is_seen():
    inputs, loss, updates, _, _ = training(lambda loss, read: graphs.sgd(loss, read, 0.1))
    (W,) = updates
    step = trusted(pytensor.function(inputs, loss, updates=updates))
    array = W.get_value(borrow=True)
    step(draws[0])
    assert W.get_value(borrow=True) is array
    W.set_value(np.zeros((6, 3)))
    assert step(draws[0]) == 12  # four rows of b = 1


@pytest.mark.parametrize("outputs", ["two", "one in a list", "nothing"])
def test_outputs_have_the_form_of_the_functions(outputs):
    inputs, results, updates, _, _ = training(lambda loss, read: graphs.sgd(loss, read, 0.1), outputs)
    W = next(iter(updates))
    function = pytensor.function(inputs, results, updates=updates)
    start = W.get_value()
    expected = function(draws[0])
    W.set_value(start)
    got = trusted(function)(draws[0])
    assert type(got) is type(expected)
    for one, other in zip(got or [], expected or [], strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_random_stream_moves_on():
    rng = pytensor.shared(np.random.default_rng(3))
    moved, draw = pt.random.normal(rng=rng, return_next_rng=True)
    step = trusted(pytensor.function([], draw, updates={rng: moved}))
    expected = np.random.default_rng(3)
    np.testing.assert_allclose([step(), step()], [expected.normal(), expected.normal()])


def test_a_row_number_out_of_range_raises_and_changes_nothing():
    inputs, loss, updates, _, _ = training(lambda loss, read: graphs.adam(loss, read, 0.1))
    step = trusted(pytensor.function(inputs, loss, updates=updates))
    before = [v.get_value() for v in updates]
    with pytest.raises(IndexError):
        step(np.array([1, 6]))
    for var, value in zip(updates, before, strict=True):
        np.testing.assert_array_equal(var.get_value(), value)


def test_only_functions_by_numba_without_defaults():
    x = pt.dvector("x")
    with pytest.raises(TypeError, match="compile it with mode='NUMBA'"):
        trusted(pytensor.function([x], x + 1, mode="FAST_COMPILE"))
