"""A million steps of everything that trains: memory stays what it is, and what must hold holds all along.

Read next: :mod:`ptembed.bench.endurance_rows`, :mod:`ptembed.bench.endurance_factored`,
:mod:`ptembed.bench.endurance_hogwild`.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from ptembed.bench import endurance_factored, endurance_hogwild, endurance_rows
from ptembed.bench.endurance_watch import Watch
from ptembed.bench.pages import markdown, publish
from ptembed.bench.row_targets import Target
from ptembed.bench.theano_process import check_paths
from ptembed.bench.timing import machine

__all__ = ["QUICK", "Sizes", "main", "measure", "page"]

HOGWILD = "Hogwild, two processes"
GROWTH = 0.01  # of the memory of a process, over a run

TEXT = """# A million steps

`python -m ptembed.bench endurance{quick}` wrote this page, with one thread a process:
{machine}.

Each row below is a process of its own that takes {steps:,} steps and looks every {every:,} of them at what must hold.
*Growth* is the slope of its resident memory over the run, by least squares, as a part of what it began with; the first
tenth, in which caches fill, is left out. *Checks* are the moments at which it looked, *broken* is what did not hold.

* Optimizers train {N:,} rows of {d} float32, in blocks of {every:,} steps, on {m} triples a step, drawn by Zipf's law;
  half of the rows are never drawn. Looked at: all values and histories are finite, norms are within the limit set
  by `max_norm`, rows that were not read and their histories are what they were to the bit, the counts of Adam and its
  kin are how often a row was read, sums of squares never fall, the loss falls; at the end a checkpoint of all gives
  back the same bits.
* The factored layer has D = {D:,}, d = {width}, m = {examples}, one step a call, hidden layers drawn for each step.
  Looked at: all factors are finite, the inverse of U is its inverse, Q and the sum of rows are those of W, and one step
  is what a dense layer in float64 does.
* Hogwild is the triplet model in shared memory, and a matrix of rows that add up to zero, to which each process adds
  whole numbers. Looked at by each process: no row is torn, no write to its own rows is lost, all is finite.

"""


@dataclass(frozen=True)
class Sizes:
    """``steps`` of each run, looked at ``every`` so many; the model of rows, and that of the factored layer.

    ``mode`` compiles the optimizers; Hogwild needs functions that write in place, so it has the one of PyTensor.
    """

    steps: int = 1_000_000
    every: int = 10_000
    N: int = 2_000
    d: int = 16
    m: int = 4
    D: int = 2_000
    width: int = 32
    examples: int = 16
    mode: str | None = None
    fresh: bool = True


QUICK = Sizes(steps=600, every=100, N=60, d=4, m=2, D=60, width=4, examples=3, mode="FAST_COMPILE", fresh=False)


def main(out="docs/benchmarks", quick=False):
    """Take all runs and write ``endurance.md`` into the folder ``out``.

    Raises
    ------
    FileNotFoundError
        When there is no folder ``out``; before anything is run.
    """
    check_paths(out, None)
    sizes = QUICK if quick else Sizes()
    publish(page(measure(sizes), sizes), out, "endurance.md")


def measure(sizes):
    """Take all runs; gives a list of :class:`~ptembed.bench.endurance_watch.Watch`."""
    return [_taken(run, name, sizes) for run, name in _runs()]


def _runs():
    yield from ((endurance_rows.run, name) for name in endurance_rows.OPTIMIZERS)
    yield from ((endurance_factored.run, name) for name in endurance_factored.FORMS)
    yield endurance_hogwild.run, HOGWILD


def _taken(run, name, sizes) -> Watch:
    if not sizes.fresh:
        return run(name, sizes)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
        watch = fresh.submit(run, name, sizes).result()
    print(f"{name}: {watch.seconds:.0f} s", *watch.broken[:3], sep="\n  ", flush=True)
    return watch


def page(watches, sizes):
    """Give the page as Markdown."""
    here = machine("pytensor", "numpy", "numba")
    text = TEXT.format(quick=" --quick" * (sizes == QUICK), machine=here, **vars(sizes))
    rows = [(*t[:3], "yes" if t.met else "**no**") for t in targets(watches)]
    table = markdown(("", "bound", "measured", "met"), rows)
    runs = markdown(
        ("run", "steps", "checks", "broken", "growth", "CPU s", "largest seen"), [_row(watch) for watch in watches]
    )
    broken = "".join(f"* {watch.name}: {line}\n" for watch in watches for line in watch.broken)
    return "\n".join([text + table, runs, *([f"What did not hold:\n\n{broken}"] if broken else [])])


def targets(watches):
    """Give the list of :class:`~ptembed.bench.row_targets.Target`."""
    growths = [watch.growth() for watch in watches]
    known = [growth for growth in growths if growth is not None]
    broken = sum(len(watch.broken) for watch in watches)
    found = [Target("invariants that did not hold", "0", str(broken), not broken)]
    if known:
        found.append(Target("largest growth of memory", f"< {GROWTH:.0%}", f"{max(known):.2%}", max(known) < GROWTH))
    return found


def _row(watch):
    growth = watch.growth()
    worst = ", ".join(f"{what} {value:.2g}" for what, value in watch.worst.items())
    return (
        watch.name,
        f"{watch.steps:,}",
        str(watch.checks),
        str(len(watch.broken)),
        "not known" if growth is None else f"{growth:+.3%}",
        f"{watch.seconds:.0f}",
        worst,
    )
