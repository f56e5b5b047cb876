"""Old programs on the drop-in beside real Theano 1.0.5: the same script, each run in a process of its own.

A run starts with an empty cache of compiled code, as the first run of a program on a machine does, and is timed to the
end of its first call; then the calls. Runs take turns, and two sides are compared pair by pair. Theano's linker is its
default, C code by g++; the drop-in's is :mod:`ptembed.theano.compile.tiered`.

Read next: :mod:`ptembed.bench.theano_programs`.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from ptembed.bench.pages import markdown, publish
from ptembed.bench.theano_process import check_paths, environment, last_line
from ptembed.bench.timing import machine, ratio

__all__ = ["SIDES", "main", "measure", "run", "table"]

PROGRAMS = {"triples": "triples of rows, 20,000 x 100", "mlp": "three layers, batches of 50"}
ROUNDS = 3
LIMIT = 900  # seconds of one run
SIDES = ("drop-in", "Theano 1.0.5")
FIGURES = (("first", "to the end of the first call", "s", 1), ("call", "a call", "us", 1e6))


def main(out, python37):
    """Measure and write ``legacy.md`` into the folder ``out``.

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
        When a run fails, or the two sides do not compute the same.
    """
    if python37 is None:
        raise FileNotFoundError("the comparison needs a Python that has Theano 1.0.5, got none: give --python37 PATH")
    check_paths(out, python37)
    text = table({program: measure(program, python37) for program in PROGRAMS})
    publish(text, out, "legacy.md")


def measure(program, python37, rounds=ROUNDS):
    """Run both sides in turn; gives for each side the list of its answers."""
    script = str(Path(__file__).with_name("theano_programs.py"))
    calls = {SIDES[0]: [sys.executable, "-m", "ptembed", "run", script], SIDES[1]: [python37, "-W", "ignore", script]}
    answers = {side: [] for side in calls}
    for _ in range(rounds):
        for side, call in calls.items():
            print(f"{program}, {side}", file=sys.stderr, flush=True)
            answers[side].append(_run([*call, program]))
    ours, theirs = (np.array([answer["losses"] for answer in answers[side]]) for side in SIDES)
    if not np.allclose(ours, theirs, rtol=5e-3):
        raise RuntimeError(f"both sides must compute the same, but the losses of {program} are {ours} and {theirs}")
    return answers


def table(results):
    """Write the table of all programs."""
    lines = ["# Old programs on the drop-in, and on Theano", "", machine("pytensor", "numpy", "numba"), ""]
    lines += ["Medians of runs in turn, each with an empty cache. `python -m ptembed.bench legacy --python37 PATH`", ""]
    rows = [_row(program, answers, *figure) for program, answers in results.items() for figure in FIGURES]
    head = ("program", "", *SIDES, "ratio", "bound", "met")
    return "\n".join([*lines, markdown(head, rows), "A training step of whole programs: [programs](programs.md)\n"])


def _row(program, answers, key, what, unit, scale):
    ours, theirs = (np.array([answer[key] for answer in answers[side]]) * scale for side in SIDES)
    times = ratio(ours, theirs)
    figures = [f"{np.median(taken):,.1f} {unit}" for taken in (ours, theirs)]
    return PROGRAMS[program], what, *figures, f"{times:.2f}", "<= 1", "yes" if times <= 1 else "**no**"


def _run(call):
    with tempfile.TemporaryDirectory() as cache:
        return run(call, cache)


def run(call, cache, flags="", **settings):
    """Run a program with a folder for compiled code; gives the JSON of its last line."""
    places = f"base_compiledir={cache}"
    env = environment(call[0], THEANO_FLAGS=f"{places},{flags}".rstrip(","), PYTENSOR_FLAGS=places, **settings)
    done = subprocess.run(call, env=env, capture_output=True, text=True, timeout=LIMIT, check=False)
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        raise RuntimeError(f"a run must end well, but {' '.join(call)} did not: {last_line(done.stderr)}")
    return json.loads(lines[-1])
