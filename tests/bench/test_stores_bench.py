"""The pages on stores and on scaling can be made, and the model of a cluster says what it was made from."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from ptembed.bench import scaling, stores
from ptembed.parallel import SharedRows


@pytest.mark.slow
def test_the_page_of_stores(tmp_path):
    pytest.importorskip("ray", reason="Ray is not installed")
    pytest.importorskip("mpi4py", reason="mpi4py is not installed")
    if not (Path(sys.executable).parent / "mpiexec").exists() and not shutil.which("mpiexec"):
        pytest.skip("there is no mpiexec")
    stores.main(tmp_path, quick=True)
    page = (tmp_path / "stores.md").read_text()
    assert "| MPI | 8,192 |" in page and "| Ray | 512 |" in page and "bench stores --quick" in page


@pytest.mark.slow
def test_the_page_of_scaling(tmp_path):
    pytest.importorskip("ray", reason="Ray is not installed")
    scaling.main(tmp_path, quick=True)
    page = (tmp_path / "scaling.md").read_text()
    assert "| seconds | one node | two nodes |" in page and "| 1,000 | 64 |" in page and "| two nodes | 2 |" in page


def test_turns_lose_no_push():
    store = SharedRows(stores_variable())
    assert stores.turns(store, 5, 3, 0) > 0
    stores.check_sum(store.pull(range(20)), 5 * 3 * 2)
    with pytest.raises(RuntimeError, match="must add up to 31, got 30"):
        stores.check_sum(store.pull(range(20)), 31)


def stores_variable():
    import pytensor

    return pytensor.shared(np.zeros((20, 2), "float32"), name="W")


def test_the_costs_that_made_the_figures_are_found():
    made = scaling.Costs(call=2e-3, row=3e-6, busy_call=5e-4, busy_row=1e-6, train_row=0.0)
    measured = [
        (k, S, made.block(k, S), made.busy_call + made.busy_row * k / S) for k in (64, 1024, 8192) for S in (1, 2, 4)
    ]
    found = scaling.Costs.of(measured, 0.0)
    np.testing.assert_allclose(list(vars(found).values()), list(vars(made).values()), rtol=1e-6)


def test_workers_help_until_the_actors_are_busy():
    costs = scaling.Costs(call=1e-3, row=1e-6, busy_call=1e-3, busy_row=1e-6, train_row=1e-6)
    assert costs.rate(2, 8192, 2) == pytest.approx(2 / (2 * 8192e-6 + 2e-3))
    assert costs.rate(10**6, 8192, 2) == costs.rate(10**4, 8192, 2) == pytest.approx(1 / (1e-3 + 4096e-6))
    line = costs.expected(10, 8192, 200_000, 100)
    assert line["MB a block"] == "6.68" and line["blocks behind"] == "18"
    assert line["rows that changed meanwhile"] == "53%"


@pytest.mark.parametrize("room", [stores, scaling])
def test_no_folder_is_an_error_before_anything_is_measured(tmp_path, room):
    with pytest.raises(FileNotFoundError):
        room.main(tmp_path / "none", quick=True)
