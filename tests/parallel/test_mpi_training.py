"""Training in the processes of mpiexec: one function, changed in one argument."""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PROGRAM = """
    import sys
    import hogwild_models as models, numpy as np, pytensor
    from mpi4py import MPI
    from ptembed import parallel

    rank, size, folder = MPI.COMM_WORLD.rank, MPI.COMM_WORLD.size, sys.argv[1]

    def value(rows=4):
        return pytensor.shared(np.zeros((rows, 3)), name="W")

    W = value()
    done = parallel.train(models.counter, models.AnyRow(), tied=[W], blocks=13, processes=size, on="mpi")
    assert np.bincount(done.workers).tolist() == [7, 6] and W.get_value().sum() == 13 * 2 * 3
    file = folder + "/c.npz"
    how = {"processes": size, "on": "mpi", "checkpoint": file, "seed": 1}
    W = value()
    parallel.train(models.counter, models.AnyRow(), tied=[W], blocks=6, **how)
    W = value()
    done = parallel.train(models.counter, models.AnyRow(), tied=[W], blocks=10, resume=True, **how)
    assert len(done.losses) == 4 and W.get_value().sum() == 10 * 2 * 3
    for wrong in ({"processes": 3}, {"processes": size, "on_error": "continue"}):
        try:
            parallel.train(models.counter, models.AnyRow(), tied=[value()], blocks=9, on="mpi", **wrong)
        except ValueError as error:
            assert "must be" in str(error)
        else:
            raise AssertionError
    try:
        data = models.OneRow(fails_after=3 if rank else None)
        parallel.train(models.counter, data, tied=[value()], blocks=20, processes=size, on="mpi")
    except parallel.WorkerError as error:
        assert "worker 1 of 2 failed" in str(error) and "no more data" in str(error)
        print("failed", flush=True)
    try:
        parallel.train(models.counter, models.AnyRow(), tied=[value(4 + rank)], blocks=2, processes=size, on="mpi")
    except ValueError as error:
        assert "same float32 or float64 matrix in all processes" in str(error)
        print("refused", flush=True)
"""


def test_training_by_two_processes(tmp_path):
    pytest.importorskip("mpi4py", reason="mpi4py is not installed")
    mpiexec = shutil.which("mpiexec", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    assert mpiexec, "mpi4py is installed, but no mpiexec: pip install mpich"
    (tmp_path / "main.py").write_text(textwrap.dedent(PROGRAM))
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[2])])
    command = [mpiexec, "-n", "2", sys.executable, str(tmp_path / "main.py"), str(tmp_path)]
    env = os.environ | {"PYTHONPATH": path}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    assert (done.stdout.count("failed"), done.stdout.count("refused")) == (2, 2)
