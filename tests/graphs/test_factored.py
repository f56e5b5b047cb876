"""The factored output layer against a dense one in NumPy; only the rows of the targets are touched."""

from functools import cache

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
import twins
from checks import assert_in_place, assert_same_layer, assert_unchanged
from pytensor.compile.mode import Mode

from ptembed import graphs
from ptembed.graphs import factored_log, spherical
from ptembed.graphs.factored import FactoredOutput, factored_spherical
from ptembed.graphs.factored_step import SingularFactorsError

PYTHON = Mode("py", "fast_compile")
m, D, d, K = 6, 150, 5, 3
LOSSES = {
    "squared_error": lambda y: spherical.squared_error(y),
    "spherical_softmax": lambda y: spherical.spherical_softmax(D, y),
    "taylor_softmax": lambda y: spherical.taylor_softmax(D, y),
    "z_loss": lambda y: spherical.z_loss(D, y, 1.5, 0.5),
}
every_loss = pytest.mark.parametrize("name", LOSSES)


def start(dtype="float64"):
    random = np.random.default_rng(1)
    return (random.normal(size=(D, d)) * 0.3).astype(dtype), (random.normal(size=D) * 0.3).astype(dtype)


def examples(n, size=m, dtype="float64"):
    """Hidden layers with a mean, as those of rectifiers have; targets of few outputs, so that examples share some."""
    random = np.random.default_rng(2)
    for _ in range(n):
        H = np.abs(random.normal(size=(size, d))) / np.sqrt(d)
        idx = np.array([random.choice(9, K, replace=False) for _ in range(size)])
        yield H.astype(dtype), idx, (random.random((size, K)) + 0.5).astype(dtype)


@cache
def trainer(name, dtype="float64", bias=False, fused=True):
    """A layer, what restarts it, and its training function: gives the losses and the gradient by H, two ways."""
    W, b = start(dtype)
    layer = FactoredOutput.from_dense(W, b if bias else None)
    H, y, idx = pt.matrix("H", dtype=dtype), pt.matrix("y", dtype=dtype), pt.lmatrix("idx")
    rate, l2 = pt.dscalars("rate", "l2")
    out = layer(H, idx)
    losses = LOSSES[name](y)(*out.sums)
    gradient, updates = out.train(losses.mean(), rate, l2, fused=fused)
    plain = pytensor.grad(losses.mean(), H)
    first = {shared: shared.get_value() for shared in layer.state}

    def restart():
        for shared, value in first.items():
            shared.set_value(value)

    step = pytensor.function([H, idx, y, rate, l2], [losses, gradient, plain], updates=updates, mode=PYTHON)
    return layer, step, restart


@pytest.mark.parametrize(("fused", "size"), [(False, m), (True, 2), (True, m), (True, d)])
@pytest.mark.parametrize("bias", [False, True])
@every_loss
def test_trains_as_the_dense_layer(name, bias, fused, size):
    """Learning rates that change, decay, targets that several examples have."""
    layer, step, restart = trainer(name, bias=bias, fused=fused)
    restart()
    train = step if fused else layer.stabilised(step)
    W = np.column_stack(start()) if bias else start()[0]
    for t, (H, idx, y) in enumerate(examples(30, size)):
        rate, l2 = 0.4 / (1 + t / 20), 0.01 * (t % 2)
        extended = np.column_stack([H, np.ones(size)]) if bias else H
        losses, by_H = twins.dense_output_step(W, extended, idx, y, name, rate, l2)
        for got, expected in zip(train(H, idx, y, rate, l2), [losses, by_H[:, :d], by_H[:, :d]], strict=True):
            np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-12)
    assert_same_layer(layer, W, 1e-12)


@pytest.mark.parametrize("name", ["squared_error", "taylor_softmax"])
def test_float32(name):
    layer, step, restart = trainer(name, "float32")
    restart()
    train, W = step, start()[0]
    for H, idx, y in examples(100, dtype="float32"):
        losses, by_H = twins.dense_output_step(W, H.astype("float64"), idx, y, name, 0.3)
        got = train(H, idx, y, 0.3, 0.0)
        assert [x.dtype for x in got] == ["float32"] * 3
        np.testing.assert_allclose(got[0], losses, rtol=1e-3, atol=1e-5)
        np.testing.assert_allclose(got[1], by_H, rtol=1e-3, atol=1e-5)
    assert [x.get_value(borrow=True).dtype.name for x in layer.factors] == ["float32", *["float64"] * 5]
    assert_same_layer(layer, W, 1e-5)


def test_without_stabilising_the_symbolic_step_stops_before_the_precision_is_gone():
    layer, step, restart = trainer("squared_error", "float32", fused=False)
    restart()
    W, seen = start()[0], 1.0
    with pytest.raises(SingularFactorsError, match="call stabilise after each step"):
        for H, idx, y in examples(1000, dtype="float32"):
            step(H, idx, y, 0.5, 0.0)
            twins.dense_output_step(W, H.astype("float64"), idx, y, "squared_error", 0.5)
            seen = max(seen, layer.condition())
            assert layer.condition() >= 0.99 * np.linalg.cond(layer.UT.get_value())
    assert 30 < seen < 3000
    np.testing.assert_allclose(layer.to_dense()[0], W, atol=1e-2)
    layer.refactorise()
    assert layer.condition() == pytest.approx(1)
    np.testing.assert_allclose(layer.to_dense()[0], W, atol=1e-2)
    step(H, idx, y, 0.5, 0.0)


def test_stabilise_when_it_is_due():
    layer, _, restart = trainer("squared_error")
    restart()
    before = layer.to_dense()[0]
    layer.stabilise()
    assert layer.log.now() == 0
    for scale in (np.full(d, 1e-7), np.array([1, 1, 1, 1, 1e-5])):  # decay, and one direction that has shrunk
        restart()
        layer.V.set_value(before / scale)
        layer.UT.set_value(np.diag(scale))
        layer.Uinv.set_value(np.diag(1 / scale))
        for _ in range(4):  # to find the direction
            layer.stabilise()
        assert layer.health().condition < 30
        np.testing.assert_allclose(layer.to_dense()[0], before, atol=1e-10)
        layer.refactorise()
        assert_same_layer(layer, before, 1e-10)


@pytest.mark.parametrize(("rate", "size"), [(0.3, 3), (1.0, 3), (1.5, m)])
def test_any_learning_rate_and_a_short_log(rate, size, monkeypatch):
    """At ``rate = 1``, P is singular in each step; generations of the log are used again and again."""
    monkeypatch.setattr(factored_log, "GENERATIONS", 8)
    monkeypatch.setattr(factored_log, "ENTRIES", 9)
    layer, step, _ = trainer.__wrapped__("squared_error")
    W = layer.to_dense()[0]
    for H, idx, y in examples(400, size):
        H *= np.sqrt(0.5 * size / np.linalg.eigvalsh(H @ H.T)[-1])
        step(H, idx, y, rate, 0.0)
        twins.dense_output_step(W, H, idx, y, "squared_error", rate)
    assert_same_layer(layer, W, 1e-10)
    found = layer.health()
    assert found.condition < 1e4
    assert found.inverse < 1e-9
    assert max(found.Q, found.w_bar) < 1e-9
    assert found.entries > (72 if rate > 0.5 else 7)
    assert found.corrections + found.moved > 0
    assert (found.deflated > 300) == (rate == 1)


def test_any_spherical_loss_and_the_legacy_names():
    """A loss of one's own, one target each, factors that do not begin at the identity."""
    random = np.random.default_rng(3)
    V, U, omega = random.normal(size=(D, d)), np.eye(d) + 0.1 * random.normal(size=(d, d)), random.normal(size=d)
    W, H, idx, eta = V @ U + omega, random.normal(size=(m, d)), random.integers(0, 4, (m, 1)).astype("int32"), 0.01
    values = V, U.T, np.linalg.inv(U), W.T @ W, omega, W.sum(axis=0)
    factors = [pytensor.shared(value) for value in values]
    HT, KindexesT = pt.dmatrix("HT"), pt.imatrix("KindexesT")
    out = factored_spherical(*factors, HT, KindexesT)
    AT, q, s = out.sums
    cost = (-(AT[:, 0] ** 3) + 0.7 * s + 0.3 * q).sum()
    updates = out.train(cost, eta).updates
    step = pytensor.function([HT, KindexesT], [AT, q, s, pytensor.grad(cost, HT)], updates=updates, mode=PYTHON)
    o = H @ W.T
    G = np.full((m, D), 0.7) + 0.6 * o
    for i, c in enumerate(idx[:, 0]):
        G[i, c] -= 3 * o[i, c] ** 2
    expected = np.take_along_axis(o, idx.astype(int), 1), (o**2).sum(axis=1), o.sum(axis=1), G @ W
    for got, value in zip(step(H, idx), expected, strict=True):
        np.testing.assert_allclose(got, value, rtol=1e-9)
    assert_same_layer(FactoredOutput(*factors), W - eta * G.T @ H, 1e-10)


def test_the_legacy_names_in_a_legacy_program():
    """``theano.shared`` factors, ``theano.function``, and an evaluation without updates before."""
    from ptembed import theano
    from ptembed.theano import tensor as T

    random = np.random.default_rng(3)
    W, H, idx = random.normal(size=(D, d)), random.normal(size=(m, d)), random.integers(0, D, (m, 1))
    values = W.copy(), np.eye(d), np.eye(d), W.T @ W, np.zeros(d), W.sum(axis=0)
    factors = [theano.shared(value) for value in values]
    HT, KindexesT = T.dmatrix("HT"), T.lmatrix("KindexesT")
    out = factored_spherical(*factors, HT, KindexesT)
    AT, q, _ = out.sums
    cost = T.sum(q - 2 * AT[:, 0] + 1)
    evaluate = theano.function([HT, KindexesT], cost, mode="FAST_COMPILE")
    updates = list(out.train(cost, 0.01).updates.items())
    step = theano.function([HT, KindexesT], [cost, theano.grad(cost, HT)], updates=updates, mode="FAST_COMPILE")
    before = evaluate(H, idx)
    losses, by_H = twins.dense_output_step(W, H, idx, np.ones((m, 1)), "squared_error", 0.01 * m)
    for got, expected in zip([before, *step(H, idx)], [losses.sum(), losses.sum(), by_H * m], strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-9)
    assert_same_layer(FactoredOutput(*factors), W, 1e-10)


def test_a_singular_step_is_refused_by_the_symbols_and_done_by_the_op():
    layer, step, restart = trainer("squared_error", fused=False)
    restart()
    H, idx, y = next(examples(1, size=1))
    H /= np.linalg.norm(H)  # W becomes W (I - 2 rate h h^T)
    assert "singular" in assert_unchanged(step, (H, idx, y, 0.5, 0.0), SingularFactorsError)
    with pytest.raises(SingularFactorsError):
        layer.stabilised(step)(H, idx, y, 0.5, 0.0)
    W = layer.to_dense()[0]
    layer.stabilised(step)(H, idx, y, 0.8, 0.0)  # beyond it there is an inverse again
    twins.dense_output_step(W, H, idx, y, "squared_error", 0.8)
    assert_same_layer(layer, W, 1e-12)
    layer, step, restart = trainer("squared_error")
    restart()
    W = layer.to_dense()[0]
    for _ in range(3):
        step(H, idx, y, 0.5, 0.0)
        twins.dense_output_step(W, H, idx, y, "squared_error", 0.5)
    assert_same_layer(layer, W, 1e-12)
    assert layer.health().deflated == 3


def test_stabilised_tries_again():
    """A step that is refused because of those before it is done after refactorisation."""
    layer, step, restart = trainer("squared_error", "float32", fused=False)
    restart()
    W = layer.to_dense()[0].astype("float64")
    shrunk = np.array([1, 1, 1, 1, 3.6e-4], "float32")
    for shared, value in ((layer.V, W / shrunk), (layer.UT, np.diag(shrunk)), (layer.Uinv, np.diag(1 / shrunk))):
        shared.set_value(value.astype("float32"))
    H, idx, y = next(examples(1, dtype="float32"))
    assert_unchanged(step, (H, idx, y, 1.2, 0.0), SingularFactorsError)
    layer.stabilised(step)(H, idx, y, 1.2, 0.0)
    twins.dense_output_step(W, H.astype("float64"), idx, y, "squared_error", 1.2)
    assert_same_layer(layer, W, 1e-5)


def test_rows_and_the_largest_outputs(monkeypatch):
    W, b = start()
    layer = trainer("taylor_softmax", bias=True)[0]
    trainer("taylor_softmax", bias=True)[2]()
    layer.omega.set_value(np.ones(d + 1))
    monkeypatch.setattr("ptembed.graphs.factored.BLOCK", 64)
    ids, H = np.array([[3, -1], [3, 0]]), next(examples(1))[0]
    np.testing.assert_allclose(layer.rows(ids).eval(mode=PYTHON), np.column_stack([W, b])[ids] + 1)
    found, outputs = layer.top(H, 4)
    o = H @ (W + 1).T + b + 1
    np.testing.assert_array_equal(found, np.argsort(-o, axis=1)[:, :4])
    np.testing.assert_allclose(outputs, -np.sort(-o, axis=1)[:, :4])
    np.testing.assert_array_equal(layer.top(H, D)[0], np.argsort(-o, axis=1))
    layer.omega.set_value(np.zeros(d + 1))
    for got, expected in zip(layer.to_dense(), (W, b), strict=True):
        np.testing.assert_array_equal(got, expected)


def test_a_view_of_a_factor_beside_its_update_is_copied():
    layer, H, idx = FactoredOutput.from_dense(start()[0]), pt.dmatrix("H"), pt.lmatrix("idx")
    out = layer(H, idx)
    updates = out.train(out.q.sum(), 0.01).updates
    step = pytensor.function([H, idx], [layer.V[0], layer.Q], updates=updates, mode=Mode("py", "fast_run"))
    assert_in_place(step, *layer.state)
    V, Q = layer.V.get_value(), layer.Q.get_value()
    first, before = step(next(examples(1))[0], np.zeros((m, 1), int))
    np.testing.assert_array_equal(first, V[0])
    np.testing.assert_array_equal(before, Q)
    assert (layer.Q.get_value() != Q).any()


def test_what_is_not_finite_is_not_written():
    _, step, restart = trainer("taylor_softmax")
    restart()
    H, idx, y = next(examples(1))
    H[2, 3] = np.nan
    assert "nothing was written" in assert_unchanged(step, (H, idx, y, 0.1, 0.0), FloatingPointError)


def test_repeated_target_of_one_example():
    _, step, restart = trainer("squared_error")
    restart()
    H, idx, y = next(examples(1))
    idx[2] = [4, 7, 4]
    assert "must be distinct" in assert_unchanged(step, (H, idx, y, 0.1, 0.0), ValueError)


def reading():
    layer = FactoredOutput.from_dense(start()[0])
    return layer, layer(pt.dmatrix("H"), pt.lmatrix("idx"))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda layer, out: out.train(out.q.sum(), 0.1, optimizer="adam"), NotImplementedError, "a history of each"),
        (lambda layer, out: out.train(out.q.sum(), 0.1, optimizer=graphs.adagrad), NotImplementedError, "got adagrad"),
        (lambda layer, out: out.train(out.q, 0.1), TypeError, "the cost must be a scalar"),
        (lambda layer, out: out.train(out.q.sum(), [0.1]), TypeError, "must be scalars"),
        (lambda layer, out: out.train(out.q.sum(), -0.1), ValueError, "must not be negative"),
        (lambda layer, out: out.train(out.H.sum(), 0.1), ValueError, "the cost must depend on the layer"),
        (lambda layer, out: out.train(out.q.sum() + layer.V.sum(), 0.1), ValueError, "another read of V"),
        (lambda layer, out: layer(pt.fmatrix(), pt.lmatrix()), TypeError, "must be a matrix of float64"),
        (lambda layer, out: layer(pt.dmatrix(), pt.ltensor3()), TypeError, "idx must be a matrix"),
        (lambda layer, out: layer(pt.dmatrix(), pt.dmatrix()), TypeError, "must be a vector of integers"),
        (lambda layer, out: layer.top(np.ones((1, d)), D + 1), ValueError, "k must lie in"),
        (lambda layer, out: layer.top(np.ones((1, d + 1)), 1), ValueError, "the hidden layer must have shape"),
        (lambda layer, out: FactoredOutput.from_dense(np.eye(3)[:2]), ValueError, "as many outputs as columns"),
        (lambda layer, out: FactoredOutput.from_dense(np.eye(3, dtype=int)), TypeError, "W must be a matrix of"),
        (lambda layer, out: FactoredOutput.from_dense(np.eye(3), np.ones(2)), ValueError, "b must have one number"),
        (lambda layer, out: FactoredOutput(*layer.factors[:-1], layer.Q), ValueError, "factors must have shapes"),
        (lambda layer, out: FactoredOutput(*layer.factors[:-1], pt.dvector()), TypeError, "must be shared tensors"),
        (
            lambda layer, out: FactoredOutput(*layer.factors[:-1], pytensor.shared(np.ones(d, "float32"))),
            TypeError,
            "be float64, got float32",
        ),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call(*reading())
