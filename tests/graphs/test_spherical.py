"""Spherical losses against their dense forms."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
import twins
from pytensor.compile.mode import Mode

from ptembed.graphs import spherical

PYTHON = Mode("py", "fast_compile")
rng = np.random.default_rng(0)
m, D, K = 4, 30, 3
O, Y = rng.normal(size=(m, D)), rng.random((m, K)) + 0.5
IDX = np.array([rng.choice(D, K, replace=False) for _ in range(m)])
LOSSES = {
    "squared_error": lambda D, y: spherical.squared_error(y),
    "spherical_softmax": lambda D, y: spherical.spherical_softmax(D, y, 1e-2),
    "taylor_softmax": spherical.taylor_softmax,
    "z_loss": lambda D, y: spherical.z_loss(D, y, 1.5, 0.5),
}


def loss_and_gradient(loss, dtype="float64", outputs=O, idx=IDX):
    o = pt.matrix("o", dtype=dtype)
    losses = spherical.of_outputs(loss, o, idx)
    return pytensor.function([o], [losses, pytensor.grad(losses.sum(), o)], mode=PYTHON)(outputs.astype(dtype))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LOSSES)
def test_equals_the_dense_form(name, dtype):
    losses, gradient = loss_and_gradient(LOSSES[name](D, Y), dtype)
    assert losses.dtype == gradient.dtype == dtype
    expected = [twins.spherical_losses(*example)[name] for example in zip(O, IDX, Y, strict=True)]
    tolerance = {"rtol": 1e-12, "atol": 1e-14} if dtype == "float64" else {"rtol": 1e-4, "atol": 1e-5}
    np.testing.assert_allclose(losses, [loss for loss, _ in expected], **tolerance)
    np.testing.assert_allclose(gradient, [g for _, g in expected], **tolerance)


@pytest.mark.parametrize("name", ["spherical_softmax", "taylor_softmax"])
def test_probabilities_of_all_outputs(name):
    """Each output once as the only target: exp(-loss) adds up to 1."""
    idx = np.arange(D)[:, None]
    losses, _ = loss_and_gradient(getattr(spherical, name)(D), outputs=np.repeat(O[:1], D, axis=0), idx=idx)
    np.testing.assert_allclose(np.exp(-losses).sum(), 1)


def test_z_loss_ignores_shift_and_scale_of_the_outputs():
    loss = spherical.z_loss(D)
    np.testing.assert_allclose(loss_and_gradient(loss, outputs=5 * O + 3)[0], loss_and_gradient(loss)[0])


def test_z_loss_of_equal_outputs_is_finite():
    losses, gradient = loss_and_gradient(spherical.z_loss(D), outputs=np.full((m, D), 0.1))
    np.testing.assert_allclose(losses, K * np.log(2), rtol=1e-6)
    assert np.isfinite(gradient).all()


def test_a_log_softmax_is_refused_with_the_reason():
    with pytest.raises(NotImplementedError, match="no function of their sum and the sum of their squares"):
        spherical.log_softmax(D)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: spherical.spherical_softmax(D, epsilon=0), "epsilon must be positive, got 0"),
        (lambda: spherical.z_loss(D, a=-1), "a must be positive, got -1"),
        (lambda: spherical.z_loss(D, epsilon=0.0), "epsilon must be positive"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
