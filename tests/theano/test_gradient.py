"""The gradient's own names in the drop-in."""

import numpy as np
import pytest
from checks import assert_in_place, assert_no_dense_node

from ptembed.theano import Lop, Op, Rop, change_flags, function, shared, sparse_grad, tensor
from ptembed.theano.gradient import (
    DisconnectedInputError,
    consider_constant,
    disconnected_grad,
    jacobian,
    verify_grad,
)


def test_sparse_grad_updates_rows_alone():
    start = np.arange(12.0).reshape(4, 3)
    W, idx = shared(start.copy(), "W"), tensor.lvector("idx")
    read = sparse_grad(W[idx])
    step = function([idx], updates=[(W, W - 0.5 * tensor.grad((read**2).sum(), W))])
    assert_in_place(step, W)
    assert_no_dense_node(step, W, [1, 1, 3])
    W.set_value(start.copy())
    step([1, 1, 3])
    expected = start.copy()
    np.subtract.at(expected, [1, 1, 3], start[[1, 1, 3]])
    np.testing.assert_allclose(W.get_value(), expected)


@pytest.mark.parametrize("linker", ["cvm", "c|py", "py"])
def test_one_row_is_written_into_a_matrix_of_many(linker):
    W, idx = shared(np.zeros((4, 3)), "W"), tensor.lvector("idx")
    with change_flags(linker=linker):
        step = function([idx], updates=[(W, tensor.inc_subtensor(W[idx], W[idx] + 1))])
    step([2])
    assert np.array_equal(W.get_value(), [[0] * 3, [0] * 3, [1] * 3, [0] * 3])


@pytest.mark.parametrize(
    "other", [lambda W: W, lambda W: W[1:], lambda W: W[:], lambda W: W + 1, lambda W: W[tensor.lmatrix()]]
)
def test_sparse_grad_of_anything_else_is_refused(other):
    with pytest.raises(TypeError, match=r"sparse_grad takes W\[idx\]"):
        sparse_grad(other(shared(np.ones((4, 3)))))


class TestRop:
    """The Jacobian times a vector."""

    def test_it_is_the_jacobian_times_the_vector(self):
        x, v = tensor.dvector("x"), tensor.dvector("v")
        y = tensor.tanh(x[:2]) * x.sum()
        moved = function([x, v], [Rop(y, x, v), tensor.dot(jacobian(y, x), v)], mode="FAST_COMPILE")
        given = np.array([0.5, -1.0, 2.0]), np.array([1.0, 2.0, 3.0])
        np.testing.assert_allclose(*moved(*given))

    def test_several_outputs_and_inputs(self):
        x, y, u, v = tensor.dscalars("x", "y", "u", "v")
        first, second = Rop([x * y, x + 2 * y], [x, y], [u, v])
        values = function([x, y, u, v], [first, second], mode="FAST_COMPILE")(3.0, 4.0, 5.0, 6.0)
        assert values == [4 * 5 + 3 * 6, 5 + 2 * 6]

    def test_what_does_not_depend_is_reported(self):
        x, y = tensor.dscalars("x", "y")
        with pytest.raises(DisconnectedInputError, match="disconnected_outputs='ignore'"):
            Rop(y, x, x)
        assert Rop(y, x, x, disconnected_outputs="ignore").eval({y: 1.0}) == 0
        assert Rop(y, x, x, disconnected_outputs="ignore", return_disconnected="None") is None
        with pytest.warns(UserWarning, match="Rop needs outputs"):
            Rop(y, x, x, disconnected_outputs="warn")

    def test_what_stops_the_gradient_stops_it(self):
        x = tensor.dscalar("x")
        with pytest.raises(DisconnectedInputError):
            Rop(disconnected_grad(x) * 2, x, x)

    def test_wrong_arguments(self):
        x = tensor.dvector("x")
        for wrt, points in (([x], [x, x]), (x, tensor.dmatrix()), (x, 1.0)):
            with pytest.raises(ValueError, match="must"):
                Rop(x, wrt, points)


def test_lop_is_the_vector_times_the_jacobian():
    x, v = tensor.dvector("x"), tensor.dvector("v")
    y = tensor.tanh(x[:2]) * x.sum()
    with change_flags(linker="py"):
        both = function([x, v], [Lop(y, x, v), tensor.dot(v, jacobian(y, x))])
    np.testing.assert_allclose(*both(np.array([0.5, -1.0, 2.0]), np.array([1.0, 2.0])))
    assert isinstance(Lop([y], [x], [v]), list) and isinstance(Lop(y, (x,), v), tuple)


def test_consider_constant_gives_zero():
    x = tensor.dscalar("x")
    assert tensor.grad(x * consider_constant(x), x).eval({x: 3.0}) == 3


def test_verify_grad_wants_a_generator_and_finds_a_wrong_gradient():
    class Wrong(Op):
        __props__ = ()
        itypes, otypes = [tensor.dvector], [tensor.dvector]

        def perform(self, node, inputs, output_storage):
            output_storage[0][0] = inputs[0] * 2

        def grad(self, inputs, output_grads):
            return [output_grads[0] * 3]

    point, rng = [np.array([1.0, 2.0])], np.random.RandomState(0)
    with pytest.raises(TypeError, match="rng"):
        verify_grad(tensor.exp, point)
    verify_grad(tensor.exp, point, rng=rng, mode="FAST_COMPILE")
    with pytest.raises(verify_grad.E_grad):
        verify_grad(Wrong(), point, rng=rng, mode="FAST_COMPILE")
