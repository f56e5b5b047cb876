"""Asynchronous training with two processes: ptembed's and torch's, in one run.

The model is the triplet model of single triples, ``softplus(-<w_r, w_p>) + softplus(<w_r, w_n>)``, with rows in planted
clusters, so that there is something to learn. Both sides train one matrix in shared memory by plain gradient descent
with sparse gradients. A rate is triples by the seconds from the moment that all workers were ready.
"""

import multiprocessing
import time
from dataclasses import dataclass

import numpy as np
import pytensor
import pytensor.tensor as pt

from ptembed import graphs, parallel, train
from ptembed.bench.pages import markdown, publish
from ptembed.bench.row_peers import missing
from ptembed.bench.row_targets import Target
from ptembed.bench.theano_process import check_paths
from ptembed.bench.timing import machine

__all__ = ["QUICK", "Sizes", "main", "measure"]

RATE = 0.1
CLUSTERS = 60

TEXT = """# Asynchronous training, side by side

`python -m ptembed.bench hogwild{quick}` wrote this page, with one thread a process:
{machine}.

One triple a step, plain gradient descent, {N:,} rows of {d} float32 in shared memory, in {clusters} planted clusters;
{triples:,} triples in all by ptembed, {few:,} by torch. A rate is the median of {rounds} runs, a ratio the median of
the runs' ratios. The loss is of 100,000 triples that were not trained on.
{missing}
"""


@dataclass(frozen=True)
class Sizes:
    """``N`` rows of ``d``; ``blocks`` of ``steps`` triples by ptembed, ``few`` triples by torch; ``rounds`` runs."""

    N: int = 200_000
    d: int = 100
    blocks: int = 400
    steps: int = 25_000
    few: int = 4_000
    rounds: int = 3


QUICK = Sizes(N=600, d=4, blocks=4, steps=50, few=20, rounds=1)


@dataclass(frozen=True)
class Triples:
    """Blocks of single triples: a row, one of its cluster, any other."""

    N: int
    steps: int

    def __call__(self, rng):
        while True:
            yield self.draw(rng, self.steps)

    def draw(self, rng, n):
        r, other = rng.integers(self.N, size=(2, n))
        p = rng.integers(self.N // CLUSTERS, size=n) * CLUSTERS + r % CLUSTERS
        return r[:, None], p[:, None], other[:, None]


def model(W):
    """The training function of ptembed's side."""
    ids = pt.lvectors("r", "p", "n")
    read = graphs.rows(W, *ids)
    loss = _loss(*read.values)
    return train.block(ids, loss, graphs.sgd(loss, read, RATE))


def _loss(r, p, n):
    return (pt.softplus(-(r * p).sum(axis=1)) + pt.softplus((r * n).sum(axis=1))).sum()


def main(out="docs/benchmarks", quick=False):
    """Measure everything and write ``hogwild.md`` into the folder ``out``.

    Raises
    ------
    FileNotFoundError
        When there is no folder ``out``; before anything is measured.
    """
    check_paths(out, None)
    publish(measure(QUICK if quick else Sizes()), out, "hogwild.md")


def measure(sizes):
    """Measure everything; gives the page."""
    absent = {name: line for name, line in missing("").items() if name == "torch"}
    runs = {(side, P): [] for side in (["ptembed"] if absent else ["ptembed", "torch"]) for P in (1, 2)}
    for seed in range(sizes.rounds):
        for side, processes in runs:
            runs[side, processes].append((_ours if side == "ptembed" else _torch)(sizes, processes, seed))
    taken = {key: np.array(values) for key, values in runs.items()}
    text = TEXT.format(
        quick=" --quick" * (sizes is QUICK), machine=machine("pytensor", "numpy", "numba", "torch"), clusters=CLUSTERS,
        triples=sizes.blocks * sizes.steps, missing="".join(f"\n{line}.\n" for line in absent.values()), **vars(sizes),
    )  # fmt: skip
    rows = [(side, str(P), f"{np.median(v[:, 0]):,.0f}", f"{np.median(v[:, 1]):.4f}") for (side, P), v in taken.items()]
    return "\n".join([
        text,
        markdown(("", "bound", "measured", "met"), [(*t[:3], "yes" if t.met else "**no**") for t in _targets(taken)]),
        markdown(("side", "processes", "triples a second", "loss"), rows),
    ])  # fmt: skip


def _targets(taken):
    one, two = taken["ptembed", 1], taken["ptembed", 2]
    times, loss = np.median(two[:, 0] / one[:, 0]), np.median(two[:, 1] / one[:, 1])
    yield Target("two processes / one, triples a second", ">= 1.8", f"{times:.2f}", times >= 1.8)
    yield Target("two processes / one, loss", "<= 1.01", f"{loss:.4f}", loss <= 1.01)
    if ("torch", 2) in taken:
        times = np.median(two[:, 0] / taken["torch", 2][:, 0])
        yield Target("ptembed / torch, two processes each", ">= 60", f"{times:.0f}", times >= 60)


def _first(sizes):
    return np.random.default_rng(0).normal(0, 0.1, (sizes.N, sizes.d)).astype("float32")


def _loss_of(W, sizes):
    r, p, n = (W[ids[:, 0]] for ids in Triples(sizes.N, 0).draw(np.random.default_rng(99), 100_000))
    return np.mean(np.logaddexp(0, -(r * p).sum(axis=1)) + np.logaddexp(0, (r * n).sum(axis=1)))


def _ours(sizes, processes, seed):
    W = pytensor.shared(_first(sizes), name="W")
    done = parallel.train(
        model, Triples(sizes.N, sizes.steps), tied=[W], blocks=sizes.blocks, processes=processes, seed=seed
    )
    return sizes.blocks * sizes.steps / done.seconds, _loss_of(W.get_value(), sizes)


def _torch(sizes, processes, seed):
    import torch

    matrix = torch.nn.Embedding.from_pretrained(
        torch.from_numpy(_first(sizes)), freeze=False, sparse=True
    ).share_memory()
    context = multiprocessing.get_context("spawn")
    ready, done = context.Barrier(processes), context.SimpleQueue()
    arguments = [(matrix, sizes, sizes.few // processes, seed + 100 * k, ready, done) for k in range(processes)]
    workers = [context.Process(target=_torch_worker, args=each) for each in arguments]
    for worker in workers:
        worker.start()
    times = np.array([done.get() for _ in workers])
    for worker in workers:
        worker.join()
    return sizes.few / (times[:, 1].max() - times[:, 0].min()), _loss_of(matrix.weight.detach().numpy(), sizes)


def _torch_worker(matrix, sizes, steps, seed, ready, done):
    import torch
    from torch.nn.functional import logsigmoid

    torch.set_num_threads(1)
    optimizer = torch.optim.SGD(matrix.parameters(), lr=RATE)
    triples = np.concatenate(Triples(sizes.N, 0).draw(np.random.default_rng(seed), steps), axis=1)
    triples = torch.from_numpy(triples)
    ready.wait()
    started = time.time()
    for ids in triples:
        optimizer.zero_grad(set_to_none=True)
        r, p, n = matrix(ids)
        (-logsigmoid((r * p).sum()) - logsigmoid(-(r * n).sum())).backward()
        optimizer.step()
    done.put((started, time.time()))
