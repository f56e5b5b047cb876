"""The Op that changes the broadcast pattern, and its kernel."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

import ptembed.theano.compile.kernels  # noqa: F401  registers the kernel
from ptembed.theano.compile.ops import Rebroadcast

LINKERS = ["py", "cvm", "numba"]


@pytest.mark.parametrize("linker", LINKERS)
def test_gives_the_array_as_it_is_or_refuses_it(linker):
    x = pt.matrix("x", shape=(None, 1), dtype="float64")
    out = Rebroadcast((0, True), (1, False))(x)
    assert out.type.shape == (1, None)
    f = pytensor.function([x], out * 2, mode=pytensor.Mode(linker, "fast_run"))
    assert np.array_equal(f([[3.0]]), [[6.0]])
    with pytest.raises(ValueError, match="Dimension 0 in Rebroadcast's input was supposed to be 1"):
        f([[3.0], [4.0]])


@pytest.mark.parametrize("optimizer", ["fast_run", "fast_compile"])
def test_a_forgotten_length_is_not_broadcast(optimizer):
    x, y = pt.matrix("x", shape=(1, None), dtype="float64"), pt.dmatrix("y")
    f = pytensor.function([x, y], Rebroadcast((0, False))(x) + y, mode=pytensor.Mode("py", optimizer))
    assert np.array_equal(f([[1.0, 2.0]], [[1.0, 1.0]]), [[2.0, 3.0]])
    with pytest.raises(ValueError):
        f([[1.0, 2.0]], np.ones((2, 2)))


def test_gradient_r_op_and_shape():
    x, v = pt.matrix("x", shape=(1, None), dtype="float64"), pt.dmatrix("v")
    out = Rebroadcast((0, False), (1, True))(x)
    gradient = pytensor.grad((out**2).sum(), x)
    assert gradient.type.shape == x.type.shape
    assert np.array_equal(gradient.eval({x: [[3.0]]}), [[6.0]])
    (tangent,) = pytensor.gradient.pushforward([out], [x], [v], use_op_pushforward=True)
    assert np.array_equal(tangent.eval({v: [[5.0]]}), [[5.0]])
    f = pytensor.function([x], out.shape, mode=pytensor.Mode("py", "fast_run"))
    assert not any(isinstance(node.op, Rebroadcast) for node in f.maker.fgraph.apply_nodes)
    assert list(f(np.ones((1, 1)))) == [1, 1]


def test_equal_patterns_are_one_op():
    assert Rebroadcast((1, False), (0, True)) == Rebroadcast((0, True), (1, False))
    assert Rebroadcast((0, True)) != Rebroadcast((0, False))
    assert str(Rebroadcast((2, True), (0, False))) == "Rebroadcast{0,?,1}"
    assert Rebroadcast((0, True)).axis == {0: True}


def test_bad_axes_are_refused():
    with pytest.raises(TypeError, match="integer axes"):
        Rebroadcast((1.5, True))
    with pytest.raises(TypeError, match="needs a bool"):
        Rebroadcast((1, 1))
    with pytest.raises(ValueError, match="non-existent dimension 2"):
        Rebroadcast((2, True))(pt.dmatrix())
