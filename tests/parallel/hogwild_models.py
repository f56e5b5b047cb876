"""What the workers of the tests run: workers import it by name."""

import os
import signal
import time

import numpy as np
import pytensor.tensor as pt

from ptembed import graphs, train


def counter(W):
    """Add one to each number of the rows."""
    i = pt.lvector("i")
    return train.block([i], W[i].sum(), {W: pt.inc_subtensor(W[i], 1)}, mode="FAST_COMPILE")


def decay(W):
    i = pt.lvector("i")
    read = graphs.rows(W, i)
    loss = (read.values**2).sum()
    return train.block([i], loss, graphs.sgd(loss, read, 0.1), mode="FAST_COMPILE")


def with_history(W):
    i = pt.lvector("i")
    read = graphs.rows(W, i)
    loss = (read.values**2).sum()
    return train.block([i], loss, graphs.adagrad(loss, read, 0.1), mode="FAST_COMPILE")


def reads_nothing(W):
    i = pt.lvector("i")
    return train.block([i], i.sum(), {W: W + 1}, mode="FAST_COMPILE")


def sleeper(W):
    """Add one to a row, slowly: long enough to be killed in between."""

    def step(i):
        W.get_value(borrow=True)[i] += 1
        time.sleep(0.01)

    return step


def no_model(W):
    raise ValueError("this model cannot be built")


class OneRow:
    """Blocks of one step each, all of one row."""

    def __init__(self, row=0, fails_after=None, dies_after=None):
        self.row, self.fails_after, self.dies_after = row, fails_after, dies_after

    def __call__(self, rng):
        k = 0
        while True:
            if k == self.fails_after:
                raise ZeroDivisionError("no more data")
            if k == self.dies_after:
                os.kill(os.getpid(), signal.SIGKILL)
            yield (np.full((1, 1), self.row),)
            k += 1


class AnyRow:
    """Blocks of two steps, rows by the worker's generator; keeps which."""

    def __call__(self, rng):
        while True:
            yield (rng.integers(4, size=(2, 1)),)


class FirstFails:
    """The blocks of :class:`OneRow`, but for the worker that comes first, which makes a file and fails."""

    def __init__(self, path):
        self.path = path

    def __call__(self, rng):
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return OneRow()(rng)
        return OneRow(fails_after=3)(rng)


class Ids:
    def __call__(self, rng):
        while True:
            yield (0,)
