"""All optimizers: on rows against a NumPy twin, on all rows against the dense form and torch's numbers."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
import twins
from pytensor.compile.mode import Mode

from ptembed import graphs
from ptembed.graphs import rows

TORCH = json.loads(Path(__file__).with_name("torch_updates.json").read_text())
TOLERANCE = {"float64": 1e-12, "float32": 2e-6}

# name: (builder, its hyper-parameters, twin, the twin's hyper-parameters beside these)
OPTIMIZERS = {
    "sgd": (graphs.sgd, {"learning_rate": 0.1}, twins.sgd, {}),
    "momentum": (graphs.momentum, {"learning_rate": 0.1, "momentum": 0.9}, twins.momentum, {}),
    "nesterov": (graphs.nesterov, {"learning_rate": 0.1, "momentum": 0.9}, twins.nesterov, {}),
    "adagrad": (graphs.adagrad, {"learning_rate": 0.1}, twins.adagrad, {}),
    "rowwise_adagrad": (graphs.rowwise_adagrad, {"learning_rate": 0.1}, twins.rowwise_adagrad, {}),
    "rmsprop": (graphs.rmsprop, {"learning_rate": 0.01}, twins.rmsprop, {}),
    "rmsprop_centered": (graphs.rmsprop, {"learning_rate": 0.01, "centered": True}, twins.rmsprop, {}),
    "adadelta": (graphs.adadelta, {}, twins.adadelta, {}),
    "adam": (graphs.adam, {"learning_rate": 0.01}, twins.adam, {}),
    "amsgrad": (graphs.amsgrad, {"learning_rate": 0.01}, twins.adam, {"largest": True}),
    "adamw": (graphs.adamw, {"learning_rate": 0.01, "weight_decay": 0.1}, twins.adam, {}),
    "adamax": (graphs.adamax, {"learning_rate": 0.01}, twins.adamax, {}),
    "nadam": (graphs.nadam, {"learning_rate": 0.01}, twins.nadam, {}),
    "ftrl": (graphs.ftrl, {"learning_rate": 0.2, "l1": 0.05, "l2": 0.01}, twins.ftrl, {}),
}

every_optimizer = pytest.mark.parametrize("name", OPTIMIZERS)
every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


@cache
def trainer(name, dtype):
    """W, a dense B, and a step whose gradient by W[idx] is G and by B is H; restarted by the function returned last."""
    build, hyper, *_ = OPTIMIZERS[name]
    start = np.array(TORCH["start"], dtype)
    W, B = pytensor.shared(start, name="W"), pytensor.shared(start, name="B")
    idx, G, H = pt.lvector("idx"), pt.matrix("G", dtype=dtype), pt.matrix("H", dtype=dtype)
    r = rows(W, idx)
    updates = build((r.values * G).sum() + (B * H).sum(), [r, B], **hyper)
    first = {shared: shared.get_value() for shared in updates}

    def restart():
        for shared, value in first.items():
            shared.set_value(value)

    return W, B, pytensor.function([idx, G, H], updates=updates, mode=Mode("py", "fast_run")), restart


def twin(name):
    _, hyper, step, more = OPTIMIZERS[name]
    return step, hyper | more


@every_dtype
@every_optimizer
def test_rows_equal_the_twin(name, dtype):
    W, _, train, restart = trainer(name, dtype)
    restart()
    step, hyper = twin(name)
    expected, states = W.get_value().astype("float64"), {}
    random = np.random.default_rng(3)
    for idx in ([1, 1, -3], [3], [], [0, -1, 3, 3], [1, 3]):  # row 2 is never read
        G = random.normal(size=(len(idx), 3)).astype(dtype)
        train(np.array(idx, "int64"), G, np.zeros((4, 3), dtype))
        twins.lazy_step(step, expected, states, idx, G.astype("float64"), **hyper)
    np.testing.assert_allclose(W.get_value(), expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
    assert W.get_value()[2].tolist() == np.array(TORCH["start"], dtype)[2].tolist()


@every_dtype
@every_optimizer
def test_all_rows_equal_the_dense_form(name, dtype):
    W, B, train, restart = trainer(name, dtype)
    restart()
    step, hyper = twin(name)
    expected, state = W.get_value().astype("float64"), {}
    if name == "rowwise_adagrad":
        step = rowwise_adagrad_of_a_matrix
    for g in np.array(TORCH["gradients"], dtype):
        train(np.arange(4), g, g)
        expected = step(expected, g.astype("float64"), state, **hyper)
    np.testing.assert_allclose(B.get_value(), expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
    np.testing.assert_allclose(W.get_value(), expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


def rowwise_adagrad_of_a_matrix(w, g, s, learning_rate, epsilon=1e-10):
    s["a"] = s.get("a", 0) + np.mean(g**2, axis=1, keepdims=True)
    return w - learning_rate * g / (np.sqrt(s["a"]) + epsilon)


@pytest.mark.parametrize("name", TORCH["values"])
def test_all_rows_equal_torch(name):
    W, B, train, restart = trainer(name, "float64")
    restart()
    for g in np.array(TORCH["gradients"]):
        train(np.arange(4), g, g)
    for shared in (W, B):
        np.testing.assert_allclose(shared.get_value(), TORCH["values"][name], rtol=1e-12, atol=1e-12)


def test_torch_is_compared_where_it_has_the_optimizer():
    assert set(OPTIMIZERS) - set(TORCH["values"]) == {"rowwise_adagrad", "ftrl"}


@every_optimizer
def test_histories_are_lazy_and_named(name):
    build, hyper, *_ = OPTIMIZERS[name]
    W = pytensor.shared(np.ones((4, 2), "float32"), name="W")
    r = rows(W, [2, 0])
    updates = build((r.values**2).sum(), r, **hyper)
    before = {shared: shared.get_value() for shared in updates}
    pytensor.function([], updates=updates, mode=Mode("py", "fast_run"))()
    for shared in updates:
        assert shared.type.dtype == "float32" and shared.name.startswith("W")
        np.testing.assert_array_equal(shared.get_value()[[1, 3]], before[shared][[1, 3]])
        assert (shared.get_value()[[0, 2]] != before[shared][[0, 2]]).any()


def test_each_row_counts_its_own_steps():
    W, idx = pytensor.shared(np.ones((3, 2)), name="W"), pt.lvector("idx")
    r = rows(W, idx)
    updates = graphs.adam(r.values.sum(), r)
    step = pytensor.function([idx], updates=updates, mode=Mode("py", "fast_run"))
    for i in ([0, 0], [0, 1], [0]):
        step(i)
    [t] = [shared for shared in updates if shared.name == "W_t"]
    assert t.get_value().tolist() == [3, 1, 0]


def test_a_dense_parameter_counts_its_steps_once():
    U = pytensor.shared(np.ones((3, 2)), name="U")
    updates = graphs.adam((U**2).sum(), U)
    step = pytensor.function([], updates=updates, mode=Mode("py", "fast_run"))
    step(), step()
    [t] = [shared for shared in updates if shared.name == "U_t"]
    assert t.get_value() == 2


@pytest.mark.parametrize("shape", [(4,), (4, 2, 3)])
@pytest.mark.parametrize("name", ["sgd", "rowwise_adagrad", "nadam"])
def test_matrices_of_other_rank(name, shape):
    build, hyper, *_ = OPTIMIZERS[name]
    step, more = twin(name)
    W = pytensor.shared(np.full(shape, 2.0), name="W")
    r = rows(W, [1, 1])
    pytensor.function([], updates=build((r.values**2).sum(), r, **hyper), mode=Mode("py", "fast_run"))()
    expected = step(np.full(shape[1:], 2.0), np.full(shape[1:], 8.0), {}, **more)
    np.testing.assert_allclose(W.get_value()[1], expected, rtol=1e-12)


def test_a_dense_scalar():
    b = pytensor.shared(2.0, name="b")
    for name in ("adam", "rowwise_adagrad"):
        build, hyper, step, more = OPTIMIZERS[name]
        b.set_value(2.0)
        pytensor.function([], updates=build(b**2, b, **hyper), mode=Mode("py", "fast_run"))()
        np.testing.assert_allclose(b.get_value(), step(2.0, 4.0, {}, **hyper, **more), rtol=1e-12)


def test_ftrl_makes_exact_zeros_and_keeps_the_matrix_it_began_with():
    W, idx = pytensor.shared(np.array([[1.0, -0.01], [3.0, 0.0]]), name="W"), pt.lvector("idx")
    r, start = rows(W, idx), W.get_value()
    updates = graphs.ftrl(0.0 * r.values.sum(), r, learning_rate=0.5, l1=0.1, l2=0.3)
    pytensor.function([idx], updates=updates, mode=Mode("py", "fast_run"))([0, 1])
    np.testing.assert_allclose(W.get_value(), start, rtol=1e-15)
    updates = graphs.ftrl((r.values * [[0.0, -2.0]]).sum(), r, learning_rate=0.5, l1=1.0)
    pytensor.function([idx], updates=updates, mode=Mode("py", "fast_run"))([1])
    assert W.get_value()[1, 1] == 1 / 6  # z = -2 and n = 4: (2 - 1) / ((1 + 2) / 0.5)
    W.set_value(start)
    updates = graphs.ftrl((r.values * [[0.0, 0.5]]).sum(), r, learning_rate=0.5, l1=1.0)
    pytensor.function([idx], updates=updates, mode=Mode("py", "fast_run"))([1])
    assert W.get_value()[1, 1] == 0


def test_ftrl_wants_numbers():
    r = rows(pytensor.shared(np.ones((2, 2)), name="W"), [0])
    with pytest.raises(TypeError, match="learning_rate of ftrl must be a number"):
        graphs.ftrl(r.values.sum(), r, learning_rate=pt.dscalar("rate"))
    with pytest.raises(ValueError, match="learning_rate of ftrl must be positive, got 0"):
        graphs.ftrl(r.values.sum(), r, learning_rate=0)


@pytest.mark.parametrize("name", sorted(OPTIMIZERS.keys() - {"ftrl"}))
def test_symbolic_hyper_parameters_of_another_dtype(name):
    build, hyper, *_ = OPTIMIZERS[name]
    W, rate = pytensor.shared(np.ones((3, 2), "float32"), name="W"), pt.dscalar("rate")
    r = rows(W, [2, 2])
    hyper = {"learning_rate": rate} | {key: np.float64(value) for key, value in hyper.items() if key != "learning_rate"}
    step = pytensor.function([rate], updates=build((r.values**3).sum(), r, **hyper), mode=Mode("py", "fast_run"))
    made = [x.type for node in step.maker.fgraph.apply_nodes for x in node.outputs]
    assert {x.dtype for x in made if x.ndim > 1 and not all(x.broadcastable)} == {"float32"}
    twin_step, more = twin(name)
    expected = twin_step(np.ones(2), np.full(2, 6.0), {}, **more | {"learning_rate": 0.25})
    step(0.25)
    np.testing.assert_allclose(W.get_value()[2], expected, rtol=TOLERANCE["float32"])
