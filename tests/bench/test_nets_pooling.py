"""Max-pooling beside its peers: what is timed, and that sides that differ are an error."""

import json
import sys

import numpy as np
import pytest

from ptembed.bench import nets_pooling

SHAPE = (2, 3, 6, 4)


def numpy_side(x, g):
    z = x.reshape(2, 3, 3, 2, 2, 2).max(axis=(3, 5))
    where = z.repeat(2, 2).repeat(2, 3) == x
    gradient = np.where(where, g.repeat(2, 2).repeat(2, 3), np.float32(0))
    return {"the largest": lambda: [z], "the gradient by them": lambda: [gradient], "both": lambda: [z, gradient]}


@pytest.mark.slow
def test_each_work_has_a_figure(monkeypatch):
    monkeypatch.setattr(nets_pooling, "_torch", numpy_side)
    figures = nets_pooling.figures(rounds=2, calls=1, shapes=(SHAPE,))
    assert [f.what.rpartition(": ")[2] for f in figures] == ["the largest", "the gradient by them", "both"]
    assert all(f.peer == "torch" and f.bound == 1.5 and f.ours.shape == f.theirs.shape == (2,) for f in figures)
    assert all((f.ours > 0).all() and f.met == (f.ratio <= 1.5) for f in figures)


def test_sides_that_differ_are_an_error(monkeypatch):
    def other(x, g):
        return {"the largest": lambda: [x]}

    monkeypatch.setattr(nets_pooling, "_torch", other)
    monkeypatch.setattr(nets_pooling, "_ours", lambda x, g: {"the largest": lambda: [x + 1]})
    with pytest.raises(RuntimeError, match="the largest differs between ptembed and torch"):
        nets_pooling.figures(rounds=1, calls=1, shapes=(SHAPE,))


def test_theano_answers_from_a_process_of_its_own(monkeypatch, tmp_path):
    script = tmp_path / "theano_pooling.py"
    answer = json.dumps({"seconds": [[1.0, 2.0]]})
    ready = json.dumps({"ready": "1.0.5"})
    script.write_text(f"import sys\nprint('{ready}', flush=True)\nfor _ in sys.stdin: print('{answer}', flush=True)\n")
    monkeypatch.setattr(nets_pooling, "Path", lambda _: script)
    monkeypatch.setattr(nets_pooling, "_torch", lambda x, g: {})
    monkeypatch.setattr(nets_pooling, "_ours", numpy_side)
    figures = nets_pooling.figures(rounds=3, calls=1, python37=sys.executable, shapes=(SHAPE,))
    assert [(f.peer, f.what.rpartition(": ")[2], f.theirs.tolist()) for f in figures] == [
        ("Theano 1.0.5", "the largest", [1, 1, 1]),
        ("Theano 1.0.5", "both", [2, 2, 2]),
    ]
