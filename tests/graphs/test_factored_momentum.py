"""Heavy-ball momentum in the factored output layer, against a dense layer in NumPy."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
import twins
from checks import assert_unchanged
from pytensor.compile.mode import Mode

from ptembed.graphs import spherical
from ptembed.graphs.factored import FactoredOutput
from ptembed.graphs.factored_growth import grow
from ptembed.train.factored_checkpoints import load_layer, save_layer

PYTHON = Mode("py", "fast_compile")
m, D, d, K = 6, 150, 5, 3
LOSSES = {
    "squared_error": lambda y: spherical.squared_error(y),
    "spherical_softmax": lambda y: spherical.spherical_softmax(D, y),
    "taylor_softmax": lambda y: spherical.taylor_softmax(D, y),
    "z_loss": lambda y: spherical.z_loss(D, y, 1.5, 0.5),
}


class Dense:
    """The dense layer, with a bias as a further column."""

    def __init__(self, W, bias=None):
        self.W = W.astype("float64") if bias is None else np.column_stack([W, bias]).astype("float64")
        self.velocity = np.zeros_like(self.W)

    def step(self, H, idx, y, name, rate, l2, momentum):
        H, after = H.astype("float64"), self.W.copy()
        H = np.column_stack([H, np.ones(len(H))]) if H.shape[1] < self.W.shape[1] else H
        losses, by_H = twins.dense_output_step(after, H, idx, y, name, 1.0, l2)
        self.velocity = momentum * self.velocity - rate * (self.W - after)
        self.W = self.W + self.velocity
        return losses, by_H


def start(dtype="float64"):
    random = np.random.default_rng(1)
    return (random.normal(size=(D, d)) * 0.3).astype(dtype), (random.normal(size=D) * 0.3).astype(dtype)


def examples(n, size=m, dtype="float64"):
    random = np.random.default_rng(2)
    for _ in range(n):
        H = np.abs(random.normal(size=(size, d))) / np.sqrt(d)
        idx = np.array([random.choice(9, K, replace=False) for _ in range(size)])
        yield H.astype(dtype), idx, (random.random((size, K)) + 0.5).astype(dtype)


def trained(layer, name="squared_error", mode=PYTHON):
    dtype = layer.V.type.dtype
    H, y, idx = pt.matrix("H", dtype=dtype), pt.matrix("y", dtype=dtype), pt.lmatrix("idx")
    rate, l2, momentum = pt.dscalars("rate", "l2", "momentum")
    out = layer(H, idx)
    losses = LOSSES[name](y)(*out.sums)
    gradient, updates = out.train(losses.mean(), rate, l2, momentum=momentum)
    outputs = [losses, gradient, pytensor.grad(losses.mean(), H)]
    return pytensor.function([H, idx, y, rate, l2, momentum], outputs, updates=updates, mode=mode)


def assert_same_layer(layer, dense, tolerance):
    W = dense.W
    X = np.hstack([W, dense.velocity])
    np.testing.assert_allclose(np.concatenate(list(layer.blocks(64))), W, atol=tolerance)
    np.testing.assert_allclose(layer.Q.get_value(), X.T @ X, atol=10 * tolerance * abs(X.T @ X).max())
    np.testing.assert_allclose(layer.w_bar.get_value(), X.sum(axis=0), atol=D * tolerance)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("name", LOSSES)
def test_trains_as_the_dense_layer(name, bias):
    """Learning rates, decay and momentum that change, targets that several examples have, one example and many."""
    W, b = start()
    layer, dense = FactoredOutput.from_dense(W, b if bias else None, momentum=True), Dense(W, b if bias else None)
    step = trained(layer, name)
    for t, size in enumerate([m, 1, 2 * d, 2] * 8):
        H, idx, y = next(examples(1, size))
        numbers = 0.1 / (1 + t / 20), 0.01 * (t % 2), 0.5 + 0.4 * (t % 3 > 0)
        losses, by_H = dense.step(H, idx, y, name, *numbers)
        for got, expected in zip(step(H, idx, y, *numbers), [losses, by_H[:, :d], by_H[:, :d]], strict=True):
            np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-11)
    assert_same_layer(layer, dense, 1e-11)


def test_rows_catch_up_with_all_moves():
    """U is moved to the log again and again; rows are read, appended, saved and multiplied out in between."""
    W, b = start()
    layer, dense = FactoredOutput.from_dense(W, b, momentum=True), Dense(W, b)
    step = trained(layer)
    for t, (H, idx, y) in enumerate(examples(500)):
        step(H, idx + t % 50, y, 0.05, 0.001, 0.8)
        dense.step(H, idx + t % 50, y, "squared_error", 0.05, 0.001, 0.8)
    assert layer.health().moved >= 5
    assert layer.health().condition < 1e7
    assert max(layer.health().Q, layer.health().w_bar, layer.health().inverse) < 1e-9
    assert_same_layer(layer, dense, 1e-11)
    ids = np.array([3, D - 1, 3])
    np.testing.assert_allclose(layer.rows(ids).eval(mode=PYTHON), dense.W[ids], atol=1e-11)
    o = H @ dense.W[:, :d].T + dense.W[:, d]
    np.testing.assert_array_equal(layer.top(H, 4)[0], np.argsort(-o, axis=1)[:, :4])
    layer.stabilise()
    assert_same_layer(layer, dense, 1e-11)
    layer.refactorise()
    assert_same_layer(layer, dense, 1e-11)
    assert layer.condition() == pytest.approx(1)
    step(H, idx, y, 0.05, 0.0, 0.9)
    dense.step(H, idx, y, "squared_error", 0.05, 0.0, 0.9)
    assert_same_layer(layer, dense, 1e-11)


def test_grows_and_is_saved(tmp_path):
    W, _ = start()
    layer, dense = FactoredOutput.from_dense(W, momentum=True), Dense(W)
    step, new = trained(layer), np.full((2, d), 0.5)
    for t, (H, idx, y) in enumerate(examples(20)):
        if t == 10:
            grow(layer, new)
            dense.W, dense.velocity = np.vstack([dense.W, new]), np.vstack([dense.velocity, 0 * new])
        idx[0, 0] = D + 1 if t >= 10 else 20
        step(H, idx, y, 0.05, 0.0, 0.9)
        dense.step(H, idx, y, "squared_error", 0.05, 0.0, 0.9)
    assert_same_layer(layer, dense, 1e-12)
    save_layer(tmp_path / "layer.npz", layer)
    again = load_layer(tmp_path / "layer.npz")
    assert again.momentum
    for one, two in zip(step(H, idx, y, 0.05, 0.0, 0.9), trained(again)(H, idx, y, 0.05, 0.0, 0.9), strict=True):
        np.testing.assert_array_equal(one, two)
    for one, two in zip(layer.state, again.state, strict=True):
        np.testing.assert_array_equal(one.get_value(), two.get_value())


def test_under_numba():
    W, _ = start("float32")
    layer, dense = FactoredOutput.from_dense(W, momentum=True), Dense(W)
    step = trained(layer, mode="NUMBA")
    for H, idx, y in examples(150, dtype="float32"):
        got = step(H, idx, y, 0.05, 0.001, 0.6)
        losses, _ = dense.step(H, idx, y, "squared_error", 0.05, 0.001, 0.6)
        np.testing.assert_allclose(got[0], losses, rtol=1e-3, atol=1e-4)
    assert layer.health().moved > 0
    assert_same_layer(layer, dense, 1e-4)
    assert "must lie in (0, 1)" in assert_unchanged(step, (H, idx, y, 0.1, 0.0, 1.0), ValueError)
    H[1, 2] = np.nan
    assert "nothing was written" in assert_unchanged(step, (H, idx, y, 0.1, 0.0, 0.9), FloatingPointError)


@pytest.mark.parametrize(
    ("made", "call", "error", "message"),
    [
        (True, {}, ValueError, "got none for one with it"),
        (False, {"momentum": 0.9}, ValueError, "got 0.9 for one without it"),
        (True, {"momentum": 0.0}, ValueError, r"must lie in \(0, 1\), got 0.0"),
        (True, {"momentum": 0.9, "fused": False}, NotImplementedError, "in the fused step only"),
    ],
)
def test_bad_input(made, call, error, message):
    layer = FactoredOutput.from_dense(start()[0], momentum=made)
    out = layer(pt.dmatrix("H"), pt.lmatrix("idx"))
    with pytest.raises(error, match=message):
        out.train(out.q.sum(), 0.1, **call)


def test_factors_of_an_odd_width_are_refused():
    layer = FactoredOutput.from_dense(start()[0])
    with pytest.raises(ValueError, match="must have an even number of columns"):
        FactoredOutput(*layer.factors, momentum=True)
