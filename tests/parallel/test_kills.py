"""Workers, and their parent, that are killed while they train: no row stays half-written, and nothing is left."""

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import hogwild_models as models
import numpy as np
import pytensor
import pytest

from ptembed.parallel import WorkerError, train
from ptembed.parallel import memory as room
from ptembed.train.checkpoints import load_values

N, WIDTH = 6, 40_000


@pytest.fixture
def W():
    return pytensor.shared(np.zeros((N, WIDTH)), name="W")


def kills(rng, after=20):
    """Called with the losses so far, kill a worker at a moment that the worker does not know."""
    killed = []

    def until(losses):
        if len(losses) >= after and not killed:
            time.sleep(rng.uniform(0, 0.01))
            killed.append(rng.choice([child.pid for child in multiprocessing.active_children()]))
            os.kill(killed[0], signal.SIGKILL)

    return until


def assert_whole(W):
    np.testing.assert_array_equal(W.get_value(borrow=True).sum(axis=1), 0)


@pytest.mark.parametrize("seed", [0, 1, 2, *(pytest.param(k, marks=pytest.mark.slow) for k in range(3, 20))])
def test_a_kill_at_any_moment_leaves_no_torn_row(W, tmp_path, seed):
    rng = np.random.default_rng(seed)
    how = {"tied": [W], "processes": 2, "checkpoint": tmp_path / "c.npz", "every": 0.02}
    with pytest.raises(WorkerError, match=r"exit code -9; the values of .* are back"):
        data = models.OwnRows(tmp_path, N, WIDTH)
        train(models.checksummed, data, blocks=10**6, until=kills(rng, rng.integers(1, 300)), **how)
    assert_whole(W)
    saved = pytensor.shared(np.zeros((N, WIDTH)), name="W")
    load_values(tmp_path / "c.npz", [saved])
    np.testing.assert_array_equal(W.get_value(), saved.get_value())


@pytest.mark.parametrize("checkpoint", [True, False])
def test_only_a_checkpoint_mends_a_torn_row(W, tmp_path, checkpoint):
    how = {"checkpoint": tmp_path / "c.npz"} if checkpoint else {}
    with pytest.raises(WorkerError, match="are back" if checkpoint else "half-written"):
        train(models.half_writer, models.OwnRows(tmp_path, N, WIDTH), tied=[W], blocks=5, **how)
    assert (W.get_value().sum(axis=1) != 0).any() != checkpoint


def test_the_others_go_on_from_the_checkpoint(W, tmp_path):
    how = {"tied": [W], "processes": 2, "checkpoint": tmp_path / "c.npz", "every": 0.05, "on_error": "continue"}
    with pytest.warns(RuntimeWarning, match=r"exit code -9; the values of .* are back"):
        data = models.OwnRows(tmp_path, N, WIDTH)
        done = train(models.checksummed, data, blocks=2000, until=kills(np.random.default_rng(0)), **how)
    assert_whole(W)
    assert 1000 in np.bincount(done.workers) and len(done.losses) < 2000


def test_a_training_that_was_killed_goes_on_to_the_bit(tmp_path):
    def value():
        return pytensor.shared(np.random.default_rng(0).normal(size=(4, 3)), name="W")

    whole, W, again = value(), value(), value()
    how = {"blocks": 1200, "seed": 5}
    rng = np.random.default_rng(np.random.SeedSequence(5).spawn(1)[0])
    function, supply = models.decay(whole), models.AnyRow()(rng)
    for _ in range(1200):
        function(*next(supply))
    with pytest.raises(WorkerError, match="are back"):
        until = kills(np.random.default_rng(1), after=300)
        train(
            models.decay, models.AnyRow(), tied=[W], checkpoint=tmp_path / "c.npz", every=0.05, until=until, **how
        )  # fmt: skip
    assert (W.get_value() != whole.get_value()).any()
    done = train(models.decay, models.AnyRow(), tied=[again], checkpoint=tmp_path / "c.npz", resume=True, **how)
    np.testing.assert_array_equal(again.get_value(), whole.get_value())
    assert 0 < len(done.losses) < 1200


def test_only_as_many_workers_can_resume(tmp_path):
    W = pytensor.shared(np.zeros((4, 3)), name="W")
    how = {"tied": [W], "blocks": 4, "checkpoint": tmp_path / "c.npz", "resume": True}
    train(models.counter, models.OneRow(), **how)
    with pytest.raises(ValueError, match="as many as before, 1, to resume, got 2"):
        train(models.counter, models.OneRow(), processes=2, **how)


@pytest.mark.skipif(not os.path.isdir(room.FOLDER), reason="segments are not seen as files here")
@pytest.mark.parametrize("method", ["spawn", pytest.param("forkserver", marks=pytest.mark.slow)])
def test_nothing_is_left_of_a_parent_that_was_killed(tmp_path, method):
    program = f"""
        import multiprocessing, os
        import numpy as np, pytensor, hogwild_models as models
        from ptembed import parallel

        def say(losses):
            workers = [child.pid for child in multiprocessing.active_children()]
            print(*workers, flush=True)

        if __name__ == "__main__":
            W = pytensor.shared(np.zeros((4, 3)), name="W")
            how = {{"blocks": 10**6, "processes": 2, "until": say, "start_method": "{method}"}}
            parallel.train(models.sleeper, models.Ids(), tied=[W], **how)
    """
    (tmp_path / "main.py").write_text(textwrap.dedent(program))
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[2])])
    env = os.environ | {"PYTHONPATH": path}
    command = [sys.executable, str(tmp_path / "main.py")]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as parent:
        workers = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(workers) == 2 and segments_of(parent.pid)
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while (segments_of(parent.pid) or any(map(runs, workers))) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not segments_of(parent.pid) and not any(map(runs, workers))


def segments_of(pid):
    return [name for name in os.listdir(room.FOLDER) if name.startswith(f"ptembed-{pid}-")]


def runs(pid):
    """Whether a process is there, and no zombie that nobody has asked for its status."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
