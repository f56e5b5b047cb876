"""Learning rates over steps, against their formulas."""

import math

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.compile.mode import Mode

from ptembed import graphs

PY = Mode("py", "fast_run")

SCHEDULES = {
    "constant": (lambda t: graphs.constant(0.3), lambda t: 0.3),
    "step_decay": (lambda t: graphs.step_decay(0.3, t, 0.5, 4), lambda t: 0.3 * 0.5 ** (t // 4)),
    "exponential_decay": (lambda t: graphs.exponential_decay(0.3, t, 0.5, 4), lambda t: 0.3 * 0.5 ** (t / 4)),
    "inverse_time": (lambda t: graphs.inverse_time(0.3, t, 0.1, 0.75), lambda t: 0.3 / (1 + 0.1 * t) ** 0.75),
    "cosine": (
        lambda t: graphs.cosine(0.3, t, 10, last=0.1),
        lambda t: 0.1 + 0.1 * (1 + math.cos(math.pi * min(t, 10) / 10)),
    ),
    "warm_up": (
        lambda t: graphs.warm_up(graphs.exponential_decay(0.3, t, 0.9), t, 5),
        lambda t: 0.3 * 0.9**t * min(1, (t + 1) / 5),
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("floatX", ["float32", "float64"])
def test_equals_its_formula(name, floatX):
    build, formula = SCHEDULES[name]
    with pytensor.config.change_flags(floatX=floatX):
        t = graphs.step_counter()
        rate = build(t)
        step = pytensor.function([], rate, updates={t: t + 1}, mode=PY)
    assert rate.type.dtype == "float64" and rate.type.ndim == 0
    np.testing.assert_allclose([step() for _ in range(13)], [formula(t) for t in range(13)], rtol=1e-14)


def test_symbolic_parameters():
    t, rate = graphs.step_counter(3), pt.fscalar("rate")
    f = pytensor.function([rate], graphs.step_decay(rate, t, pt.constant(0.5), 2), mode=PY)
    assert f(np.float32(0.25)) == 0.125


def test_an_optimizer_follows_its_schedule():
    W, t = pytensor.shared(np.zeros((2, 1), "float32"), name="W"), graphs.step_counter()
    r = graphs.rows(W, [0])
    updates = graphs.sgd(r.values.sum(), r, graphs.exponential_decay(1.0, t, 0.5)) | {t: t + 1}
    step = pytensor.function([], updates=updates, mode=PY)
    for expected in (-1, -1.5, -1.75):
        step()
        assert W.get_value().tolist() == [[expected], [0]]
    assert t.get_value() == 3


@pytest.mark.parametrize(
    "build",
    [
        lambda t: graphs.step_decay(1, t, 0.5, 0),
        lambda t: graphs.exponential_decay(1, t, 0.5, 0),
        lambda t: graphs.cosine(1, t, 0),
        lambda t: graphs.warm_up(1, t, 0),
    ],
)
def test_step_counts_are_positive(build):
    with pytest.raises(ValueError, match="must be at least 1 step, got 0"):
        build(graphs.step_counter())
