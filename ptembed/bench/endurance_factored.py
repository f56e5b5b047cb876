"""A million steps of the factored layer, one a call, on hidden layers that are drawn anew for each.

At each check one step is taken beside the same step of a dense layer in float64: it must still be the exact one.
"""

import time

import numpy as np

from ptembed.bench.endurance_watch import Watch
from ptembed.bench.factored_sides import Examples, compiled

__all__ = ["FORMS", "run"]

CONDITION = 1e6
BOUND = 10.0  # of a number of W
SUMS = 1e-3  # how far Q and w_bar may be from the sums over W
LIMITS = 1e-5, 1e-4  # without and with momentum: how far U U^-1 may be from I, and a step from a dense one
FORMS = {"factored layer": {}, "factored layer, L2": {"l2": 1e-3}, "factored layer, momentum": {"momentum": 0.9}}


def run(name, sizes):
    """Take ``sizes.steps`` steps of the squared error; gives the :class:`~ptembed.bench.endurance_watch.Watch`."""
    watch, train = Watch(name), FORMS[name]
    examples = Examples(sizes.D, sizes.width, sizes.examples, n=1)
    layer, step = compiled(examples, **train)
    eta, limit, first = examples.rate(0.5 - 0.5 * train.get("momentum", 0)), LIMITS["momentum" in train], None
    while watch.steps < sizes.steps:
        H, targets = _drawn(examples, sizes)
        start = time.process_time()
        losses = [float(step(*each, eta)[0]) for each in zip(H, targets, strict=True)]
        watch.seconds += time.process_time() - start
        watch.steps += sizes.every
        first = first or losses[0]
        off = _off(layer, step, H[0], targets[0], eta, **train)
        exact = watch.bound("step beside a dense one", off, limit)
        watch.check(**_invariants(watch, layer, limit), a_step_is_exact=exact)
    watch.confirm(the_loss_has_fallen=np.mean(losses) < first)
    return watch


def _drawn(examples, sizes):
    """Hidden layers as of :class:`~ptembed.bench.factored_sides.Examples`, for ``sizes.every`` steps, and targets."""
    shape = sizes.every, sizes.examples
    H = examples.rng.standard_normal((*shape, sizes.width), np.float32)
    return np.maximum(H, 0, out=H) / np.float32(np.sqrt(sizes.width / 2)), examples.draw(shape)


def _invariants(watch, layer, limit):
    found = layer.health()
    return {
        "all_is_finite": all(np.isfinite(var.get_value(borrow=True)).all() for var in layer.factors),
        "U_meets_its_inverse": watch.bound("U U^-1 - I", found.inverse, limit),
        "Q_and_the_sum_of_rows_are_those_of_W": watch.bound("Q, w_bar", max(found.Q, found.w_bar), SUMS),
        "the_condition_is_finite": watch.bound("condition of U", found.condition, CONDITION),
        "W_is_bounded": watch.bound("W", max(abs(W).max() for W in layer.blocks()), BOUND),
    }


def _off(layer, step, H, targets, eta, l2=0.0, momentum=0.0):
    """How far W is, after one more step, from where a dense one takes it, as a part of its largest entry."""
    W, velocity = _dense(layer, momentum)
    H, eta = H.astype("float64"), float(eta)
    G = 2 * (H @ W.T) / len(H)
    G[np.arange(len(H)), targets] -= 2 / len(H)
    expected = W + momentum * velocity - eta * (G.T @ H + l2 * W)
    step(H.astype("float32"), targets, np.asarray(eta, "float32"))
    return abs(_dense(layer, momentum)[0] - expected).max() / abs(expected).max()


def _dense(layer, momentum):
    """W and the velocity in float64."""
    both = np.concatenate(list(layer._blocks(layer.D, layer.UT.get_value(borrow=True).shape[0]))).astype("float64")
    return both[:, : layer.d], both[:, layer.d :] if momentum else 0.0
