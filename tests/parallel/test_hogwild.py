"""Several processes on one set of parameters: what they train, and what is left when one of them fails."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import hogwild_models as models
import numpy as np
import pytensor
import pytest

from ptembed.parallel import WorkerError, hogwild, train
from ptembed.parallel import memory as room
from ptembed.train.checkpoints import load_values

BLOCKS = 40


@pytest.fixture
def W():
    return pytensor.shared(np.zeros((4, 3)), name="W")


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    if os.path.isdir(room.FOLDER):
        assert not [name for name in os.listdir(room.FOLDER) if name.startswith(f"ptembed-{os.getpid()}-")]


def test_all_blocks_are_run_and_reported(W):
    done = train(models.counter, models.OneRow(2), tied=[W], blocks=BLOCKS + 1, processes=2, seed=0)
    assert len(done.losses) == len(done.workers) == BLOCKS + 1
    assert np.bincount(done.workers).tolist() == [BLOCKS // 2 + 1, BLOCKS // 2]
    assert 0 < W.get_value()[2, 0] <= BLOCKS + 1  # one that writes at the same time as another may be lost
    assert (W.get_value()[[0, 1, 3]] == 0).all() and done.seconds > 0 and not done.stopped


def test_one_worker_gives_what_the_function_gives_here(W):
    done = train(models.counter, models.AnyRow(), tied=[W], blocks=BLOCKS, seed=3)
    here = pytensor.shared(np.zeros((4, 3)), name="W")
    function, supply = (
        models.counter(here),
        models.AnyRow()(np.random.default_rng(np.random.SeedSequence(3).spawn(1)[0])),
    )
    losses = [function(*next(supply)).mean() for _ in range(BLOCKS)]
    np.testing.assert_array_equal(W.get_value(), here.get_value())
    np.testing.assert_array_equal(done.losses, losses)


def test_until_ends_training_early(W):
    done = train(models.sleeper, models.Ids(), tied=[W], blocks=1000, until=lambda losses: len(losses) >= 5)
    assert done.stopped and 5 <= len(done.losses) < 1000
    assert W.get_value()[0, 0] == len(done.losses) and np.isnan(done.losses).all()


def test_a_worker_that_raises_is_reported(W):
    with pytest.raises(WorkerError, match=r"(?s)worker 0 of 1 failed.*hogwild_models.*no more data"):
        train(models.counter, models.OneRow(fails_after=7), tied=[W], blocks=BLOCKS)
    assert (W.get_value()[0] == 7).all()


def test_a_model_that_cannot_be_built_is_reported(W):
    with pytest.raises(WorkerError, match="this model cannot be built"):
        train(models.no_model, models.OneRow(), tied=[W], blocks=BLOCKS, processes=2)


def test_the_others_go_on_if_asked(W, tmp_path):
    with pytest.warns(RuntimeWarning, match="no more data"):
        done = train(
            models.counter,
            models.FirstFails(tmp_path / "first"),
            tied=[W],
            blocks=BLOCKS,
            processes=2,
            on_error="continue",
        )
    assert BLOCKS // 2 in np.bincount(done.workers) and BLOCKS // 2 <= len(done.losses) <= BLOCKS // 2 + 3


def test_after_a_kill_the_last_checkpoint_is_back(W, tmp_path):
    W.set_value(np.full((4, 3), 5.0))
    with pytest.raises(WorkerError, match=f"exit code -{int(signal.SIGKILL)}; the values of .* are back"):
        train(models.counter, models.OneRow(dies_after=9), tied=[W], blocks=BLOCKS, checkpoint=tmp_path / "c.npz")
    assert (W.get_value() == 5).all()


def test_without_a_checkpoint_a_kill_says_what_may_be_torn(W):
    with pytest.raises(WorkerError, match="half-written"):
        train(models.counter, models.OneRow(dies_after=9), tied=[W], blocks=BLOCKS)
    assert (W.get_value()[0] == 9).all()


def test_checkpoints_are_taken_between_blocks(W, tmp_path):
    train(models.sleeper, models.Ids(), tied=[W], blocks=60, processes=2, checkpoint=tmp_path / "c.npz", every=0.1)
    trained = W.get_value()
    W.set_value(np.zeros((4, 3)))
    load_values(tmp_path / "c.npz", [W])
    np.testing.assert_array_equal(W.get_value(), trained)


def test_ctrl_c_ends_cleanly(tmp_path):
    program = """
        import signal
        import numpy as np, pytensor, hogwild_models as models
        from ptembed import parallel

        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it

        if __name__ == "__main__":
            W = pytensor.shared(np.zeros((4, 3)), name="W")
            say = lambda losses: print("losses", flush=True)
            try:
                parallel.train(models.sleeper, models.Ids(), tied=[W], blocks=10**6, processes=2, until=say)
            except KeyboardInterrupt:
                print("interrupted", W.get_value()[0, 0] > 0)
    """
    (tmp_path / "main.py").write_text(textwrap.dedent(program))
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[2])])
    command, env = [sys.executable, str(tmp_path / "main.py")], os.environ | {"PYTHONPATH": path}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stdout.readline() == "losses\n"
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=60)
    assert out.splitlines()[-1] == "interrupted True" and not err


@pytest.mark.parametrize(
    "more, message",
    [
        ({"blocks": 0}, "blocks must be at least 1, got 0"),
        ({"processes": 1.5}, "processes must be"),
        ({"on_error": "ignore"}, "on_error must be"),
        ({"start_method": "fork"}, "start_method must be"),
        ({"tied": []}, "tied must name"),
        ({"tied": [np.zeros(3)]}, "shared variables"),
        ({"make_function": lambda W: None}, "make_function must be a function at the top of a module"),
        ({"data": [1, 2]}, "data must be callable"),
        ({"data": models.Locked()}, "got data.lock = .*cannot pickle"),
    ],
)
def test_what_is_refused(W, more, message):
    arguments = {"make_function": models.counter, "data": models.OneRow(), "tied": [W], "blocks": 3} | more
    with pytest.raises((TypeError, ValueError), match=message):
        train(**arguments)


def test_more_processes_than_rows_or_cores_is_a_warning(W, monkeypatch):
    monkeypatch.setattr(hogwild.multiprocessing, "get_context", lambda method: 1 / 0)
    monkeypatch.setattr(hogwild, "cores", lambda: 3)
    with (
        pytest.warns(RuntimeWarning, match="5 processes on 4 rows"),
        pytest.warns(RuntimeWarning, match="5 processes on 3 cores"),
        pytest.raises(ZeroDivisionError),
    ):
        train(models.counter, models.OneRow(), tied=[W], blocks=9, processes=5)
