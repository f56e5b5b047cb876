"""A million steps of two processes on one set of parameters: each looks between its blocks at what must hold.

Beside the matrix that both train there is one of rows that add up to zero. Each process adds to rows of its own whole
numbers whose sum is zero, the first of them one: so a row that is torn is found, and a write that is lost.
"""

import json
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytensor
import pytensor.tensor as pt

from ptembed import graphs, parallel, train
from ptembed.bench.endurance_rows import Triples, triplet_loss
from ptembed.bench.endurance_watch import Watch

__all__ = ["read", "run"]

WIDTH = 8  # of a row that adds up to zero
PROCESSES = 2
BOUND = 100.0  # of a number of the matrix


def run(name, sizes):
    """Take ``sizes.steps`` steps, both processes together; gives one watch of both."""
    rng = np.random.default_rng(0)
    W = pytensor.shared(rng.normal(0, 0.1, (sizes.N, sizes.d)).astype("float32"), name="W")
    C = pytensor.shared(np.zeros((sizes.N, WIDTH)), name="C")
    unread = W.get_value()[sizes.N // 2 :]
    with tempfile.TemporaryDirectory() as folder:
        how = {"tied": [W, C], "blocks": sizes.steps // sizes.every, "processes": PROCESSES, "seed": 0}
        done = parallel.train(_Model(folder, name, sizes), _Blocks(folder, sizes), **how)
        watches = [read(path) for path in Path(folder).glob("*.json")]
    watch = _joined(watches)
    quarter = len(done.losses) // 4 or 1
    watch.confirm(
        all_steps_were_taken=watch.steps == sizes.steps == C.get_value()[:, 0].sum(),
        rows_not_read_are_as_they_were=np.array_equal(W.get_value()[sizes.N // 2 :], unread),
        the_loss_has_fallen=np.mean(done.losses[-quarter:]) < np.mean(done.losses[:quarter]),
    )
    return watch


def read(path):
    """The watch that a process wrote."""
    return Watch(**json.loads(path.read_text()))


@dataclass(frozen=True)
class _Blocks:
    """Triples of any rows, and what is added to rows of this process's own."""

    folder: str
    sizes: object

    def __call__(self, rng):
        own, s = self._claimed(), self.sizes
        draw = Triples(s.N // 2, rng)
        while True:
            delta = rng.integers(1, 1000, (s.every, WIDTH)).astype("float64")
            delta[:, 0] = 1
            delta[:, -1] = -delta[:, :-1].sum(axis=1)
            i = rng.integers(s.N // PROCESSES, size=s.every) * PROCESSES + own
            yield *draw((s.every, s.m)), i, delta

    def _claimed(self):
        for k in range(PROCESSES):
            try:
                os.close(os.open(f"{self.folder}/part{k}", os.O_CREAT | os.O_EXCL))
                return k
            except FileExistsError:
                continue
        raise RuntimeError(f"there must be at most {PROCESSES} processes")


@dataclass(frozen=True)
class _Model:
    """Makes the training function of a process, which looks after each block at what must hold."""

    folder: str
    name: str
    sizes: object

    def __call__(self, W, C):
        block, watch = self._block(W, C), Watch(self.name)

        def step(*arrays):
            start = time.process_time()
            loss = block(*arrays)
            watch.seconds += time.process_time() - start
            watch.steps += len(loss)
            own = C.get_value(borrow=True)[arrays[3][0] % PROCESSES :: PROCESSES]
            watch.check(
                all_is_finite=np.isfinite(W.get_value(borrow=True)).all(),
                W_is_bounded=watch.bound("W", abs(W.get_value(borrow=True)).max(), BOUND),
                no_row_is_torn=(own.sum(axis=1) == 0).all(),
                no_write_to_own_rows_is_lost=own[:, 0].sum() == watch.steps,
            )
            Path(self.folder, f"{os.getpid()}.json").write_text(json.dumps(vars(watch)))
            return loss

        return step

    def _block(self, W, C):
        triple, i, delta = pt.lvectors("r", "p", "n"), pt.lscalar("i"), pt.dvector("delta")
        read = graphs.rows(W, *triple)
        cost = triplet_loss(*read.values)
        updates = graphs.sgd(cost, read, 0.05) | {C: pt.inc_subtensor(C[i], delta)}
        return train.block([*triple, i, delta], cost, updates)


def _joined(watches):
    """One watch of all processes: the memory of the one in which it grew most."""
    most = max(watches, key=lambda watch: watch.growth() or 0.0)
    return Watch(
        most.name,
        sum(watch.steps for watch in watches),
        sum(watch.seconds for watch in watches),
        most.memory,
        [line for watch in watches for line in watch.broken],
        {what: max(watch.worst[what] for watch in watches) for what in most.worst},
        sum(watch.checks for watch in watches),
    )
