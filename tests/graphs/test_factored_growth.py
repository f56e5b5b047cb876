"""A factored layer that is being trained gets more outputs, and goes on as a dense one with them would."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
import twins

from ptembed.graphs.factored import FactoredOutput
from ptembed.graphs.factored_growth import grow
from ptembed.graphs.spherical import squared_error

D, d, m = 30, 4, 3


@pytest.mark.parametrize("bias", [False, True])
def test_grows_while_it_is_trained(bias):
    rng = np.random.default_rng(0)
    W, new = rng.normal(size=(D, d)), rng.normal(size=(5, d))
    layer = FactoredOutput.from_dense(*((W[:, :-1], W[:, -1]) if bias else (W,)))
    H, idx = pt.dmatrix("H"), pt.lvector("idx")
    out = layer(H, idx)
    cost = squared_error()(*out.sums).mean()
    step = pytensor.function([H, idx], cost, updates=out.train(cost, 0.5).updates, mode="FAST_COMPILE")
    for t in range(60):
        if t == 40:
            assert layer.log.now() > 0
            grow(layer, *((new[:, :-1], new[:, -1]) if bias else (new,)))
            W = np.concatenate([W, new])
        h, targets = np.abs(rng.normal(size=(m, d))) / 2, rng.integers(0, len(W), m)
        h[:, -1] = 1.0 if bias else h[:, -1]
        expected, _ = twins.dense_output_step(W, h, targets[:, None], np.ones((m, 1)), "squared_error", 0.5)
        np.testing.assert_allclose(step(h[:, : d - bias], targets), expected.mean(), rtol=1e-9)
    assert layer.D == D + 5
    np.testing.assert_allclose(np.concatenate(list(layer.blocks())), W, atol=1e-11)
    np.testing.assert_allclose(layer.Q.get_value(), W.T @ W, atol=1e-9)
    np.testing.assert_allclose(layer.w_bar.get_value(), W.sum(axis=0), atol=1e-9)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.ones((2, 3)),), r"must have shape \(n, 2\) as those of the layer, got \(2, 3\)"),
        ((np.ones(2),), "must have shape"),
        ((np.ones((2, 2)), np.ones(2)), "b must be None: the layer has no bias"),
        ((np.array([[1.0, np.nan]]),), "must be finite"),
    ],
)
def test_rows_that_do_not_fit_change_nothing(arguments, message):
    layer = FactoredOutput.from_dense(np.eye(3, 2))
    with pytest.raises(ValueError, match=message):
        grow(layer, *arguments)
    assert layer.D == 3
    with_bias = FactoredOutput.from_dense(np.eye(3, 2), np.ones(3))
    with pytest.raises(ValueError, match="b must be one number for each of 1 new outputs, got None"):
        grow(with_bias, np.ones((1, 2)))
