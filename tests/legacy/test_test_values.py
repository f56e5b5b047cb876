"""``compute_test_value``: errors where the graph is written, and nothing while the flag is off."""

import numpy as np
import pytest
from pytensor.graph.op import Op


@pytest.fixture
def raising(theano):
    with theano.change_flags(compute_test_value="raise"):
        yield theano


def matrix(theano, name, *shape):
    x = theano.tensor.dmatrix(name)
    x.tag.test_value = np.ones(shape)
    return x


def test_values_follow_the_graph(raising):
    T = raising.tensor
    y = T.dot(matrix(raising, "a", 2, 3), matrix(raising, "b", 3, 4)) + raising.shared(1.0)
    np.testing.assert_array_equal(y.tag.test_value, np.full((2, 4), 4.0))
    np.testing.assert_array_equal(y[0].sum().tag.test_value, 16)


def test_a_wrong_shape_raises_in_the_line_that_writes_it(raising):
    a, b = matrix(raising, "a", 2, 3), matrix(raising, "b", 2, 3)
    with pytest.raises(ValueError, match=r"align|mismatch"):
        raising.tensor.dot(a, b)


def test_a_wrong_value_raises(raising):
    x = raising.tensor.ivector("x")
    x.tag.test_value = np.ones(2)
    with pytest.raises(TypeError, match="test value of x must be of its type"):
        raising.tensor.exp(x)


@pytest.mark.parametrize("action", ["off", "ignore", "warn", "raise"])
def test_what_a_missing_value_does(theano, action):
    x = theano.tensor.dvector("x")
    with theano.change_flags(compute_test_value=action):
        if action == "raise":
            with pytest.raises(ValueError, match=r"input 0 \(x\)"):
                theano.tensor.exp(x)
        elif action == "warn":
            with pytest.warns(UserWarning, match="missing default value"):
                theano.tensor.exp(x)
        else:
            assert not hasattr(theano.tensor.exp(x).tag, "test_value")


def test_gradients_and_functions_need_no_more_values(raising):
    x = matrix(raising, "x", 2, 2)
    gradient = raising.grad(raising.tensor.tanh(x).sum(), x)
    function = raising.function([x], gradient, mode="FAST_COMPILE")
    np.testing.assert_allclose(function(np.ones((2, 2))), gradient.tag.test_value)


def test_values_are_not_destroyed(raising):
    class Writes(raising.Op):
        __props__ = ()
        destroy_map = {0: [0]}

        def make_node(self, x):
            return raising.Apply(self, [x], [x.type()])

        def perform(self, node, inputs, output_storage):
            inputs[0][:] = 7
            output_storage[0][0] = inputs[0]

    x = matrix(raising, "x", 1, 2)
    assert Writes()(x).tag.test_value.tolist() == [[7, 7]]
    assert x.tag.test_value.tolist() == [[1, 1]]


def test_the_step_of_a_scan_has_values(raising):
    T, seen = raising.tensor, []
    x = matrix(raising, "x", 3, 2)

    def step(row, before, weight):
        seen.extend(v.tag.test_value.tolist() for v in (row, before))
        return before + row * weight

    sums, _ = raising.scan(step, x, T.zeros_like(x[0]), raising.shared(2.0))
    assert seen[:2] == [[1, 1], [0, 0]]
    assert sums[-1].tag.test_value.tolist() == [6, 6]


def test_pytensor_is_untouched_while_the_flag_is_off(theano):
    before = Op.__call__
    with theano.change_flags(compute_test_value="ignore"):
        assert Op.__call__ is not before
    assert Op.__call__ is before
