"""Ops made of graphs."""

import numpy as np
import pytest

import ptembed.theano.gradient
from ptembed.theano import OpFromGraph, change_flags, function, shared
from ptembed.theano import tensor as T
from ptembed.theano.compile.builders import DisconnectedType, NullType

x, y, z = T.dvectors("x", "y", "z")
V = np.array([1.0, 2.0])


@pytest.fixture(autouse=True)
def python_linker():
    with change_flags(linker="py"):
        yield


@pytest.fixture(params=[False, True], ids=["called", "inline"])
def inline(request):
    return request.param


def test_shared_variables_need_not_be_inputs(inline):
    s = shared(V.copy(), "s")
    op = OpFromGraph([x, y], [x * y + s], inline=inline)
    f = function([x, y], T.grad(op(x, y).sum(), [x, s]) + [op(x, y)])
    assert np.array_equal(f(V, [3, 3]), [[3, 3], [1, 1], [4, 8]])
    s.set_value([0, 0])
    assert f(V, [3, 3])[2].tolist() == [3, 6]
    with pytest.raises(ValueError, match="Expected 2 inputs, got 1"):
        op(x)


def twice(inputs, gradients):
    return [2 * gradients[0] * inputs[1], gradients[0] * inputs[0]]


def thrice(inputs, outputs, gradients):
    return [3 * gradients[0] * outputs[0] / inputs[0], gradients[0] * inputs[0]]


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({}, 3),
        ({"grad_overrides": twice}, 6),
        ({"grad_overrides": [lambda i, g: twice(i, g)[0], "default"]}, 6),
        ({"grad_overrides": OpFromGraph([x, y, z], twice([x, y], [z]))}, 6),
        ({"lop_overrides": thrice}, 9),
        ({"lop_overrides": ["default", lambda i, o, g: thrice(i, o, g)[1]]}, 3),
    ],
)
def test_the_gradient_may_be_another(inline, overrides, expected):
    product = OpFromGraph([x, y], [x * y], inline=inline, **overrides)
    gradients = function([x, y], T.grad(product(x, y).sum(), [x, y]))(V, [3, 3])
    assert np.array_equal(gradients, [[expected] * 2, V])


def test_an_input_may_have_no_gradient():
    op = OpFromGraph([x, y, z], [x * y * z], grad_overrides=["default", NullType()(), DisconnectedType()()])
    assert op.connection_pattern(None) == [[True], [True], [False]]
    kinds = T.grad(
        op(x, y, z).sum(),
        [x, y, z],
        return_disconnected="Disconnected",
        disconnected_inputs="ignore",
        null_gradients="return",
    )
    assert [type(g.type).__name__ for g in kinds][1:] == ["NullType", "DisconnectedType"]


def test_the_connections_of_an_overridden_gradient_count():
    op = OpFromGraph([x, y], [y + 1], grad_overrides=lambda i, g: [g[0], DisconnectedType()()])
    assert op.connection_pattern(None) == [[True], [False]]
    assert T.grad(op(x, y).sum(), x).eval({x: V, y: V}).tolist() == [1, 1]


def test_the_r_operator_may_be_another():
    def other(inputs, points):
        return [5 * points[0] * inputs[1]]

    for given in (other, [lambda i, e: other(i, e)[0]]):
        op = OpFromGraph([x, y], [x * y], rop_overrides=given)
        tangent = ptembed.theano.gradient.Rop(op(x, y), [x, y], [z, z])
        assert tangent.eval({x: V, y: V, z: V}).tolist() == [5, 20]


def test_overrides_may_be_set_later():
    op = OpFromGraph([x, y], [x * y])
    assert op.connection_pattern(None) == [[True], [True]]
    op.set_grad_overrides([DisconnectedType()(), "default"])
    assert op.connection_pattern(None) == [[False], [True]]


@pytest.mark.parametrize(
    ("arguments", "kind", "text"),
    [
        ({"outputs": x}, TypeError, "outputs must be list"),
        ({"outputs": [3]}, TypeError, "must be Variable instances"),
        ({"givens": {}}, TypeError, "not allowed here"),
        ({"lop_overrides": thrice, "grad_overrides": twice}, ValueError, "mutually exclusive"),
        ({"lop_overrides": 3}, TypeError, "override should be"),
        ({"lop_overrides": x}, ValueError, "DisconnectedType or NullType"),
        ({"grad_overrides": OpFromGraph([x], [x])}, ValueError, "expect overrider with 3 inputs, got 1"),
    ],
)
def test_what_cannot_be(arguments, kind, text):
    with pytest.raises(kind, match=text):
        OpFromGraph(**{"inputs": [x, y], "outputs": [x * y]} | arguments)


def test_outputs_that_the_cost_does_not_need(inline):
    op = OpFromGraph([x, y], [x * y, x + y], inline=inline)
    assert T.grad(op(x, y)[1].sum(), x).eval({x: V, y: V}).tolist() == [1, 1]
