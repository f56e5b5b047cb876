"""The comparison of one's own programs: what is taken for a training step, and how the two sides get into a table."""

import json
import re
import subprocess
import sys

import pytest

from ptembed.bench import __main__ as command
from ptembed.bench import programs, theano_process, theano_replay

PROGRAM = """
import os
os.environ["THEANO_FLAGS"] += ",floatX=float32"
import numpy, theano
x, W = theano.tensor.vector(), theano.shared(numpy.ones(3, "float32"))
step = theano.function([x], x.sum(), updates=[(W, W * x)], mode=theano.Mode("py", None))
test = theano.function([x], x.sum(), mode=theano.Mode("py", None))
given = numpy.full(3, 2, "float32")
for _ in range(2):
    step(given)
    test(given)
given[:] = 3
print(W.get_value())
raise SystemExit(0)
"""


def functions(*pairs):
    return [{"calls": calls, "call": call, "first": 1.0} for calls, call in pairs]


def test_a_program_runs_to_its_end_and_its_training_functions_are_timed(tmp_path):
    program = tmp_path / "trains.py"
    program.write_text(PROGRAM)
    run = [sys.executable, "-m", "ptembed", "run", theano_replay.__file__, "0", str(program)]
    env = theano_process.environment(sys.executable, THEANO_FLAGS="cxx=")
    done = subprocess.run(run, env=env, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert lines[0] == "[4. 4. 4.]"
    answer = json.loads(lines[-1])
    assert re.fullmatch(r"Python 3\S+, Theano 1\.0\.5, NumPy \S+", answer["versions"])
    (step,) = answer["functions"]
    assert step["calls"] == 2
    assert 0 < step["call"] < step["first"] < 10


class Cell:
    def __init__(self, value=None, update=None, shared=False):
        self.storage, self.update, self.shared, self.variable = [value], update, shared, self
        self.dtype = "float32"


class Counts:
    """A function that adds what it is given, times a factor, to a shared list."""

    def __init__(self, calls):
        self.input_storage, self.calls = [Cell(), Cell([0]), Cell([1])], calls
        self.maker = type("Maker", (), {"inputs": [Cell(), Cell(update="one", shared=True), Cell(shared=True)]})

    def __call__(self, given):
        _, total, factor = (cell.storage[0] for cell in self.input_storage)
        self.calls.append((given[0], total[0], factor[0]))
        total[0] += given[0] * factor[0]


def test_each_block_of_calls_is_the_last_one_again_whatever_the_program_did_after_it(monkeypatch):
    monkeypatch.setattr(theano_replay, "WARM", 4)
    monkeypatch.setattr(theano_replay, "BLOCK", 2)
    kind, seen, given = type("Function", (Counts,), {}), {}, [5]
    plain = theano_replay.watch(kind, seen)
    function = kind([])
    function([1])
    function(given)
    given[0] = 7
    for cell in function.input_storage[1:]:
        cell.storage[0] = [100]
    (called,) = seen.values()
    assert called.calls == 2
    called.replay(plain, 0)
    assert function.calls == [(1, 0, 1), (5, 1, 1), *[(5, 1, 1), (5, 6, 1)] * 3]


def test_a_step_is_the_mean_over_the_calls_of_all_training_functions():
    step = programs.from_calls("lstm", functions((3, 1e-4), (1, 3e-4)), functions((3, 3e-4), (1, 1e-4)))
    assert (step.functions, step.calls) == (2, 4)
    assert step.faster == pytest.approx((3 * 3 + 1) / (3 * 1 + 3))


def test_the_table_has_each_program_the_mean_and_what_failed():
    steps = [
        programs.Step("a", 1e-4, 2e-4, 1, 10),
        programs.Step("b", 1e-4, 5e-5, 1, 10),
        programs.Step("c", failure="no"),
    ]
    text = programs.table(steps)
    assert "| a | 1 | 10 | 100.0 us | 200.0 us | 2.00 |" in text
    assert "| c |  |  |  |  | no |" in text
    assert "2 programs: 1.00 times as fast (geometric mean), the slowest 0.50 times" in text


@pytest.mark.parametrize(
    ("ours", "theirs", "why"),
    [([], [], "it calls no function that has updates"), (functions((3, 1.0)), functions((2, 1.0)), "differently")],
)
def test_what_cannot_be_compared_says_why(ours, theirs, why):
    assert why in programs.from_calls("program", ours, theirs).failure


def test_a_program_that_fails_is_a_row_that_says_where_and_why(tmp_path, monkeypatch):
    (tmp_path / "bad.py").write_text("1 / 0")
    monkeypatch.setattr(programs, "blas_of_numpy", lambda python37: ("", {}))
    step = programs.measure(str(tmp_path / "bad.py"), sys.executable, str(tmp_path))
    assert step.failure.startswith("drop-in: ZeroDivisionError")


def test_a_program_without_end_is_a_row_without_paths(tmp_path, monkeypatch):
    def run(call, cache, flags="", **settings):
        if call[0] == "python3.7":
            raise subprocess.TimeoutExpired(call, 900)
        return {"functions": [], "versions": ""}

    monkeypatch.setattr(programs, "blas_of_numpy", lambda python37: ("", {}))
    monkeypatch.setattr(programs, "run", run)
    step = programs.measure("slow.py", "python3.7", str(tmp_path))
    assert step.failure == "Theano 1.0.5: not at its end after 900 s"


def test_programs_measured_before_stay_in_the_table(tmp_path, monkeypatch):
    monkeypatch.setattr(
        programs, "measure", lambda program, *_: programs.Step(program[:-3], 1e-4, 2e-4, 1, 10, "1.0.5")
    )
    monkeypatch.chdir(tmp_path)
    for name in ("b.py", "a.py"):
        (tmp_path / name).write_text("")
        programs.main(str(tmp_path), sys.executable, [name], steps="steps.json")
    text = (tmp_path / "programs.md").read_text()
    assert text.index("| a | 1 |") < text.index("| b | 1 |")
    assert "Theano's side: 1.0.5\n" in text and "2 programs: 2.00 times" in text


def test_bad_paths_are_found_before_anything_is_measured(tmp_path, capsys):
    here = ["--out", str(tmp_path)]
    assert command.main(["programs", "p.py", *here]) == 2
    assert "give --python37 PATH" in capsys.readouterr().err
    assert command.main(["programs", "p.py", "--python37", sys.executable, *here]) == 2
    assert "a program must be a file, got p.py" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
