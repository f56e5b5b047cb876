"""Rows in windows of MPI, in two processes that ``mpiexec`` starts."""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
N, D = 11, 3
PROGRAM = """
    import numpy as np
    from mpi4py import MPI
    from ptembed.parallel.mpi_store import MpiRows

    comm, N, D = MPI.COMM_WORLD, 11, 3
    for dtype in "float32", "float64":
        store = MpiRows(np.zeros((N, D), dtype))
        ids = [[0, 3, 10], [1, 3, 3]][comm.rank]
        for _ in range(25):
            store.push(ids, np.ones((3, D), dtype))
        store.push([], np.ones((0, D), dtype))
        store.sync()
        comm.Barrier()
        wanted = np.zeros((N, D), dtype)
        wanted[[0, 10, 1]], wanted[3] = 25, 75
        assert (store.pull([10, 3, 10, 2]) == wanted[[10, 3, 10, 2]]).all()
        assert (store.values() == wanted).all()
        store.close()
    try:
        MpiRows(np.zeros((N + comm.rank, D)))
    except ValueError as error:
        assert "same float32 or float64 matrix" in str(error)
        print("refused", flush=True)
"""


def test_sums_are_exact(tmp_path):
    pytest.importorskip("mpi4py", reason="mpi4py is not installed")
    mpiexec = shutil.which("mpiexec", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    assert mpiexec, "mpi4py is installed, but no mpiexec: pip install mpich"
    (tmp_path / "main.py").write_text(textwrap.dedent(PROGRAM))
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [mpiexec, "-n", "2", sys.executable, str(tmp_path / "main.py")]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("refused") == 2
