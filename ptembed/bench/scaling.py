r"""What a step on a cluster of Ray costs, and what to expect of many workers.

One worker takes turns, a pull and a push of k rows, on S actors that hold the rows:

.. math:: t(k, S) = a S + b k, \qquad u(k, S) = g + h k / S

t is the time of a turn for the worker, u the time for which it keeps each of the actors busy. With c seconds of
training a row, P workers run :math:`\min(P / (c k + t), 1 / u)` blocks a second, as each block visits all actors. a, b,
g, h and c are measured here; :class:`Costs` has the rest.
"""

import contextlib
import os
import time
from dataclasses import dataclass, replace

import numpy as np
import pytensor
from scipy.optimize import nnls

from ptembed.bench import hogwild
from ptembed.bench.pages import markdown, publish
from ptembed.bench.stores import RayTurns, cluster
from ptembed.bench.theano_process import check_paths
from ptembed.bench.timing import machine
from ptembed.extras import needs
from ptembed.parallel.ray_cluster import connect

__all__ = ["QUICK", "Costs", "Sizes", "main", "measure"]

TEXT = """# Training on a cluster: what a step costs

`python -m ptembed.bench scaling{quick}{address}` wrote this page, with one thread a process:
{machine}.

{N:,} rows of {d} float32. One worker pulls and pushes k rows on S actors; k = {ks}, S = {shards}, the least of
{rounds} runs of {turns} turns. Two nodes on one machine talk by its loopback and share its processors: read the first
column of figures for what a call costs, and run the same command with `--address` on your cluster for yours. How to
read the second table: [scaling.md](../scaling.md).

"""


@dataclass(frozen=True)
class Sizes:
    """``N`` rows of ``d``, ``turns`` of each of ``ks`` rows on each of ``shards`` actors."""

    N: int = 200_000
    d: int = 100
    ks: tuple[int, ...] = (64, 1024, 8192)
    shards: tuple[int, ...] = (1, 2, 4)
    turns: int = 40
    rounds: int = 3


QUICK = Sizes(N=2_000, d=4, ks=(16, 64), shards=(1, 2), turns=3, rounds=1)


@dataclass(frozen=True)
class Costs:
    """Seconds, by which the rest is told.

    Attributes
    ----------
    call : float
        a, of a pull and a push by their calls of an actor.
    row : float
        b, of a pull and a push of a row.
    busy_call, busy_row : float
        g and h, for which an actor is busy.
    train_row : float
        c, of the training itself, a row that a block reads.
    """

    call: float
    row: float
    busy_call: float
    busy_row: float
    train_row: float

    @classmethod
    def of(cls, measured, train_row):
        """Fit to ``measured``: lines of k, S, seconds of a turn, seconds for which an actor was busy."""
        k, S, turn, busy = np.array(measured).T
        call, row = nnls(np.stack([S, k], axis=1) / turn[:, None], np.ones(len(turn)))[0]
        busy_call, busy_row = nnls(np.stack([np.ones(len(k)), k / S], axis=1) / busy[:, None], np.ones(len(busy)))[0]
        return cls(call, row, busy_call, busy_row, train_row)

    def block(self, k, shards):
        """Seconds of a block of ``k`` rows for one worker."""
        return self.train_row * k + self.call * shards + self.row * k

    def rate(self, workers, k, shards):
        """Blocks a second of all workers."""
        return min(workers / self.block(k, shards), 1 / (self.busy_call + self.busy_row * k / shards))

    def shards(self, workers, k):
        """The number of actors, of 1, 2, 4 and so on, that lets the workers run most blocks."""
        return max((2**e for e in range(11)), key=lambda shards: self.rate(workers, k, shards))

    def expected(self, workers, k, N, d, itemsize=4):
        """A line of the table: actors, rows a second, share of what the workers could, bytes, staleness."""
        shards = self.shards(workers, k)
        rate = self.rate(workers, k, shards)
        others = 2 * (workers - 1)  # while a block waits for its rows, and while it is run
        return {
            "workers": f"{workers:,}",
            "rows a block": f"{k:,}",
            "actors": f"{shards:,}",
            "rows a second": f"{rate * k:,.0f}",
            "times one worker": f"{rate / self.rate(1, k, self.shards(1, k)):,.1f}",
            "MB a block": f"{2 * k * (d * itemsize + 8) / 1e6:.2f}",
            "MB/s of an actor": f"{2 * rate * k * (d * itemsize + 8) / shards / 1e6:,.0f}",
            "blocks behind": f"{others:,}",
            "rows that changed meanwhile": f"{1 - (1 - k / N) ** others:.0%}",
        }


def main(out="docs/benchmarks", quick=False, address=None):
    """Measure everything and write ``scaling.md`` into the folder ``out``.

    Parameters
    ----------
    out : path
    quick : bool
    address : str, optional
        Of a cluster, see :func:`ptembed.parallel.connect`; else one node, then two, are started on this machine.

    Raises
    ------
    FileNotFoundError
        When there is no folder ``out``; before anything is measured.
    ConnectionError
        When there is no cluster at ``address``.
    """
    check_paths(out, None)
    sizes = QUICK if quick else Sizes()
    clusters = {f"at {address}": at(address)} if address else {"one node": cluster(2), "two nodes": two_nodes()}
    publish(measure(sizes, clusters, address), out, "scaling.md")


@contextlib.contextmanager
def at(address):
    connect(address, log_to_driver=False)
    try:
        yield
    finally:
        needs("ray", "ray").shutdown()


@contextlib.contextmanager
def two_nodes():
    """A cluster of two nodes on this machine."""
    ray, utils = needs("ray", "ray"), needs("ray.cluster_utils", "ray")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    node = {"num_cpus": 1, "object_store_memory": 300_000_000}
    made = utils.Cluster(initialize_head=True, head_node_args=node | {"include_dashboard": False})
    made.add_node(**node)
    made.wait_for_nodes()
    ray.init(address=made.address, log_to_driver=False)
    try:
        yield
    finally:
        ray.shutdown()
        made.shutdown()


def measure(sizes, clusters, address=None):
    """Measure on each of the named ``clusters``; gives the page."""
    train_row, costs, checks = training(sizes), {}, []
    for name, each in clusters.items():
        with each:
            measured, turns_a_second = on_cluster(sizes)
        costs[name] = Costs.of(measured, train_row)
        bare = replace(costs[name], train_row=0.0)
        checks += [
            (name, str(workers), f"{k:,}", f"{rate:,.0f}", f"{bare.rate(workers, k, 2):,.0f}")
            for workers, k, rate in turns_a_second
        ]  # fmt: skip
    text = TEXT.format(
        quick=" --quick" * (sizes is QUICK), address=f" --address {address}" if address else "",
        machine=machine("numpy", "pytensor", "ray"), **vars(sizes),
    )  # fmt: skip
    last = list(costs.values())[-1]
    k = sizes.ks[-1]
    lines = [last.expected(P, k, sizes.N, sizes.d) for P in (1, 2, 10, 100, 1000)]
    return "\n".join([
        text,
        markdown(("seconds", *costs), [(words, *(f"{getattr(c, field):.2e}" for c in costs.values()))
                                       for field, words in WORDS.items()]),
        f"What to expect from the figures of {list(costs)[-1]}, were each worker and each actor to have a processor:\n",
        markdown(tuple(lines[0]), [tuple(line.values()) for line in lines]),
        "The model beside what was measured, without training, on two actors:\n",
        markdown(("", "workers", "rows a turn", "turns a second", "model"), checks),
    ])  # fmt: skip


WORDS = {
    "call": "a: a pull and a push, their calls of one actor",
    "row": "b: a pull and a push, a row",
    "busy_call": "g: an actor is busy, a pull and a push",
    "busy_row": "h: an actor is busy, a row",
    "train_row": "c: training, a row that a block reads",
}


def on_cluster(sizes):
    """Measure turns on the cluster that there is a connection to.

    Returns
    -------
    measured : list
        Lines of k, S, seconds of a turn of one worker, and processor seconds for which it kept each actor busy.
    turns_a_second : list
        Lines of how many workers, k, and their turns a second on two actors.
    """
    measured, turns_a_second = [], []
    for shards in sizes.shards:
        alone = RayTurns(sizes, shards, 1)
        measured += [(k, shards, *least(sizes, alone, k)) for k in sizes.ks]
        alone.close()
    both = RayTurns(sizes, 2, 2)
    for k in sizes.ks:
        turns_a_second += [(1, k, 1 / time) for size, shards, time, _ in measured if (size, shards) == (k, 2)]
        turns_a_second.append((2, k, 2 / least(sizes, both, k)[0]))
    both.close()
    return measured, turns_a_second


def least(sizes, side, k):
    """Seconds of a turn, and processor seconds for which it keeps each actor busy: the least of the rounds."""
    taken = []
    for seed in range(sizes.rounds):
        before = processor_seconds(side)
        seconds = side(k, sizes.turns, seed)
        calls = len(side.workers) * (sizes.turns + 2) * len(side.store.actors)
        taken.append((seconds, (processor_seconds(side) - before) / calls))
    return tuple(np.min(taken, axis=0).tolist())


def processor_seconds(side):
    calls = [actor.__ray_call__.remote(lambda shard: time.process_time()) for actor in side.store.actors]
    return sum(side.ray.get(calls))


def training(sizes):
    """Seconds of training a row that is read, of the triplet model of the benchmark ``hogwild``."""
    k, shape = sizes.ks[-1] // 3, (sizes.N, sizes.d)
    function = hogwild.model(pytensor.shared(np.zeros(shape, "float32"), name="W"))
    blocks = [hogwild.Triples(sizes.N, k).draw(np.random.default_rng(seed), k) for seed in range(10)]
    function(*blocks[0])
    taken = []
    for ids in blocks[1:]:
        start = time.process_time()
        function(*ids)
        taken.append(time.process_time() - start)
    return float(np.median(taken)) / (3 * k)
