"""Pooling, its gradients and its description of windows, against loops over windows."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
import twins
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pytensor.compile.mode import Mode
from pytensor.gradient import pushforward, verify_grad

from ptembed.ops import pooling, pooling_loops, pooling_passes
from ptembed.ops.pooling import AveragePoolGrad, MaxPoolGrad, MaxPoolGradGrad, MaxPoolRop, Pool, pooled_shape

MODES = list(pooling.MODES)
PYTHON = Mode("py", "fast_run")
# shape of the array, window, stride, padding
CASES = [
    ((16,), (3,), (5,), (0,)),
    ((2, 16), (5,), (3,), (2,)),
    ((3, 8, 6), (2, 2), (2, 2), (0, 0)),
    ((3, 7, 9), (2, 2), (2, 2), (0, 0)),
    ((2, 3, 7, 9), (3, 2), (2, 3), (1, 0)),
    ((2, 8, 5), (9, 9), (1, 1), (0, 0)),
    ((2, 5, 5), (4, 4), (2, 2), (1, 2)),
    ((2, 6, 6, 5), (4, 3, 2), (1, 2, 2), (0, 2, 1)),
    ((2, 4, 4, 5, 4), (2, 2, 3, 2), (2, 1, 3, 2), (0, 0, 0, 0)),
]
# whose gradients are written in several blocks
LARGE = [((50, 34), (2, 2), (2, 2), (0, 0)), ((91, 35), (2, 2), (2, 2), (0, 0))]


def expected(x, ws, stride, pad, ignore_border, mode):
    """The twin for each sample."""
    lead = x.shape[: x.ndim - len(ws)]
    samples = [twins.pooled_windows(x[k], ws, stride, pad, ignore_border, mode) for k in np.ndindex(*lead)]
    return np.array(samples).reshape(*lead, *samples[0].shape)


@pytest.fixture
def always_loops(monkeypatch):
    monkeypatch.setattr(pooling, "LARGE", 0)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ignore_border", [True, False])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_equals_a_loop_over_windows(case, ignore_border, mode):
    shape, ws, stride, pad = case
    pad = pad if ignore_border else (0,) * len(ws)
    x = np.random.default_rng(0).standard_normal(shape)
    got = Pool(ignore_border, mode, len(ws))(x, ws, stride, pad).eval(mode=PYTHON)
    np.testing.assert_allclose(got, expected(x, ws, stride, pad, ignore_border, mode), rtol=1e-12, atol=1e-14)
    assert got.shape == tuple(pooled_shape(shape, ws, ignore_border, stride, pad, len(ws)))


@st.composite
def one_dimension(draw):
    w = draw(st.integers(1, 6))
    ignore_border = draw(st.booleans())
    pad = draw(st.integers(0, w - 1)) if ignore_border else 0
    return draw(st.integers(1, 12)), w, draw(st.integers(1, 7)), pad, ignore_border


@given(one_dimension(), st.sampled_from(MODES))
@settings(max_examples=200, deadline=None)
def test_equals_a_loop_along_one_dimension(case, mode):
    D, w, s, p, ignore_border = case
    x = np.random.default_rng(D).standard_normal(D)
    node = Pool(ignore_border, mode, 1)(x, (w,), (s,), (p,)).owner
    storage = [[None]]
    node.op.perform(node, [v.data for v in node.inputs], storage)
    want = twins.pooled_windows(x, (w,), (s,), (p,), ignore_border, mode)
    assume(want.size or storage[0][0].size == 0)
    np.testing.assert_allclose(storage[0][0], want, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("dtype", ["float32", pytest.param("float64", marks=pytest.mark.slow)])
@pytest.mark.parametrize("case", [c for c in CASES + LARGE if len(c[1]) <= 3], ids=str)
def test_compiled_loops_equal_passes_of_numpy(case, dtype):
    shape, ws, stride, pad = case
    rng = np.random.default_rng(1)
    spec = pooling_loops.description.py_func(shape[-len(ws) :], ws, stride, pad, True, False)
    x, v = (rng.standard_normal((4, *spec[0])).astype(dtype) for _ in range(2))
    x[rng.random(x.shape) < 0.2] = np.nan
    x[rng.random(x.shape) < 0.2] = 1  # ties
    z = pooling_passes.pool_max(spec, x, x, x)
    g = rng.standard_normal(z.shape).astype(dtype)
    arguments = {"pool": (x, x, x), "rop": (x, v, v), "grad_grad": (x, z, v), "grad": (x, g, g)}
    for name in pooling_loops.__all__[2:]:
        given = (x, z, g) if name == "grad_max" else arguments[name.rpartition("_m")[0] or name.rpartition("_")[0]]
        fast, slow = (getattr(module, name)(spec, *given) for module in (pooling_loops, pooling_passes))
        assert fast.dtype == slow.dtype == dtype
        np.testing.assert_array_equal(fast, slow, err_msg=name)


@pytest.mark.parametrize("linker", ["numba", "cvm", "py"])
def test_each_linker_gives_the_same(linker):
    x, ws, stride, pad = pt.ftensor3("x"), pt.ivector("ws"), pt.lvector("stride"), pt.bvector("pad")
    outputs = []
    for mode in ("max", "average_exc_pad"):
        y = Pool(True, mode)(x, ws, stride, pad)
        g = pt.grad((y**2).sum(), x)
        outputs += [y, g, pt.grad((g * x).sum(), x), y.shape]
    f = pytensor.function([x, ws, stride, pad], outputs, mode=Mode(linker, "fast_run"))
    value = np.random.default_rng(2).standard_normal((7, 3, 9)).astype("float32").transpose(1, 0, 2)
    given = np.array([3, 2], "int32"), np.array([2, 3]), np.array([1, 0], "int8")
    first, second = (expected(value, (3, 2), (2, 3), (1, 0), True, mode) for mode in ("max", "average_exc_pad"))
    got = f(value, *given)
    np.testing.assert_allclose(got[0], first, rtol=1e-6)
    np.testing.assert_allclose(got[4], second, rtol=1e-5)
    assert got[0].dtype == got[1].dtype == "float32" and got[3].tolist() == list(first.shape)
    np.testing.assert_allclose((got[1] * value).sum(), 2 * (first**2).sum(), rtol=1e-4)
    np.testing.assert_allclose((got[5] * value).sum(), 2 * (second**2).sum(), rtol=1e-4)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("case", [CASES[1], CASES[4], CASES[7]], ids=str)
def test_gradients_of_each_order(case, mode):
    shape, ws, stride, pad = case
    rng = np.random.default_rng(3)
    x = rng.permutation(np.prod(shape)).reshape(shape).astype("float64")
    op = Pool(True, mode, len(ws))

    def pool(x):
        return op(x, ws, stride, pad)

    def gradient(g):
        variable = pt.constant(x).copy()
        return pt.grad((pool(variable) * g).sum(), variable)

    g = rng.standard_normal(pool(x).eval(mode=PYTHON).shape)
    verify_grad(pool, [x], rng=rng, eps=1e-3, mode=PYTHON)
    verify_grad(gradient, [g], rng=rng, mode=PYTHON)
    verify_grad(lambda g: pt.grad((gradient(g) ** 2).sum(), g), [g], rng=rng, mode=PYTHON)


@pytest.mark.parametrize("mode", MODES)
def test_rop_is_the_directional_derivative(mode):
    rng = np.random.default_rng(4)
    value, direction = rng.standard_normal((2, 2, 6, 7))
    x = pt.dtensor3("x")
    y = Pool(True, mode)(x, (3, 2), (2, 2), (1, 0))
    f = pytensor.function([x], [y, pushforward(y, x, pt.constant(direction))], mode=PYTHON)
    (before, got), eps = f(value), 1e-6
    np.testing.assert_allclose(got, (f(value + eps * direction)[0] - before) / eps, atol=1e-4)
    if mode == "max":
        first = MaxPoolRop(True)(x, direction, (3, 2), (2, 2), (1, 0)).eval({x: value}, mode=PYTHON)
        np.testing.assert_allclose(first, got)


def test_ties_each_get_the_gradient_and_rop_takes_the_first():
    x = np.array([[1.0, 1.0], [0.0, 1.0]])
    z, v = np.array([[1.0]]), np.array([[2.0, 3.0], [5.0, 7.0]])
    gradient = MaxPoolGrad(True)(x, z, np.array([[10.0]]), (2, 2)).eval(mode=PYTHON)
    assert gradient.tolist() == [[10, 10], [0, 10]]
    assert MaxPoolGradGrad(True)(x, z, v, (2, 2)).eval(mode=PYTHON).tolist() == [[12]]
    assert MaxPoolRop(True)(x, v, (2, 2)).eval(mode=PYTHON).tolist() == [[2]]


def test_nan_is_passed_over_unless_it_comes_first(always_loops):
    x = np.array([[np.nan, 1.0, 2.0, np.nan, 3.0], [4.0, 5.0, 1.0, np.nan, 3.0]])
    for ws in ((1, 2), (2, 2)):
        want = {(1, 2): [[np.nan, 2.0], [5.0, 1.0]], (2, 2): [[np.nan, 2.0]]}[ws]
        np.testing.assert_array_equal(Pool(True)(x, ws).eval(mode=PYTHON), want)


def test_integers_and_their_mean_rounded_to_zero():
    x = np.array([[1, -4, 2, 5]], "int16")
    for mode, want in (("max", [1, 5]), ("sum", [-3, 7]), ("average_exc_pad", [-1, 3])):
        got = Pool(True, mode, 1)(x, (2,)).eval(mode=PYTHON)
        assert got.dtype == "int16" and got.tolist() == [want]


@pytest.mark.parametrize("shape", [(0, 4, 4), (2, 0, 4), (2, 1, 1)])
def test_nothing_to_pool(shape, always_loops):
    x = pt.dtensor3("x")
    y = Pool(True)(x, (2, 2))
    f = pytensor.function([x], [y, pt.grad(y.sum(), x)], mode=PYTHON)
    y, g = f(np.ones(shape))
    assert y.shape == tuple(pooled_shape(shape, (2, 2), True)) and g.shape == shape and not g.any()


def test_shape_is_known_without_pooling():
    x, ws = pt.dtensor4("x"), pt.lvector("ws")
    for ignore_border in (True, False):
        y = Pool(ignore_border)(x, ws)
        f = pytensor.function([x, ws], [y.shape, pt.grad(y.sum(), x).shape], mode=PYTHON)
        assert not any(isinstance(node.op, pooling.Pooling) for node in f.maker.fgraph.apply_nodes)
        lengths = (4, 5) if ignore_border else (5, 5)
        assert [v.tolist() for v in f(np.ones((2, 3, 9, 10)), [2, 2])] == [[2, 3, *lengths], [2, 3, 9, 10]]


X = np.ones((2, 4, 4))
REFUSED = [
    (TypeError, "2 dimensions or more, got 1: reshape", lambda: Pool()(np.ones(3), (2, 2))),
    (TypeError, "arrays of one rank.*got 3 and 2", lambda: AveragePoolGrad(mode="sum")(X, X[0], (2, 2))),
    (TypeError, "the window of a pooling must be a vector of ints", lambda: Pool()(X, 2)),
    (TypeError, "the stride of a pooling must be a vector of ints", lambda: Pool()(X, (2, 2), (0.5, 1.0))),
    (
        ValueError,
        "the window must have a number for each of the 2 pooled dimensions, got 3",
        lambda: Pool()(X, (2, 2, 2)),
    ),
    (ValueError, r"the window must be 1 or more in each dimension, got \[0, 2\]", lambda: Pool()(X, (0, 2))),
    (ValueError, r"the stride must be 1 or more in each dimension, got \[2, -1\]", lambda: Pool()(X, (2, 2), (2, -1))),
    (ValueError, r"the padding must be 0 or more", lambda: Pool(True)(X, (2, 2), pad=(-1, 0))),
    (NotImplementedError, "only with ignore_border=True", lambda: Pool()(X, (2, 2), pad=(1, 0))),
    (NotImplementedError, "smaller than the window, got", lambda: Pool(True, "sum")(X, (2, 2), pad=(2, 0))),
    (ValueError, "Got 'min'", lambda: Pool(mode="min")),
    (ValueError, "got ndim=0", lambda: Pool(ndim=0)),
    (TypeError, "imgshape must have at least 2 dimensions", lambda: pooled_shape((3,), (2, 2))),
]


@pytest.mark.parametrize("error, message, make", REFUSED, ids=[message for _, message, _ in REFUSED])
def test_refused_when_the_graph_is_made(error, message, make):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    "ws, stride, pad", [((0, 2), (2, 2), (0, 0)), ((2, 2), (0, 1), (0, 0)), ((2, 2), (2, 2), (2, 0))]
)
def test_refused_in_the_call(ws, stride, pad):
    vectors = pt.lvector("ws"), pt.lvector("stride"), pt.lvector("pad")
    f = pytensor.function(vectors, Pool(True)(X, *vectors), mode=PYTHON)
    with pytest.raises(ValueError, match="must be"):
        f(ws, stride, pad)


def test_shapes_that_do_not_fit_are_refused_in_the_call():
    x, z = pt.dtensor3("x"), pt.dtensor3("z")
    f = pytensor.function([x, z], MaxPoolGrad(True)(x, z, z, (2, 2)), mode=PYTHON)
    with pytest.raises(ValueError, match="must have one shape"):
        f(X, np.ones((2, 2, 1)))


def test_more_than_three_dimensions_are_not_for_numba():
    y = Pool(True, ndim=4)(np.ones((2, 2, 2, 2)), (2, 2, 2, 2))
    with pytest.raises(NotImplementedError, match="3 dimensions at most, got 4"):
        pytensor.function([], y, mode=Mode("numba", None))
    assert y.eval(mode=PYTHON) == 1
