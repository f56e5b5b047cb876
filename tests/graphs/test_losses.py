"""Losses against loops, and class weights against their formulas."""

import numpy as np
import pytensor.tensor as pt
import pytest
import twins
from pytensor.compile.mode import Mode
from pytensor.gradient import verify_grad

from ptembed.graphs.losses import class_weights, cross_entropy, pair_logistic, triplet

PYTHON = Mode("py", "fast_compile")
rng = np.random.default_rng(0)
Z, Y, W = rng.normal(size=(5, 3)) * 3, np.array([0, 2, 1, 1, 0]), np.array([0.5, 1, 4])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weights", [None, W])
def test_cross_entropy(weights, smoothing, dtype):
    got = cross_entropy(Z.astype(dtype), Y, weights, smoothing).eval(mode=PYTHON)
    assert got.dtype == dtype
    np.testing.assert_allclose(
        got, twins.cross_entropy(Z, Y, np.ones(3) if weights is None else W, smoothing), rtol=1e-5
    )
    one = cross_entropy(Z[0].astype(dtype), Y[0], weights, smoothing).eval(mode=PYTHON)
    np.testing.assert_allclose(one, got[0], rtol=1e-6)


def test_gradient():
    verify_grad(lambda z: cross_entropy(z, Y, W, 0.1), [Z], rng=rng, mode="FAST_COMPILE")


def test_pairs_and_triplets():
    x, p, n = rng.normal(size=(3, 4, 2))
    expected = np.log1p(np.exp((x * n).sum(1) - (x * p).sum(1)))
    np.testing.assert_allclose(pair_logistic(x, p, n).eval(mode=PYTHON), expected)
    expected = np.maximum(0, ((x - p) ** 2).sum(1) - ((x - n) ** 2).sum(1) + 0.3)
    np.testing.assert_allclose(triplet(x, p, n, 0.3).eval(mode=PYTHON), expected)
    for loss in (pair_logistic, triplet):
        assert loss(*(np.float32(v) for v in (x, p, n))).type.dtype == "float32"


def test_class_weights():
    y = np.repeat([0, 1, 2], [60, 30, 10])
    expected = {
        "log": np.log([100 / 60, 100 / 30, 10]),
        "inverse": [100 / 60, 100 / 30, 10],
        "balanced": [100 / 180, 100 / 90, 100 / 30],
        "sqrt": np.sqrt([100 / 60, 100 / 30, 10]),
    }
    for kind, weights in expected.items():
        np.testing.assert_allclose(class_weights(y, kind), weights)
    effective = (1 - 0.999) / (1 - 0.999 ** np.array([60, 30, 10]))
    np.testing.assert_allclose(class_weights(y, "effective"), effective / effective.mean())


def test_balanced_is_that_of_scikit_learn():
    from sklearn.utils.class_weight import compute_class_weight

    np.testing.assert_allclose(
        class_weights(Y, "balanced"), compute_class_weight("balanced", classes=np.arange(3), y=Y)
    )


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: cross_entropy(Z, Y * 1.0), TypeError, "y must hold one class number"),
        (lambda: cross_entropy(Z, 1), TypeError, "y must hold one class number"),
        (lambda: cross_entropy(Z, Y, smoothing=1), ValueError, r"smoothing must lie in \[0, 1\)"),
        (lambda: cross_entropy(pt.constant(Z), Y + 1).eval(mode=PYTHON), IndexError, ""),
        (lambda: class_weights(["a"]), TypeError, "a vector of class numbers"),
        (lambda: class_weights(Y, "square"), ValueError, "kind must be one of log, inverse"),
        (lambda: class_weights([0, 2]), ValueError, "got none of class 1"),
        (lambda: class_weights(Y, n_classes=2), ValueError, r"y must lie in \[0, 2\)"),
        (lambda: class_weights(np.zeros(0, int)), ValueError, "y must have an example"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
