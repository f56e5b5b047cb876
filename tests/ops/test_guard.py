"""Views that make sure of something first."""

import pickle

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.compile.mode import Mode
from pytensor.gradient import verify_grad

from ptembed.ops.guard import Finite, NotFiniteError, Together, finite, together


@pytest.fixture(scope="module", params=["numba", "cvm", "py"])
def mode(request):
    return Mode(request.param, "fast_run")


def test_together_gives_views_of_any_shape_and_dtype(mode):
    inputs = [pt.fmatrix(), pt.dscalar(), pt.dtensor3(), pt.lvector()]
    values = [np.ones((2, 2), "f4"), np.array(2.0), np.ones((1, 2, 3)), np.array([5, 6])]
    for x, value in zip(pytensor.function(inputs, together(inputs), mode=mode)(*values), values, strict=True):
        np.testing.assert_array_equal(x, value, strict=True)
    [only] = together(inputs[:1], inputs[1:])
    np.testing.assert_array_equal(pytensor.function(inputs, only, mode=mode)(*values), values[0])


def test_together_makes_each_value_wait_for_all_inputs():
    x, y, z = pt.dvectors("x", "y", "z")
    assert {x, y, z} <= set(pytensor.graph.traversal.ancestors(together([x, y], [z])[:1]))


def test_finite_passes_or_names_the_first_bad_row(mode):
    x, ids = pt.dtensor3("x"), pt.lvector("ids")
    f = pytensor.function([x, ids], finite(x, ids, "W"), mode=mode)
    good = np.random.default_rng(0).normal(size=(3, 2, 4))
    np.testing.assert_array_equal(f(good, [4, 7, 9]), good)
    assert f(good[:0], []).shape == (0, 2, 4)
    for wrong in (np.nan, np.inf, -np.inf):
        bad = good.copy()
        bad[1, 1, 2] = bad[2, 0, 0] = wrong
        with pytest.raises(FloatingPointError, match="NaN or infinity for row 7 of W: nothing was written"):
            f(bad, [4, 7, 9])


def test_finite_takes_scalars_and_strides(mode):
    x, s = pt.dmatrix("x"), pt.dscalar("s")
    f = pytensor.function([x, s], [finite(x.T, pt.arange(2), "W"), finite(s, pt.arange(1), "s")], mode=mode)
    values = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal(f(values, 5.0)[0], values.T)
    with pytest.raises(FloatingPointError, match="row 1 of W"):
        f(np.array([[1.0, np.nan], [3.0, 4.0]]), 5.0)
    with pytest.raises(FloatingPointError, match="row 0 of s"):
        f(values, np.nan)


def test_gradients_pass_through():
    x, y = np.random.default_rng(1).normal(size=(2, 3, 2))
    verify_grad(lambda x: finite(x, pt.arange(3), "W") ** 2, [x], rng=np.random.default_rng(2), mode=Mode("py"))
    verify_grad(lambda x, y: together([x, y])[0] * y, [x, y], rng=np.random.default_rng(2), mode=Mode("py"))


def test_shapes_are_inferred():
    x = pt.dmatrix("x")
    out = finite(together([x, x.T])[1], pt.arange(3), "W")
    f = pytensor.function([x], out.shape[0], mode=Mode("py", "fast_run"))
    assert not [node for node in f.maker.fgraph.apply_nodes if isinstance(node.op, Finite | Together)]
    assert f(np.ones((2, 3))) == 3


def test_the_error_survives_pickling():
    error = pickle.loads(pickle.dumps(NotFiniteError("W", 3)))
    assert "row 3 of W" in str(error)
