"""How even the steps of ptembed's factored layer are: what it takes to keep the factors well-conditioned, and when.

Read next: :mod:`ptembed.ops.factored_balance`.
"""

import time
from typing import NamedTuple

import numpy as np

from ptembed.bench.factored_sides import compiled

__all__ = ["Course", "course"]

PART = 1e-4  # of the learning rate: with it, nothing shrinks in thousands of steps
TURNS = 10


class Course(NamedTuple):
    """Seconds of a step, one by one.

    Attributes
    ----------
    taken : array, shape (n,)
        At the learning rate of the examples.
    plain : array
        In turn with them, at one so small that there is nothing to stabilise.
    """

    taken: np.ndarray
    plain: np.ndarray


def course(examples, n):
    """Take ``n`` steps of squared error, and a tenth as many that have nothing to stabilise; gives :class:`Course`."""
    _, step = compiled(examples)
    whole, part = examples.rate(), examples.rate(PART)
    _times(step, examples, whole, 20)
    found = [
        (_times(step, examples, whole, -(-n // TURNS)), _times(step, examples, part, -(-n // TURNS // 10)))
        for _ in range(TURNS)
    ]
    return Course(*map(np.concatenate, zip(*found, strict=True)))


def _times(step, examples, rate, n):
    taken = np.empty(n)
    for t in range(n):
        i = t % len(examples.H)
        start = time.process_time()
        step(examples.H[i], examples.targets[i], rate)
        taken[t] = time.process_time() - start
    return taken
