"""What training an output layer of very many outputs costs: ptembed's factored one, dense ones, and softmaxes of torch.

All sides have the same hidden layers and targets, and give the gradient by the hidden layer. Those of the squared error
compute the same update, which is checked before any is timed. Their time is that of the processor, since the dense ones
take seconds a step. Read :mod:`ptembed.bench.factored_sides` and :mod:`ptembed.bench.factored_peers` for the sides,
:mod:`ptembed.bench.factored_course` for the steps one by one,
:mod:`ptembed.bench.factored_errors` for the errors, :mod:`ptembed.bench.factored_report` for the page.
"""

import sys
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from ptembed.bench import factored_peers, factored_report
from ptembed.bench.factored_course import Course, course
from ptembed.bench.factored_errors import errors
from ptembed.bench.factored_sides import (
    EXTENDED,
    NUMBERS,
    PART,
    PLAIN,
    SYMBOLIC,
    Z_LOSS,
    Examples,
    Trainer,
    dense,
    factored,
    general,
    square_product,
)
from ptembed.bench.pages import publish
from ptembed.bench.row_memory import extra_memory
from ptembed.bench.row_peers import missing
from ptembed.bench.theano_process import check_paths
from ptembed.bench.timing import in_turn, machine

__all__ = ["QUICK", "Results", "Sizes", "agree", "compare", "main", "measure"]

PACKAGES = ("pytensor", "numpy", "numba", "torch")


@dataclass(frozen=True)
class Sizes:
    """What is measured.

    Attributes
    ----------
    D : tuple of int
        Outputs, ascending; the last is that of the targets.
    d, m : int
        Numbers of a hidden layer, examples of a step.
    rounds, calls : int
        Rounds, and calls of a side in one of them at most.
    limit : float
        Seconds after which a side's turn ends.
    more : int
        Examples of a step where the layer is compared with BLAS once more, at the second largest D.
    turns : int
        Rounds of the comparisons with BLAS, whose sides all take milliseconds.
    steps : int
        How many are timed one by one, at the largest D.
    errors : tuple of int
        D, d, m and the number of steps for the errors.
    """

    D: tuple[int, ...] = (10_000, 100_000, 793_471)
    d: int = 300
    m: int = 128
    rounds: int = 3
    calls: int = 60
    limit: float = 0.4
    more: int = 200
    turns: int = 15
    steps: int = 10_000
    errors: tuple[int, int, int, int] = (3_000, 128, 32, 10_000)


QUICK = Sizes(D=(200, 1_000), d=8, m=4, rounds=2, calls=2, limit=0.01, more=5, turns=2, steps=20, errors=(60, 4, 3, 20))


@dataclass
class Results:
    """All that one run has measured.

    Attributes
    ----------
    arguments : str
        Of the command line that repeats the run.
    sizes : Sizes
    machine : str
    missing : list of str
        A line for each peer that was left out.
    taken : dict
        For each D, for each side, seconds of a step, shape (rounds,).
    beside : dict
        For pairs of D and the examples of a step, the same of the sides that are compared with BLAS.
    one : dict
        The same for a single example, by the kernel for it and by that for many.
    course : ptembed.bench.factored_course.Course
    memory : float or None
        Bytes that training takes beside V at the largest D; None where the system does not tell.
    steps, errors
        What :func:`ptembed.bench.factored_errors.errors` gives.
    """

    arguments: str
    sizes: Sizes
    machine: str
    missing: list
    taken: dict
    beside: dict
    one: dict
    course: Course
    memory: float | None
    steps: np.ndarray
    errors: dict


def main(out="docs/benchmarks", quick=False):
    """Measure everything and write ``factored.md``, ``factored.png`` and ``factored_errors.png`` into ``out``.

    Raises
    ------
    FileNotFoundError
        When there is no folder ``out``; before anything is measured.
    ImportError
        Without matplotlib; before anything is measured.
    RuntimeError
        When two sides of the squared error do not compute the same update.
    """
    check_paths(out, None)
    factored_report.needs_matplotlib()
    results = measure(QUICK if quick else Sizes())
    page = factored_report.page(results)
    publish(page, out, "factored.md")
    factored_report.pictures(results, Path(out))


def measure(sizes):
    """Measure everything; gives :class:`Results`."""
    absent = [line for name, line in missing("").items() if name == "torch"]
    for line in absent:
        _say(line)
    agree(Examples(min(sizes.D), sizes.d, sizes.m), not absent)
    taken = {D: compare(D, sizes, not absent) for D in sizes.D}
    _say("A step and a product of matrices")
    pairs = (sizes.D[-1], sizes.m), (sizes.D[-2], sizes.more)
    beside = {(D, m): _beside_blas(Examples(D, sizes.d, m), sizes) for D, m in pairs}
    _say("One example of a step")
    one = Examples(sizes.D[-2], sizes.d, 1)
    one = _timed([factored(one), general(one, factored_report.MANY)], sizes)
    _say(f"{sizes.steps:,} steps one by one")
    steps = course(Examples(sizes.D[-1], sizes.d, sizes.m), sizes.steps)
    _say("Memory of a step")
    memory = extra_memory(Trainer, sizes.D[-1], sizes.d, sizes.m)
    _say("Errors against steps")
    arguments, about = " --quick" * (sizes is QUICK), machine(*PACKAGES)
    return Results(arguments, sizes, about, absent, taken, beside, one, steps, memory, *errors(*sizes.errors))


def compare(D, sizes, with_torch=True):
    """Seconds of a step for all sides: a dict from their names to arrays of shape (rounds,)."""
    _say(f"D = {D:,}")
    examples = Examples(D, sizes.d, sizes.m)
    sides = [square_product(examples), *_exact(examples, with_torch, PART), factored(examples, part=PART, name=PLAIN)]
    sides.append(factored(examples, "z_loss", name=Z_LOSS))
    sides += [factored(examples, name=name, **how) for name, how in EXTENDED.items()]
    if with_torch:
        peers = ("full_softmax", "adaptive_softmax", "sampled_softmax")
        W = factored_peers.tensor(examples.W)
        sides += [getattr(factored_peers, name)(examples, W) for name in peers]
    return _timed(sides, sizes)


def _beside_blas(examples, sizes):
    plain = factored(examples, part=PART, name=PLAIN)
    symbolic = factored(examples, fused=False, name=SYMBOLIC, part=PART)
    return _timed([square_product(examples), plain, symbolic], replace(sizes, rounds=sizes.turns))


def _timed(sides, sizes):
    for side in sides:
        side.clock = time.process_time
        side.step(0)
    draw = partial(np.random.default_rng(0).integers, 0, NUMBERS)
    taken = in_turn(sides, [draw] * len(sides), sizes.rounds, sizes.calls, sizes.limit)
    return {side.name: times for side, times in zip(sides, taken, strict=True)}


def agree(examples, with_torch=True):
    """Take three steps and check that all sides of the squared error have the same W then.

    Raises
    ------
    RuntimeError
        When one differs by more than 1/1,000 of the largest change.
    """
    _say("Do all sides of the squared error compute the same update?")
    sides, rows = list(_exact(examples, with_torch)), np.arange(len(examples.W))
    for side in sides:
        side.run(0)
    expected = sides[0].rows(rows)
    change = np.abs(expected - examples.W).max()
    for side in sides[1:]:
        if not np.abs(side.rows(rows) - expected).max() <= 1e-3 * change:
            raise RuntimeError(f"all sides must compute the same update, but {side.name} differs from {sides[0].name}")


def _exact(examples, with_torch, part=1.0):
    """Give the sides of the squared error, each with a matrix of its own.

    The symbols have no stabilising in them, so that they cannot go on for many steps at more than a ``part`` of the
    learning rate.
    """
    yield factored(examples)
    yield factored(examples, fused=False, name=SYMBOLIC, part=part)
    yield dense(examples)
    if with_torch:
        yield factored_peers.linear(examples, factored_peers.tensor(examples.W))
        yield factored_peers.in_place(examples, factored_peers.tensor(examples.W))


def _say(text):
    print(f"[{time.perf_counter() - START:5.0f} s] {text}", file=sys.stderr, flush=True)


START = time.perf_counter()
