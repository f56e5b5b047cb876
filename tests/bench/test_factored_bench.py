"""The comparison of output layers: it runs, its sides agree, and its page says what was measured."""

from dataclasses import replace

import numpy as np
import pytensor
import pytest

from ptembed.bench import __main__ as command
from ptembed.bench import factored, factored_report, factored_sides
from ptembed.bench.factored_course import Course
from ptembed.bench.factored_errors import Dense, Published, errors
from ptembed.bench.factored_sides import EXTENDED, LIMIT, OURS, PLAIN, SYMBOLIC, Z_LOSS, Examples


@pytest.fixture(autouse=True)
def one_by_one(monkeypatch):
    """Op by Op: what is compiled is not the subject here."""
    monkeypatch.setattr(factored_sides, "trusted", lambda function: function)
    with pytensor.config.change_flags(mode="FAST_COMPILE"):
        yield


def results(**changes):
    """What a run might have measured."""
    names = (OURS, PLAIN, SYMBOLIC, LIMIT, Z_LOSS, *EXTENDED, "torch, Linear, squared error, SGD")
    of_others = [[1.0, 1.0]] * (1 + len(EXTENDED))
    seconds = dict(
        zip(names, ([1.0, 1.2], [1.0, 1.2], [1.3, 1.3], [1.0, 1.0], *of_others, [1500.0, 900.0]), strict=True)
    )
    taken = {D: {name: np.array(s) for name, s in seconds.items()} for D in factored.QUICK.D}
    found = {f"{form}, float32": np.array([1e-8, 2e-7]) for form in ("dense", "ptembed")}
    steps, (least, most) = Course(np.array([1.0, 1.0, 1.9]), np.array([1.0, 1.0])), factored.QUICK.D
    beside = {(most, factored.QUICK.m): taken[most], (least, factored.QUICK.more): taken[least]}
    one = {OURS: np.array([1.0, 1.0]), factored_report.MANY: np.array([2.0, 2.0])}
    made = factored.Results(
        "", factored.QUICK, "a machine", [], taken, beside, one, steps, 1e6, np.array([1, 20]), found
    )
    return replace(made, **changes)


def test_writes_its_page(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(factored, "extra_memory", lambda *size: 5e6)
    monkeypatch.setattr(factored, "missing", lambda python37: {"torch": "torch is left out"})
    factored.main(tmp_path, quick=True)
    page = (tmp_path / "factored.md").read_text()
    assert "torch is left out." in page and "5.0 MB | yes" in page
    assert f"| {OURS} |" in page and "| PyTensor, dense, squared error |" in page
    assert "| as published, float32 |" in page and "| nothing to stabilise |" in page
    assert {path.name for path in tmp_path.iterdir()} == {"factored.md", "factored.png", "factored_errors.png"}


def test_targets_compare_what_there_is():
    found = {t.what: (t.measured, t.met) for t in factored_report.targets(results())}
    least, most = factored.QUICK.D
    assert found[f"D = {most:,}: torch, Linear, squared error, SGD / {OURS}"] == ("1,125.0", True)
    assert found[f"D = {most:,} / D = {least:,}: {PLAIN}"] == ("1.00", True)
    assert found[f"D = {most:,}, m = 4: {SYMBOLIC} / {LIMIT}"] == ("1.30", True)
    assert found[f"D = {least:,}, m = 5: {PLAIN} / {LIMIT}"] == ("1.10", True)
    assert found[f"D = {most:,}: mean step / one with nothing to stabilise"] == ("1.30", False)
    assert found[f"D = {most:,}: longest of 3 steps / median"] == ("1.90", True)
    assert found["float32: error of W after 20 steps of squared error"] == ("2.0e-07, dense 2.0e-07", True)
    assert found[f"D = {least:,}, m = 1: {factored_report.MANY} / that for one"] == ("2.00", True)
    assert len(found) == 11 + len(EXTENDED)
    worse = {"dense, float32": np.array([0, 1e-7]), "ptembed, float32": np.array([0, 2e-7])}
    assert [t.met for t in factored_report.targets(results(memory=65e6, errors=worse))][-2:] == [False, False]


def test_sides_that_differ_are_found(monkeypatch):
    make = factored.dense

    def wrong(examples):
        side = make(examples)
        side.rows = lambda ids: examples.W[ids]
        return side

    examples = Examples(60, 4, 3)
    factored.agree(examples, with_torch=False)
    monkeypatch.setattr(factored, "dense", wrong)
    with pytest.raises(RuntimeError, match="but PyTensor, dense, squared error differs from"):
        factored.agree(examples, with_torch=False)


def test_the_published_update_loses_what_the_layer_keeps():
    steps, found = errors(60, 4, 3, 600, points=4)
    assert steps[-1] == 600
    assert found["as published, float32"][-1] > 1e-2
    assert found["ptembed, float32"][-1] < 1e-5
    assert found["ptembed, float64"][-1] < 1e-9
    assert found["refactorised, float64"][-1] < 1e-9


def test_the_published_update_is_that_of_the_dense_layer():
    examples = Examples(60, 4, 3, dtype="float64")
    forms = Dense(examples), Published(examples), Published(examples, limit=1.01)
    for i in range(5):
        for form in forms:
            form.step(i)
    for form in forms[1:]:
        np.testing.assert_allclose(form.W(), forms[0].W(), rtol=1e-9)


def test_the_command_needs_its_folder(tmp_path, capsys, monkeypatch):
    for thread in command.THREADS:
        monkeypatch.setenv(thread, "1")
    assert command.main(["factored", "--quick", "--out", str(tmp_path / "none")]) == 2
    assert "none" in capsys.readouterr().err
