"""Cheaper functions in the place of the sigmoid, where a mode asks for them; and the largest of a softmax."""

import numpy as np
import pytest


def ops(f):
    return [node.op for node in f.maker.fgraph.toposort()]


@pytest.mark.parametrize("name", ["hard_sigmoid", "ultra_fast_sigmoid"])
def test_a_mode_can_include_a_cheaper_sigmoid(theano, name):
    T, x = theano.tensor, theano.tensor.dvector()
    with theano.change_flags(linker="py"):
        mode = theano.compile.get_default_mode()
        plain, cheap, direct = (
            theano.function([x], y, mode=m)
            for y, m in (
                (T.nnet.sigmoid(x), mode),
                (T.nnet.sigmoid(x), mode.including(f"local_{name}")),
                (getattr(T.nnet, name)(x), mode),
            )
        )
    v = np.array([-50, -4, -1, 0, 1, 4, 50.0])
    assert ops(plain) == [T.nnet.sigmoid]
    np.testing.assert_array_equal(cheap(v), direct(v))
    assert np.abs(cheap(v) - plain(v)).max() > 1e-3


# on Theano 1.0.5, in float64
ULTRA_FAST = [0.00247262315663499, 0.025413270496493057, 0.25, 0.5, 0.75, 0.9745867295035069, 0.997527376843365]


def test_theanos_numbers(theano):
    with theano.change_flags(linker="py"):
        got = theano.tensor.nnet.ultra_fast_sigmoid(np.array([-50, -4, -1, 0, 1, 4, 50.0])).eval()
    np.testing.assert_allclose(got, ULTRA_FAST, rtol=1e-12)


def test_the_largest_is_looked_for_before_the_softmax(theano):
    T = theano.tensor
    x, b = T.dmatrix(), T.dvector()
    with theano.change_flags(linker="py"):
        functions = [
            theano.function([x, b], T.argmax(s, axis=1), on_unused_input="ignore")
            for s in (T.nnet.softmax(T.exp(x)), T.nnet.softmax_with_bias(x, b))
        ]
    v, c = np.array([[0.5, 2.0, 1.0], [3.0, 1.0, 2.5]]), np.array([0, 0, 1.0])
    assert functions[0](v, c).tolist() == [1, 0] and functions[1](v, c).tolist() == [1, 2]
    assert not any("oftmax" in str(op) for f in functions for op in ops(f))
