"""The comparisons of sparse first layers and of bags: they run, agree, and put into the page what was measured."""

from dataclasses import replace

import numpy as np
import pytest

from ptembed.bench import __main__ as command
from ptembed.bench import bag_sides, bags, inputs


@pytest.mark.slow
def test_inputs_writes_its_page(tmp_path, capsys):
    tiny = replace(inputs.QUICK, flat=(50, 100), rounds=1, calls=1)
    page = inputs.measure(tiny)
    assert "one row, 100 features / 50" in page
    assert "| ptembed, W - lr * grad |" in page


def test_sides_that_differ_are_found():
    W = np.ones((4, 2), "float32")
    X = inputs.scipy.sparse.csr_matrix(np.eye(4, dtype="float32"))
    sides = [
        inputs.Side(name, lambda: None, lambda rows, k=k: W[rows] + k, lambda _: ()) for k, name in enumerate("ab")
    ]
    with pytest.raises(RuntimeError, match="but b differs from a"):
        inputs._agree(sides, W, X)


@pytest.mark.slow
def test_bags_take_one_text_after_the_other():
    texts = bag_sides.Texts(50, 4, 40, 3)
    side = bag_sides.ptembed_side(texts, "sgd")
    before = texts.E.copy()
    side.step()
    after = side.rows(np.arange(50))
    touched = np.unique(texts.ids)
    assert (after[touched] != before[touched]).any(axis=1).all()
    np.testing.assert_array_equal(np.delete(after, touched, axis=0), np.delete(before, touched, axis=0))


def test_targets_compare_what_there_is():
    names = [f"ptembed, {name}" for name in bag_sides.RATES]
    one = dict.fromkeys(names, np.ones(2)) | {
        "fastText": np.full(2, 0.4),
        "torch, sparse gradient, sgd": np.full(2, 80.0),
    }
    found = list(bags._targets(one, {"ptembed, sgd": np.ones(2)}))
    assert [(t.measured, t.met) for t in found] == [("80.0", True), ("2.50", False), *[("1.00", True)] * 3]


@pytest.mark.parametrize("name", ["inputs", "bags"])
def test_the_command_needs_its_folder(name, tmp_path, capsys, monkeypatch):
    for thread in command.THREADS:
        monkeypatch.setenv(thread, "1")
    assert command.main([name, "--quick", "--out", str(tmp_path / "none")]) == 2
    assert "none" in capsys.readouterr().err
