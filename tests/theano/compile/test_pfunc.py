"""Updates and replacements; what is refused was refused by Theano 1.0.5."""

import numpy as np
import pytest

from ptembed.theano import change_flags, function, shared
from ptembed.theano import tensor as T
from ptembed.theano.compile import Rebroadcast, pfunc, rebuild_collect_shared

x, m, r = T.dscalar("x"), T.dmatrix("m"), T.drow("r")


@pytest.fixture(autouse=True)
def python_linker():
    with change_flags(linker="py"):
        yield


def test_an_update_of_a_length_that_theano_did_not_know():
    ids = shared(np.arange(3))
    function([], [], updates=[(ids, T.arange(1) + 5)])()
    assert ids.get_value().tolist() == [5]
    W = shared(np.zeros((2, 2)))
    function([m], [], updates={W: m[0:1]})(np.ones((2, 2)))
    assert W.get_value().tolist() == [[1, 1]]


@pytest.mark.parametrize("new", [r, r + 1, T.zeros((1, 2)), m.sum(axis=0, keepdims=True)])
def test_an_update_that_theano_knew_to_be_a_row(new):
    with pytest.raises(TypeError, match="same type as the original shared variable"):
        pfunc([r, m], updates=[(shared(np.ones((2, 2))), new)], on_unused_input="ignore")


def test_a_row_made_a_matrix_is_an_update():
    W = shared(np.zeros((2, 2)))
    pfunc([r], updates=[(W, Rebroadcast((0, False))(r))])([[1, 2]])
    assert W.get_value().tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("updates", "kind", "text"),
    [
        ([(x, x)], TypeError, "update target must be a SharedVariable"),
        ([shared(1.0)], ValueError, "2 elements"),
        ([(shared(1.0), x, x)], ValueError, "2 elements"),
        ({shared(1): x}, TypeError, "same type"),
        ({shared(1): 1.5}, TypeError, "same type"),
    ],
)
def test_wrong_updates(updates, kind, text):
    with pytest.raises(kind, match=text):
        pfunc([x], x, updates=updates)


def test_one_variable_has_one_update():
    s = shared(1.0)
    with pytest.raises(ValueError, match="already has an update"):
        pfunc([x], x, updates=[(s, x), (s, x)])


def test_two_variables_take_each_others_values():
    a, b = shared(np.zeros(2)), shared(np.ones(2))
    pfunc([], updates=[(a, b), (b, a)])()
    assert (a.get_value().tolist(), b.get_value().tolist()) == ([1, 1], [0, 0])


def test_other_wrong_arguments():
    with pytest.raises(TypeError, match="must be a list or a tuple"):
        pfunc(x, x)
    with pytest.raises(TypeError, match="either a boolean or a list"):
        pfunc([x], x, no_default_updates=3)
    with pytest.raises(TypeError, match="Unknown parameter type"):
        pfunc(["x"], x)
    with pytest.raises(TypeError, match="Constants not allowed"):
        pfunc([T.constant(1.0)], x)
    with pytest.raises(TypeError, match="Cannot use a shared variable"):
        pfunc([shared(1.0)], x)
    with pytest.raises(RuntimeError, match=r"theano\.function"):
        pfunc([x], x, givens={x: x + 1})


def test_rebuild_collects_what_is_shared():
    s = shared(2.0, "s")
    inputs, outputs, (_, updates, pairs, found) = rebuild_collect_shared([x * s], [x], updates={s: s + 1})
    assert inputs == [x]
    assert list(updates) == [pairs[0][0]] == found == [s]
    assert outputs[0].eval({x: 3.0}) == 6
    assert rebuild_collect_shared(x * s, [x], replace={x: s + 1})[1].eval() == 6
    assert rebuild_collect_shared(x * s, [x], copy_inputs_over=False)[0] != [x]
