"""How even the steps of ptembed's factored layer are: what it takes to keep the factors well-conditioned, and when.

Read next: :mod:`ptembed.ops.factored_balance`.
"""

import itertools
import time
from typing import NamedTuple

import numpy as np

from ptembed.bench.factored_sides import PART, compiled

__all__ = ["Course", "course"]

TURNS = 10


class Course(NamedTuple):
    """Seconds of a step, one by one.

    Attributes
    ----------
    taken : array, shape (n,)
        At the learning rate of the examples.
    plain : array
        In turn with them, of another layer, at one so small that there is nothing to stabilise.
    """

    taken: np.ndarray
    plain: np.ndarray


def course(examples, n):
    """Take ``n`` steps of squared error, and a tenth as many that have nothing to stabilise; gives :class:`Course`."""
    steps, turn = [_steps(examples, part) for part in (1.0, PART)], -(-n // TURNS)
    for step in steps:
        _times(step, examples.draw((20, examples.m)))
    found = [
        [_times(step, examples.draw((k, examples.m))) for step, k in zip(steps, (turn, -(-turn // 10)), strict=True)]
        for _ in range(TURNS)
    ]
    return Course(*map(np.concatenate, zip(*found, strict=True)))


def _steps(examples, part):
    """Give a function that takes a step with targets that are drawn anew."""
    _, step = compiled(examples)
    H, rate = itertools.cycle(examples.H), examples.rate(part)
    return lambda targets: step(next(H), targets, rate)


def _times(step, targets):
    taken = np.empty(len(targets))
    for t, part in enumerate(targets):
        start = time.process_time()
        step(part)
        taken[t] = time.process_time() - start
    return taken
