"""The comparison of old programs: that the script runs here, and that what is measured gets into the table."""

import sys

import pytest

from ptembed.bench import __main__ as command
from ptembed.bench import legacy, theano_process


def answers(first, call, losses=(1.4, 1.1)):
    return [{"first": first, "call": call, "losses": list(losses)}] * 3


def test_the_table_has_each_ratio_and_whether_the_bound_is_met():
    text = legacy.table({"mlp": {"drop-in": answers(2, 3e-4), "Theano 1.0.5": answers(8, 2e-4)}})
    assert "| to the end of the first call | 2.0 s | 8.0 s | 0.25 | <= 1 | yes |" in text
    assert "| a call | 300.0 us | 200.0 us | 1.50 | <= 1 | **no** |" in text


@pytest.mark.slow
@pytest.mark.parametrize("program", legacy.PROGRAMS)
def test_a_program_trains_on_the_drop_in(program):

    run = [sys.executable, "-m", "ptembed", "run", legacy.__file__.replace("legacy.py", "theano_programs.py"), program]
    answer = legacy._run(run)
    assert answer["losses"][1] < answer["losses"][0]
    assert answer["first"] > answer["call"] > 0


def test_sides_that_differ_are_an_error(monkeypatch):
    losses = iter([[1.0, 0.5], [1.0, 0.6]])
    monkeypatch.setattr(legacy, "_run", lambda call: {"first": 1, "call": 1, "losses": next(losses)})
    with pytest.raises(RuntimeError, match="both sides must compute the same"):
        legacy.measure("mlp", "python3.7", rounds=1)


def test_a_run_that_fails_says_why():
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        legacy._run([sys.executable, "-c", "1 / 0"])


def test_another_python_gets_none_of_the_folders_of_this_one(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "here")
    ours, theirs = (theano_process.environment(python, FLAG="on") for python in (sys.executable, "python3.7"))
    assert ours["PYTHONPATH"] == "here" and "PYTHONPATH" not in theirs
    assert ours["FLAG"] == theirs["FLAG"] == "on" and theirs["PATH"]


def test_without_a_python_for_theano_nothing_is_measured(tmp_path, capsys):
    assert command.main(["legacy", "--out", str(tmp_path)]) == 2
    assert "give --python37 PATH" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
