"""LeNet's convolutions beside their peers: what is timed, and that sides that differ are an error."""

import json
import sys

import numpy as np
import pytest

from ptembed.bench import nets_convolution

LAYER = (2, 1, 4, 4, 3, 2)


def test_sides_that_differ_are_an_error(monkeypatch):
    monkeypatch.setattr(nets_convolution, "_torch", lambda x, w, g: lambda: [g, w])
    monkeypatch.setattr(nets_convolution, "_ours", lambda x, w, g: lambda: [g + 1, w[:, :, ::-1, ::-1]])
    with pytest.raises(RuntimeError, match="a convolution differs between ptembed and torch"):
        nets_convolution.figures(rounds=1, calls=1, layers=(LAYER,))


def test_all_layers_make_one_figure_for_each_peer(monkeypatch, tmp_path):
    script = tmp_path / "theano_convolution.py"
    answer, ready = json.dumps({"seconds": [1.0, 2.0]}), json.dumps({"ready": "1.0.5"})
    script.write_text(f"import sys\nprint('{ready}', flush=True)\nfor _ in sys.stdin: print('{answer}', flush=True)\n")
    monkeypatch.setattr(nets_convolution, "Path", lambda _: script)
    monkeypatch.setattr(nets_convolution, "_torch", lambda x, w, g: lambda: [g, w])
    monkeypatch.setattr(nets_convolution, "_ours", lambda x, w, g: lambda: [g, w[:, :, ::-1, ::-1]])
    figures = nets_convolution.figures(rounds=3, calls=1, python37=sys.executable, layers=(LAYER, LAYER))
    assert [(f.peer, f.bound) for f in figures] == [("torch", 2), ("Theano 1.0.5", 1)]
    np.testing.assert_array_equal(figures[1].theirs, [3, 3, 3])
    assert all((f.ours > 0).all() and f.ours.shape == (3,) for f in figures)
