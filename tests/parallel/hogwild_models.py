"""What the workers of the tests run: workers import it by name."""

import os
import signal
import threading
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


def checksummed(W):
    """Add to rows what keeps their sum: a row whose sum is not zero is half-written."""

    def step(i, delta):
        W.get_value(borrow=True)[i] += delta

    return step


def half_writer(W):
    """Write half of a row, and die."""

    def step(i, delta):
        half = W.shape[1].eval() // 2
        W.get_value(borrow=True)[i, :half] += delta[:half]
        os.kill(os.getpid(), signal.SIGKILL)

    return step


class OwnRows:
    """Rows and whole numbers that add up to zero; each worker that asks has rows of its own."""

    def __init__(self, folder, rows, width, workers=2):
        self.folder, self.rows, self.width, self.workers = folder, rows, width, workers

    def __call__(self, rng):
        own = next(k for k in range(self.workers) if self.claims(k))
        while True:
            delta = np.empty(self.width)
            delta[:-1] = rng.integers(1, 1000, self.width - 1)
            delta[-1] = -delta[:-1].sum()
            yield rng.integers(self.rows // self.workers) * self.workers + own, delta

    def claims(self, k):
        try:
            os.close(os.open(f"{self.folder}/part{k}", os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return False
        return True


def balanced(W):
    """Add to rows what keeps their sum, in a block."""
    i, delta = pt.lvector("i"), pt.matrix("delta")
    return train.block([i, delta], W[i].sum(), {W: pt.inc_subtensor(W[i], delta)}, mode="FAST_COMPILE")


class Balanced:
    """Rows and whole numbers that add up to zero, any row for any worker."""

    def __call__(self, rng):
        while True:
            delta = rng.integers(1, 1000, (1, 2, 4_000)).astype("float64")
            delta[:, :, -1] = -delta[:, :, :-1].sum(axis=-1)
            yield rng.integers(8, size=(1, 2)), delta


class Locked:
    """Blocks that hold what no process can be sent."""

    def __init__(self):
        self.lock = threading.Lock()

    def __call__(self, rng):
        return AnyRow()(rng)
