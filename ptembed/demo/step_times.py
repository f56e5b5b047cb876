"""What one step of one triple costs, by the form in which the update is written."""

import time
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.compile.mode import get_default_mode

from ptembed.graphs import rows, sgd
from ptembed.kinds import Matrix

__all__ = ["dense_step", "row_step", "step_times"]


def step_times(N: int, d: int) -> tuple[float, float]:
    """Seconds of a step in the dense form and in the row form, medians, for a float32 matrix of ``N`` x ``d``."""
    ids = np.random.default_rng(0).integers(0, N, (300, 3))
    return _median(dense_step(_matrix(N, d), 0.1), ids[:12]), _median(row_step(_matrix(N, d), 0.1), ids)


def dense_step(W: Matrix, learning_rate: float) -> Any:
    """One step on ``ids`` = (ref, pos, neg), by the gradient with respect to all of ``W``: O(N d)."""
    ids = pt.lvector("ids")
    loss = _loss(W[ids])
    mode = get_default_mode().excluding("row_updates")
    rate = pt.constant(learning_rate, dtype=W.dtype)
    return _compile(ids, loss, {W: W - rate * pytensor.grad(loss, W)}, mode)


def row_step(W: Matrix, learning_rate: float) -> Any:
    """The same step by the gradient with respect to the three rows: O(d)."""
    ids = pt.lvector("ids")
    read = rows(W, ids)
    loss = _loss(read.values)
    return _compile(ids, loss, sgd(loss, read, learning_rate), None)


def _loss(triple):
    ref, pos, neg = triple[0], triple[1], triple[2]
    return pt.softplus(-(ref * pos).sum()) + pt.softplus((ref * neg).sum())


def _compile(ids, loss, updates, mode):
    step = pytensor.function([ids], loss, updates=updates, mode=mode)
    step.trust_input = True
    return step


def _matrix(N: int, d: int):
    W = np.random.default_rng(1).normal(0, 0.1, (N, d)).astype(np.float32)
    return pytensor.shared(W, name="W", borrow=True)


def _median(step, ids) -> float:
    seconds = []
    for triple in ids:
        start = time.perf_counter()
        step(triple)
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds[2:]))
