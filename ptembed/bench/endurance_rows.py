"""A million steps of an optimizer of rows, in blocks, with everything that must hold looked at again and again.

The model is the triplet model with a penalty and a limit of norms, its rows drawn by Zipf's law, so that some are read
in most steps and some seldom. Some rows are never drawn.
"""

import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytensor
import pytensor.tensor as pt

from ptembed import graphs, train
from ptembed.bench.endurance_watch import Watch
from ptembed.train.checkpoints import load_values, save_values
from ptembed.train.samplers import Weighted

__all__ = ["OPTIMIZERS", "run", "triplet_loss"]

LIMIT = 2.0
PENALTY = 1e-3
ROUNDING = 1 + 1e-5  # of a norm in float32

#: Each with a learning rate at which it learns the model.
OPTIMIZERS = {
    "sgd": partial(graphs.sgd, learning_rate=0.1),
    "momentum": partial(graphs.momentum, learning_rate=0.02),
    "nesterov": partial(graphs.nesterov, learning_rate=0.02),
    "adagrad": partial(graphs.adagrad, learning_rate=0.1),
    "rowwise_adagrad": partial(graphs.rowwise_adagrad, learning_rate=0.1),
    "rmsprop": partial(graphs.rmsprop, learning_rate=0.003),
    "rmsprop, centered": partial(graphs.rmsprop, learning_rate=0.003, centered=True),
    "adadelta": graphs.adadelta,
    "ftrl": partial(graphs.ftrl, learning_rate=0.1, l1=1e-4),
    "adam": partial(graphs.adam, learning_rate=0.003),
    "amsgrad": partial(graphs.amsgrad, learning_rate=0.003),
    "adamw": partial(graphs.adamw, learning_rate=0.003, weight_decay=1e-3),
    "adamax": partial(graphs.adamax, learning_rate=0.003),
    "nadam": partial(graphs.nadam, learning_rate=0.003),
}
SUMS = {"adagrad": "a", "rowwise_adagrad": "a", "ftrl": "n", "amsgrad": "u"}  # histories that never fall
SQUARES = "a", "n", "u", "v"  # histories that are not negative, but for a velocity
VELOCITIES = "momentum", "nesterov"


def triplet_loss(r, p, n):
    """The loss of ``softplus(-<w_r, w_p>) + softplus(<w_r, w_n>)``, rows of the factors as matrices."""
    return (pt.softplus(-(r * p).sum(axis=1)) + pt.softplus((r * n).sum(axis=1))).sum()


class Triples:
    """Triples of rows, an even number of them: the second is odd where the first is, so there is something to learn."""

    def __init__(self, rows, seed):
        self.draw = Weighted(1 / np.arange(1, rows + 1), seed)

    def __call__(self, shape):
        r, p, n = self.draw((*shape, 3)).transpose(2, 0, 1)
        return r, p - p % 2 + r % 2, n


def run(name, sizes):
    """Take ``sizes.steps`` steps of the optimizer; gives the :class:`~ptembed.bench.endurance_watch.Watch`."""
    watch, rng = Watch(name), np.random.default_rng(0)
    W = pytensor.shared(rng.normal(0, 0.1, (sizes.N, sizes.d)).astype("float32"), name="W")
    step, histories = compiled(name, W, sizes.mode)
    state = _State(name, W, histories, sizes.N // 2)
    sample = Triples(state.drawn, seed=1)
    losses = []
    while watch.steps < sizes.steps:
        ids = sample((sizes.every, sizes.m))
        start = time.process_time()
        losses.append(step(*ids).mean(dtype="float64"))
        watch.seconds += time.process_time() - start
        watch.steps += sizes.every
        state.count(ids)
        watch.check(**state.invariants(watch), the_loss_is_finite=np.isfinite(losses[-1]))
    watch.confirm(the_loss_has_fallen=losses[-1] < losses[0], checkpoints_are_read_again=state.saved())
    return watch


def compiled(name, W, mode=None):
    """The training function of an optimizer, a block of steps, and the histories that it has."""
    ids = pt.lvectors("r", "p", "n")
    read = graphs.rows(W, *ids)
    cost = triplet_loss(*read.values) + PENALTY * graphs.l2(read)
    updates = OPTIMIZERS[name](cost, read, constraint=graphs.max_norm(LIMIT))
    return train.block(ids, cost, updates, mode=mode), [var for var in updates if var is not W]


class _State:
    """The matrix and its histories, what they were at first, and how often each row was read."""

    def __init__(self, name, W, histories, drawn):
        self.name, self.W, self.histories, self.drawn = name, W, histories, drawn
        self.first = [var.get_value() for var in (W, *histories)]
        self.sums = [var for var in histories if var.name == f"W_{SUMS.get(name)}"]
        self.before = [var.get_value() for var in self.sums]
        self.read = np.zeros(drawn, "int64")

    def count(self, ids):
        steps = np.arange(len(ids[0]))[:, None] * self.drawn
        distinct = np.unique(np.concatenate([steps + i for i in ids], axis=1))
        self.read += np.bincount(distinct % self.drawn, minlength=self.drawn)

    def invariants(self, watch):
        now = [var.get_value(borrow=True) for var in (self.W, *self.histories)]
        norms = np.linalg.norm(now[0][: self.drawn], axis=1)
        found = {
            "all_is_finite": all(np.isfinite(value).all() for value in now),
            "norms_are_within_their_limit": watch.bound("norm", norms.max(), LIMIT * ROUNDING),
            "rows_not_read_are_as_they_were": all(
                np.array_equal(value[self.drawn :], first[self.drawn :])
                for value, first in zip(now, self.first, strict=True)
            ),
            "each_row_counts_its_steps": self._counted(),
            "sums_do_not_fall": self._risen(),
            "squares_are_not_negative": self._squares(),
        }
        return found

    def _counted(self):
        counts = [var.get_value(borrow=True)[: self.drawn] for var in self.histories if var.name == "W_t"]
        return all(np.array_equal(t, self.read) for t in counts)

    def _risen(self):
        now = [var.get_value() for var in self.sums]
        before, self.before = self.before, now
        return all((value >= old).all() for value, old in zip(now, before, strict=True))

    def _squares(self):
        names = {f"W_{name}" for name in SQUARES} if self.name not in VELOCITIES else set()
        return all((var.get_value(borrow=True) >= 0).all() for var in self.histories if var.name in names)

    def saved(self):
        """Save all and load it into other values; whether it is the same to the bit."""
        variables = [self.W, *self.histories]
        values = [var.get_value() for var in variables]
        with tempfile.TemporaryDirectory() as folder:
            save_values(Path(folder, "x.npz"), variables)
            for var in variables:
                var.get_value(borrow=True)[...] = -1
            load_values(Path(folder, "x.npz"), variables)
        return all(var.get_value().tobytes() == value.tobytes() for var, value in zip(variables, values, strict=True))
