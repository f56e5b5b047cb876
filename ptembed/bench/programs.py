"""Your own programs: a training step on the drop-in beside one on real Theano 1.0.5.

Each program is run unchanged to its end, on each side in a process of its own; then each function that updated shared
variables is called again and timed (:mod:`ptembed.bench.theano_replay`). A program's step is the mean over the calls
of all of these that it made, after the drop-in has compiled them. Theano's linker is its default, C code by g++, with
the OpenBLAS of its NumPy; one thread.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np

from ptembed.bench.legacy import SIDES, run
from ptembed.bench.pages import markdown, publish
from ptembed.bench.theano_process import blas_of_numpy, check_paths
from ptembed.bench.timing import machine

__all__ = ["Step", "from_calls", "main", "measure", "table"]

SCRIPT = str(Path(__file__).with_name("theano_replay.py"))
SECONDS = 2


@dataclass
class Step:
    """A program's training step, or why there is none.

    Attributes
    ----------
    program : str
    ours, theirs : float
        Seconds of a step.
    functions, calls : int
        How many functions the program trained by, and how often it called them.
    versions : str
        Of Python, Theano and NumPy on the side of Theano.
    failure : str
    """

    program: str
    ours: float = np.nan
    theirs: float = np.nan
    functions: int = 0
    calls: int = 0
    versions: str = ""
    failure: str = ""

    @property
    def faster(self):
        return self.theirs / self.ours


def main(out, python37, programs, folders=(), compiled=None, steps=None):
    """Measure and write ``programs.md`` into the folder ``out``.

    Parameters
    ----------
    out : str
    python37 : str
        A Python that has Theano 1.0.5 and what the programs import, and finds a C++ compiler.
    programs : list of str
        Scripts, in the Python of both sides, or in Python 2 where ``python37`` is a Python 2.7.
    folders : list of str
        Whose Python 2 sources the drop-in translates too, as ``python -m ptembed run --path`` does.
    compiled : str, optional
        A folder in which both sides keep compiled code, so that a second measurement is quick.
    steps : str, optional
        A file of JSON to which each program's step is added, and whose others get into the table too.

    Raises
    ------
    FileNotFoundError
        When a program, ``python37`` or the folder ``out`` is not there; before anything is measured.
    """
    if python37 is None:
        raise FileNotFoundError("the comparison needs a Python that has Theano 1.0.5, got none: give --python37 PATH")
    check_paths(out, python37)
    for program in programs:
        if not Path(program).is_file():
            raise FileNotFoundError(f"a program must be a file, got {program}: check the path")
    kept = _read(steps)
    with tempfile.TemporaryDirectory() as passing:
        for program in programs:
            step = kept[Path(program).stem] = measure(program, python37, compiled or passing, folders)
            print(*_row(step), sep=", ", file=sys.stderr, flush=True)
            if steps is not None:
                Path(steps).write_text(json.dumps([asdict(step) for step in kept.values()], indent=1))
    publish(table(kept[name] for name in sorted(kept)), out, "programs.md")


def _read(steps):
    if steps is None or not Path(steps).exists():
        return {}
    return {step["program"]: Step(**step) for step in json.loads(Path(steps).read_text())}


def measure(program, python37, compiled, folders=(), seconds=SECONDS):
    """Run both sides; gives a :class:`Step`."""
    flags, settings = blas_of_numpy(python37)
    paths = [word for folder in (Path(program).parent, *folders) for word in ("--path", str(folder))]
    ours = [sys.executable, "-m", "ptembed", "run", *paths, SCRIPT, str(seconds), program]
    theirs = [python37, "-W", "ignore", SCRIPT, str(seconds), program]
    answers = []
    for side, call, environment in ((SIDES[0], ours, {}), (SIDES[1], theirs, {"flags": flags, **settings})):
        try:
            answers.append(run(call, Path(compiled, "here" if call is ours else "there"), **environment))
        except subprocess.TimeoutExpired as end:
            return Step(Path(program).stem, failure=f"{side}: not at its end after {end.timeout:.0f} s")
        except (RuntimeError, ValueError) as error:
            return Step(Path(program).stem, failure=f"{side}: {str(error).rpartition('did not: ')[2]}")
    here, there = answers
    return from_calls(Path(program).stem, here["functions"], there["functions"], there["versions"])


def from_calls(name, ours, theirs, versions=""):
    """A program's step, from the functions of both sides in the order of their first calls."""
    calls = [function["calls"] for function in ours]
    if calls != [function["calls"] for function in theirs]:
        return Step(name, failure=f"the sides called their training functions differently: {SIDES[0]} {calls}")
    if not calls:
        return Step(name, failure="it calls no function that has updates")
    means = [np.average([function["call"] for function in side], weights=calls) for side in (ours, theirs)]
    return Step(name, *map(float, means), len(calls), sum(calls), versions)


def table(steps):
    """Write the page of all programs."""
    steps = list(steps)
    lines = ["# Programs on the drop-in, and on Theano", "", machine("pytensor", "numpy", "numba"), ""]
    lines += [f"Theano's side: {versions}" for versions in sorted({step.versions for step in steps} - {""})]
    lines += ["", f"A training step once compiled, one thread, {date.today()}."]
    lines += ["`python -m ptembed.bench programs --python37 PATH PROGRAM ...`", ""]
    head = ("program", "functions", "calls", *SIDES, "times as fast")
    faster = [step.faster for step in steps if not step.failure]
    return "\n".join([*lines, markdown(head, map(_row, steps)), _summary(faster) + "\n"])


def _summary(faster):
    if not faster:
        return "No program was timed."
    mean = np.exp(np.mean(np.log(faster)))
    return f"{len(faster)} programs: {mean:.2f} times as fast (geometric mean), the slowest {min(faster):.2f} times"


def _row(step):
    if step.failure:
        return step.program, "", "", "", "", step.failure
    times = [f"{seconds * 1e6:,.1f} us" for seconds in (step.ours, step.theirs)]
    return step.program, str(step.functions), str(step.calls), *times, f"{step.faster:.2f}"
