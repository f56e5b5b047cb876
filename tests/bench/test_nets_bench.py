"""The comparison of networks: that the scripts run here, and that what is measured gets into the table."""

import sys

import numpy as np
import pytest

from ptembed.bench import __main__ as command
from ptembed.bench import legacy, nets, nets_pooling


def test_the_table_has_each_ratio_and_whether_the_bound_is_met():
    figures = [nets_pooling.Figure("this", "torch", np.full(3, 2e-3), np.full(3, c), 1.5) for c in (1e-3, 4e-3)]
    text = nets.table(figures)
    assert "| this | torch | 2.00 ms | 1.00 ms | 2.00 | <= 1.5 | **no** |" in text
    assert "| this | torch | 2.00 ms | 4.00 ms | 0.50 | <= 1.5 | yes |" in text


@pytest.mark.slow
@pytest.mark.parametrize("program", ["mrg32", "mrg64", "mlp"])
def test_a_program_runs_on_the_drop_in(program, tmp_path):
    answer = legacy.run([sys.executable, "-m", "ptembed", "run", str(nets.SCRIPT), program], tmp_path)
    assert answer["losses"][1] < answer["losses"][0]
    assert answer["first"] > answer["call"] > 0


def test_sides_that_differ_are_an_error(monkeypatch):
    losses = iter([[1.0, 0.5], [1.0, 0.6]])
    monkeypatch.setattr(nets, "run", lambda *call, **settings: {"call": 1, "losses": next(losses)})
    monkeypatch.setattr(nets, "blas_of_numpy", lambda python: ("", {}))
    with pytest.raises(RuntimeError, match="both sides must compute the same"):
        nets.measure("mlp", "python3.7", rounds=1)


def test_without_a_python_for_theano_nothing_is_measured(tmp_path, capsys):
    assert command.main(["nets", "--out", str(tmp_path)]) == 2
    assert "give --python37 PATH" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
