"""Networks of the deep-learning tutorials, their parts and their random numbers, beside real Theano 1.0.5 and torch.

A program is the same script on both sides, each run in a process of its own; runs take turns, and two sides are
compared pair by pair. Theano's linker is its default, C code by g++, with the OpenBLAS of its NumPy; the drop-in's is
:mod:`ptembed.theano.compile.tiered`. Compiled code is kept between the runs of one side: a step is timed, not a start.

Read next: :mod:`ptembed.bench.theano_nets`.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from ptembed.bench import nets_convolution, nets_pooling
from ptembed.bench.legacy import SIDES, run
from ptembed.bench.nets_pooling import Figure
from ptembed.bench.pages import markdown, publish
from ptembed.bench.theano_process import blas_of_numpy, check_paths
from ptembed.bench.timing import machine

__all__ = ["main", "measure", "table"]

SCRIPT = Path(__file__).with_name("theano_nets.py")
PROGRAMS = {
    "mrg32": ("a million uniform numbers of MRG31k3p, float32", 0.5),
    "mrg64": ("a million uniform numbers of MRG31k3p, float64", 0.5),
    "mlp": ("a training step of an MLP, 784-500-10, batch 20", 1.0),
    "lenet": ("a training step of LeNet, batch 500", 1.0),
    "lstm": ("a training step of an LSTM by scan, 128 units, 16 x 100 words", 1.0),
}
ROUNDS = 3


def main(out, python37):
    """Measure and write ``nets.md`` into the folder ``out``.

    Parameters
    ----------
    out : str
    python37 : str
        A Python that has Theano 1.0.5, and finds a C++ compiler.

    Raises
    ------
    FileNotFoundError
        When there is no folder ``out`` or no ``python37``; before anything is measured.
    RuntimeError
        When a run fails, or two sides do not compute the same.
    """
    if python37 is None:
        raise FileNotFoundError("the comparison needs a Python that has Theano 1.0.5, got none: give --python37 PATH")
    check_paths(out, python37)
    figures = [measure(program, python37) for program in PROGRAMS]
    for part in (nets_convolution, nets_pooling):
        figures += part.figures(python37=python37)
    text = table(figures)
    publish(text, out, "nets.md")


def measure(program, python37, rounds=ROUNDS):
    """Run both sides in turn; gives a figure."""
    what, bound = PROGRAMS[program]
    flags, settings = blas_of_numpy(python37)
    answers = {side: [] for side in SIDES}
    with tempfile.TemporaryDirectory() as ours, tempfile.TemporaryDirectory() as theirs:
        for _ in range(rounds):
            print(program, file=sys.stderr, flush=True)
            answers[SIDES[0]].append(run([sys.executable, "-m", "ptembed", "run", str(SCRIPT), program], ours))
            answers[SIDES[1]].append(run([python37, "-W", "ignore", str(SCRIPT), program], theirs, flags, **settings))
    losses = [np.array([answer["losses"] for answer in answers[side]]) for side in SIDES]
    if not np.allclose(*losses, rtol=5e-3):
        raise RuntimeError(f"both sides must compute the same, but {program} gives {losses[0]} and {losses[1]}")
    return Figure(what, SIDES[1], *(np.array([answer["call"] for answer in answers[s]]) for s in SIDES), bound)


def table(figures):
    """Write the page of all figures."""
    lines = ["# Networks on the drop-in, on Theano and on torch", ""]
    lines += [machine("pytensor", "numpy", "numba", "torch"), ""]
    lines += ["Medians of calls in turn, one thread. `python -m ptembed.bench nets --python37 PATH`", ""]
    head = ("", "beside", "here", "there", "ratio", "bound", "met")
    return "\n".join([*lines, markdown(head, map(_row, figures))])


def _row(figure):
    times = [f"{np.median(taken) * 1e3:,.2f} ms" for taken in (figure.ours, figure.theirs)]
    met = "yes" if figure.met else "**no**"
    return figure.what, figure.peer, *times, f"{figure.ratio:.2f}", f"<= {figure.bound:g}", met
