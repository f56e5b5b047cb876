"""Rows in Ray's actors and in windows of MPI: the same pulls and pushes by two workers, in one run.

Both sides hold one matrix in two parts. A worker pulls rows, all distinct and ascending as a block of training has
them, and pushes ones to them. The sum of the matrix is checked after each run.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ptembed.bench.pages import markdown, publish
from ptembed.bench.row_targets import Target
from ptembed.bench.theano_process import check_paths
from ptembed.bench.timing import machine, ratio
from ptembed.extras import needs
from ptembed.parallel.ray_cluster import place
from ptembed.parallel.ray_store import RayRows

__all__ = ["QUICK", "RayTurns", "Sizes", "cluster", "main", "measure", "mpi_rank", "turns"]

WORKERS = 2
FEW, MANY = 512, 8192

TEXT = """# Rows in a store, side by side

`python -m ptembed.bench stores{quick}` wrote this page, with one thread a process:
{machine}.

{N:,} rows of {d} float32 in two parts, two workers; a turn is a pull of k rows and a push of the same k rows, by each
worker {few:,} times for k = {FEW} and {many:,} times for k = {MANY:,}. A figure is the median of {rounds} runs, a ratio
the median of the runs' ratios. All sums were exact.

"""


@dataclass(frozen=True)
class Sizes:
    """``N`` rows of ``d``; ``few`` turns of 512 rows and ``many`` of 8,192 in each of ``rounds`` runs."""

    N: int = 200_000
    d: int = 100
    few: int = 300
    many: int = 100
    rounds: int = 5


QUICK = Sizes(N=20_000, d=4, few=5, many=3, rounds=1)


def main(out="docs/benchmarks", quick=False):
    """Measure everything and write ``stores.md`` into the folder ``out``.

    Raises
    ------
    FileNotFoundError
        When there is no folder ``out``, or no ``mpiexec``; before anything is measured.
    ImportError
        When Ray or mpi4py is not installed.
    """
    check_paths(out, None)
    needs("mpi4py", "mpi")
    with cluster(WORKERS):
        publish(measure(QUICK if quick else Sizes()), out, "stores.md")


@contextlib.contextmanager
def cluster(cpus):
    """A cluster of one node on this machine."""
    ray = needs("ray", "ray")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray.init(num_cpus=cpus, include_dashboard=False, object_store_memory=500_000_000, log_to_driver=False)
    try:
        yield
    finally:
        ray.shutdown()


def measure(sizes):
    """Measure everything on the cluster that there is a connection to; gives the page."""
    sides = {"MPI": lambda *how: mpi(sizes, *how), "Ray": RayTurns(sizes, WORKERS, WORKERS)}
    taken = {(side, k): [] for k in (FEW, MANY) for side in sides}
    for seed in range(sizes.rounds):
        for side, k in taken:
            taken[side, k].append(sides[side](k, sizes.few if k == FEW else sizes.many, seed))
    sides["Ray"].close()
    rows = [
        (side, f"{k:,}", f"{1e3 * np.median(times):.2f}", f"{WORKERS * k / np.median(times):,.0f}")
        for (side, k), times in taken.items()
    ]
    times = ratio(taken["Ray", MANY], taken["MPI", MANY])
    target = Target(f"a turn on Ray / on MPI, {MANY:,} rows", "<= 3", f"{times:.2f}", times <= 3)
    versions = machine("numpy", "ray", "mpi4py", "mpich")
    return "\n".join([
        TEXT.format(quick=" --quick" * (sizes is QUICK), machine=versions, FEW=FEW, MANY=MANY, **vars(sizes)),
        markdown(("", "bound", "measured", "met"), [(*target[:3], "yes" if target.met else "**no**")]),
        markdown(("store", "rows a turn", "milliseconds a turn", "rows a second, two workers"), rows),
    ])  # fmt: skip


def turns(store, k, number, seed):
    """Pull and push ``k`` rows ``number`` times; gives the seconds of a turn."""
    rng, delta = np.random.default_rng(seed), np.ones((k, store.shape[1]), store.dtype)
    ids = [np.sort(rng.choice(store.shape[0], k, replace=False)) for _ in range(number)]
    store.pull(ids[0])
    store.sync()
    start = time.perf_counter()
    for each in ids:
        store.pull(each)
        store.push(each, delta)
    store.sync()
    return (time.perf_counter() - start) / number


class Worker:
    """An actor that takes turns."""

    def __init__(self, store):
        self.store = store

    def turns(self, *how):
        return turns(self.store, *how)


class RayTurns:
    """``workers`` that take turns on rows in ``shards`` actors.

    Called with k, a number and a seed, it gives the seconds of a turn.
    """

    def __init__(self, sizes, shards, workers):
        self.ray = needs("ray", "ray")
        self.store = RayRows(np.zeros((sizes.N, sizes.d), "float32"), shards)
        self.workers = place(Worker, [(self.store,)] * workers)
        self.total = 0

    def __call__(self, k, number, seed):
        self._all(k, 2, 0)
        return self._all(k, number, seed)

    def _all(self, k, number, seed):
        calls = [worker.turns.remote(k, number, seed + 100 * w) for w, worker in enumerate(self.workers)]
        times = self.ray.get(calls)
        self.total += len(calls) * number * k * self.store.shape[1]
        return max(times)

    def close(self):
        """End, when nothing was lost."""
        check_sum(self.store.values(), self.total)
        for worker in self.workers:
            self.ray.kill(worker)
        self.store.close()


def mpi(sizes, k, number, seed):
    """Seconds of a turn on MPI."""
    mpiexec = shutil.which("mpiexec", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if mpiexec is None:
        raise FileNotFoundError("there must be an mpiexec beside Python or in PATH, got none: pip install mpich")
    program = f"from ptembed.bench.stores import mpi_rank; mpi_rank({sizes.N}, {sizes.d}, {k}, {number}, {seed})"
    command = [mpiexec, "-n", str(WORKERS), sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def mpi_rank(N, d, k, number, seed):
    """The side of MPI, in each of the processes that mpiexec has started; the first prints the seconds of a turn."""
    from ptembed.parallel.mpi_store import MpiRows

    store = MpiRows(np.zeros((N, d), "float32"))
    turns(store, k, 2, 0)
    store.comm.Barrier()
    times = store.comm.allgather(turns(store, k, number, seed + store.comm.rank))
    check_sum(store.values(), WORKERS * (number + 2) * k * d)
    if store.comm.rank == 0:
        print(json.dumps(max(times)))
    store.close()


def check_sum(values, wanted):
    """Raise a `RuntimeError` when a push was lost or came twice."""
    got = values.sum(dtype="float64")
    if got != wanted:
        raise RuntimeError(f"the rows must add up to {wanted}, got {got}")
