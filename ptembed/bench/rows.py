r"""What a training step of an embedding costs: ptembed, torch, FBGEMM, Theano, PyTensor alone, and a loop by hand.

The step is the same for all: triples (r, p, n) of rows of ``W``, N x d float32, drawn at random, the pair-logistic
loss, and one of four optimizers. All sides of a comparison begin with the same ``W`` and take three steps on the same
ids, repeats among them; only when their rows agree are they timed. Read :mod:`ptembed.bench.row_sides` for the sides,
:mod:`ptembed.bench.timing` for how time is taken, and :mod:`ptembed.bench.row_report` for the table.
"""

import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ptembed.bench import row_peers, row_report, row_sides
from ptembed.bench.pages import publish
from ptembed.bench.row_memory import extra_memory
from ptembed.bench.theano_process import check_paths
from ptembed.bench.timing import copy_speed, in_turn, machine, ratio

__all__ = [
    *("QUICK", "Comparison", "Results", "Sizes"),
    *("agree", "compare", "flatness", "main", "measure", "memory", "online"),
]

PACKAGES = ("pytensor", "numpy", "numba", "torch", "fbgemm-gpu-cpu")


@dataclass(frozen=True)
class Sizes:
    """What is measured, and how long.

    Attributes
    ----------
    d : int
        Numbers in a row.
    single, many : tuples of int
        N for steps of one triple, and for steps of ``m`` triples.
    flat : tuple of int
        N, ascending, over which a step of one triple must cost the same.
    block : int
        Steps of ``m`` triples in a call, for the side that takes blocks.
    online, steps : int
        N, and steps of one triple in a call.
    memory : int
        N for the memory of a step.
    rounds, calls : int
        Rounds, and calls of a side in one of them at most.
    limit : float
        Seconds after which a side's turn ends.
    dense : int
        The largest N for the sides that move all of ``W``; above, torch's Adam takes seconds a step.
    cache : int
        Bytes to write so that nothing of ``W`` stays in a cache.
    """

    d: int = 100
    m: int = 341
    single: tuple[int, ...] = (30_000, 200_000)
    many: tuple[int, ...] = (30_000, 1_000_000)
    flat: tuple[int, ...] = (20_000, 200_000, 2_000_000)
    block: int = 50
    online: int = 200_000
    steps: int = 20_000
    memory: int = 2_000_000
    rounds: int = 11
    calls: int = 200
    limit: float = 0.2
    dense: int = 200_000
    cache: int = 1 << 26


QUICK = Sizes(
    m=20, single=(2_000,), many=(2_000,), flat=(1_000, 5_000), online=2_000, steps=500, memory=20_000,
    rounds=3, calls=20, limit=0.02, block=10, cache=1 << 20,
)  # fmt: skip


@dataclass
class Comparison:
    """Sides on one size with one optimizer.

    Attributes
    ----------
    optimizer : str
    N, m, d : int
    names : list of str
        The sides; the first is the limit.
    taken : array, shape (len(names), rounds)
        Seconds of a step.
    moved : float
        Bytes of rows and histories that a step must read and write.
    """

    optimizer: str
    N: int
    m: int
    d: int
    names: list
    taken: np.ndarray
    moved: float

    def seconds(self, name):
        return float(np.median(self[name]))

    def ratio(self, name, to=None):
        """How many times as long ``name`` takes as ``to``, or as the limit."""
        return ratio(self[name], self[to or self.names[0]])

    def __getitem__(self, name):
        return self.taken[self.names.index(name)]


@dataclass
class Results:
    """All that one run has measured.

    Attributes
    ----------
    arguments : str
        Of the command line that repeats the run.
    sizes : Sizes
    machine : str
    speed : float
        Bytes a second that a copy reads and writes.
    missing : list of str
        A line for each peer that was left out.
    single, many, online : lists of Comparison
    flat : dict
        For each side, and the state of the cache, seconds of a step for each N: shape (len(sizes.flat), rounds).
    memory : dict
        For each side the bytes that a step needs beside its matrices.
    """

    arguments: str
    sizes: Sizes
    machine: str
    speed: float
    missing: list
    single: list
    many: list
    online: list
    flat: dict
    memory: dict


def main(out="docs/benchmarks", python37=None, quick=False):
    """Measure everything and write ``rows.md`` and ``rows.png`` into the folder ``out``.

    Parameters
    ----------
    out : str
    python37 : str, optional
        A Python that has Theano 1.0.5, to be timed too.
    quick : bool
        Small sizes: for a trial.

    Raises
    ------
    FileNotFoundError
        When there is no folder ``out`` or no ``python37``; before anything is measured.
    ImportError
        Without matplotlib; before anything is measured.
    RuntimeError
        When two sides do not compute the same update.
    """
    check_paths(out, python37)
    row_report.needs_matplotlib()
    results = measure(QUICK if quick else Sizes(), python37)
    table = row_report.table(results)
    publish(table, out, "rows.md")
    row_report.picture(results, Path(out, "rows.png"))


def measure(sizes, python37=None):
    """Measure everything; gives :class:`Results`."""
    absent = row_peers.missing(python37)
    for line in absent.values():
        _say(line)
    _say("How fast memory is copied")
    speed, rest = copy_speed(), (sizes, python37, absent)
    return Results(
        arguments=" --quick" * (sizes is QUICK) + " --python37 PATH" * (python37 is not None),
        sizes=sizes,
        machine=machine(*PACKAGES),
        speed=speed,
        missing=list(absent.values()),
        single=[compare(optimizer, N, 1, *rest) for N in sizes.single for optimizer in row_sides.OPTIMIZERS],
        many=[compare(optimizer, N, sizes.m, *rest) for N in sizes.many for optimizer in row_sides.OPTIMIZERS],
        online=[online(optimizer, sizes) for optimizer in row_sides.OPTIMIZERS],
        flat=flatness(sizes),
        memory=memory(sizes),
    )


def compare(optimizer, N, m, sizes, python37=None, absent=()):
    """All sides that have this optimizer, a step of ``m`` triples a call, ptembed's blocks too where m > 1."""
    _say(f"{optimizer}, {3 * m:,} rows a step of {N:,}")
    dense = sizes.dense >= N
    makers = [partial(row_sides.by_hand, optimizer), partial(row_sides.of_calls, optimizer)]
    if m > 1:
        makers.append(partial(row_sides.of_blocks, optimizer, steps=sizes.block))
    else:
        makers.append(partial(row_sides.of_functions, optimizer))
    if optimizer == "SGD":
        makers += _other_forms(m, dense)
        makers += _theano(dense, python37) if "theano" not in absent and python37 else []
    if optimizer != "row-wise Adagrad" and "torch" not in absent:
        makers += [partial(row_peers.torch_sparse, optimizer)]
        makers += [partial(row_peers.torch_dense, optimizer)] if dense else []
    if optimizer != "Adam" and "fbgemm_gpu" not in absent:
        makers.append(partial(row_peers.fbgemm, optimizer))
    return _timed(optimizer, N, m, makers, sizes)


def online(optimizer, sizes):
    """Steps of one triple, many a call: ptembed and the loop by hand."""
    _say(f"{optimizer}, 3 rows a step of {sizes.online:,}, {sizes.steps:,} steps a call")
    makers = [partial(side, optimizer, steps=sizes.steps) for side in (row_sides.by_hand, row_sides.of_blocks)]
    return _timed(optimizer, sizes.online, 1, makers, sizes)


def flatness(sizes):
    """Steps of one triple over N, with the caches as they are and emptied before each call."""
    _say("SGD, 3 rows a step, over N")
    ballast = np.zeros(sizes.cache, np.uint8)
    empty = partial(np.add, ballast, 1, ballast)
    makers = {
        "ptembed, one step a call": partial(row_sides.of_calls, "SGD"),
        f"ptembed, {sizes.steps:,} steps a call": partial(row_sides.of_blocks, "SGD", steps=sizes.steps),
        "dense form, rewritten by ptembed": partial(row_sides.dense_form, rewritten=True),
    }
    results = {}
    for name, make in makers.items():
        sides = [make(W=_matrix(N, sizes.d), m=1) for N in sizes.flat]
        draws = [_draw(N, 1) for N in sizes.flat]
        results[f"{name}, caches as they are"] = in_turn(sides, draws, sizes.rounds, sizes.calls, sizes.limit)
        emptied = in_turn(sides, draws, sizes.rounds, sizes.calls // 10 + 1, sizes.limit, empty)
        results[f"{name}, caches emptied"] = emptied
    return results


def memory(sizes):
    """Bytes that a step needs at its peak, for each side in a fresh process."""
    _say(f"Memory of a step, {sizes.memory:,} rows")
    size = sizes.memory, sizes.d, sizes.m
    sides = {f"ptembed, {name}": (_optimized, name) for name in row_sides.OPTIMIZERS}
    sides |= {f"SGD, dense form, {by}": (_dense, by) for by in ("rewritten by ptembed", "PyTensor alone")}
    return {name: extra_memory(make, *size, argument) for name, (make, argument) in sides.items()}


def agree(sides, N, m, W):
    """Take three steps on the same ids, repeats among them, and check that all sides have the same rows then.

    Adagrad and Adam divide a gradient by its own size at first, so that rounding decides the sign of one that is nearly
    0. So a few numbers may differ, fewer than the rows that are repeated have.

    Raises
    ------
    RuntimeError
        When more than one number in 1,000 differs by more than 1/1,000 of the largest change.
    """
    ids = _draw(N, m, seed=1)(1)[0]
    ids[-1] = ids[0, 0], ids[0, 1], ids[0, 1]
    seen = np.append(np.unique(ids), np.arange(min(N, 50)))
    for side in sides:
        side.run(ids)
    expected = np.array(sides[0].rows(seen))
    change = np.abs(expected - W[seen]).max()
    for side in sides[1:]:
        off = np.mean(np.abs(side.rows(seen) - expected) > 1e-3 * change)
        if side.versus and not off < 1e-3:
            raise RuntimeError(
                f"all sides must compute the same update, but {side.name} differs from {sides[0].name} in {off:.2%} "
                f"of the numbers, N = {N}, {m} triples a step"
            )


def _timed(optimizer, N, m, makers, sizes):
    W = _matrix(N, sizes.d)
    sides = [make(W=W, m=m) for make in makers]
    agree(sides, N, m, W)
    draw = _draw(N, m)
    taken = in_turn(sides, [draw] * len(sides), sizes.rounds, sizes.calls, sizes.limit)
    for side in sides:
        side.close()
    k = np.mean([len(np.unique(ids)) for ids in draw(100)])
    moved = row_sides.moved_bytes(optimizer, k, sizes.d)
    return Comparison(optimizer, N, m, sizes.d, [side.name for side in sides], taken, moved)


def _other_forms(m, dense):
    forms = [partial(row_sides.row_form, rewritten=True), partial(row_sides.row_form, rewritten=False)]
    forms.append(partial(row_sides.dense_form, rewritten=True))
    forms += [partial(row_sides.dense_form, rewritten=False)] if dense else []
    return forms + ([row_sides.triple_after_triple] if m > 1 else [])


def _theano(dense, python37):
    return [partial(row_peers.TheanoSide, form, python37=python37) for form in ("rows", *(["dense"] if dense else []))]


def _optimized(optimizer, W, m):
    return row_sides.of_calls(optimizer, W, m)


def _dense(by, W, m):
    return row_sides.dense_form(W, m, by != "PyTensor alone")


def _matrix(N, d):
    return np.random.default_rng(0).standard_normal((N, d), np.float32) / 10


def _draw(N, m, seed=2):
    rng = np.random.default_rng(seed)
    return lambda n: rng.integers(0, N, (n, m, 3))


def _say(text):
    print(f"[{time.perf_counter() - START:5.0f} s] {text}", file=sys.stderr, flush=True)


START = time.perf_counter()
