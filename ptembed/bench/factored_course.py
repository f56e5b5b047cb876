"""How even the steps of ptembed's factored layer are: what it takes to keep the factors well-conditioned, and when.

Read next: :mod:`ptembed.ops.factored_balance`.
"""

import itertools
import time
from typing import NamedTuple

import numpy as np

from ptembed.bench.factored_sides import PART, called

__all__ = ["Course", "course"]

TURNS = 10


class Course(NamedTuple):
    """Seconds of a step, one by one: of two layers that take the same steps, the faster one's.

    What other programs on the machine take from a step falls away so, and what the step itself takes does not.

    Attributes
    ----------
    taken : array, shape (n,)
        At the learning rate of the examples.
    plain : array
        In turn with them, of other layers, at one so small that there is nothing to stabilise.
    """

    taken: np.ndarray
    plain: np.ndarray


def course(examples, n):
    """Take ``n`` steps of squared error, and a tenth as many that have nothing to stabilise; gives :class:`Course`."""
    pairs, turn = [[_steps(examples, part) for _ in range(2)] for part in (1.0, PART)], -(-n // TURNS)
    for pair in pairs:
        _times(pair, examples.draw((20, examples.m)))
    found = [
        [_times(pair, examples.draw((k, examples.m))) for pair, k in zip(pairs, (turn, -(-turn // 10)), strict=True)]
        for _ in range(TURNS)
    ]
    return Course(*map(np.concatenate, zip(*found, strict=True)))


def _steps(examples, part):
    """Give a function that takes a step with targets that are drawn anew."""
    _, step = called(examples)
    H, rate = itertools.cycle(examples.H), examples.rate(part)
    return lambda targets: step(next(H), targets, rate)


def _times(pair, targets):
    return np.minimum(*[[_seconds(step, part) for part in targets] for step in pair])


def _seconds(step, targets):
    start = time.process_time()
    step(targets)
    return time.process_time() - start
