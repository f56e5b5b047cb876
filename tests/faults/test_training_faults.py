"""What goes wrong in the middle of training: bad data, no memory, no room on the disk, a folder that is read-only."""

import errno
import os
import time

import fault_models as models
import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from test_save_kills import failing_child

from ptembed import graphs, parallel, train, whole_files
from ptembed.parallel import memory as room
from ptembed.train.checkpoints import load_values, save_values

STRANGE = [np.nan, np.inf, -np.inf]


@pytest.fixture
def W():
    return pytensor.shared(np.zeros((4, 3)), name="W")


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    if os.path.isdir(room.FOLDER):
        assert not [name for name in os.listdir(room.FOLDER) if name.startswith(f"ptembed-{os.getpid()}-")]


@pytest.fixture(scope="module", params=["numba", "py"])
def guarded(request):
    """A block that takes its rows' numbers by way of a sum, which no check can follow, and the matrix."""
    W = pytensor.shared(np.zeros((4, 3)), name="W")
    i, x = pt.lvector("i"), pt.dvector("x")
    read = graphs.rows(W, i + 1)
    loss = (read.values.sum(axis=1) * x).sum()
    updates = graphs.adagrad(loss, read, 1.0, guard=True)
    mode = pytensor.compile.Mode(request.param, "fast_run")
    return W, train.block([i, x], loss, updates, mode=mode), list(updates)


def after(guarded, i, x):
    """All values after a block on its own."""
    _, block, state = guarded
    for var in state:
        var.get_value(borrow=True)[...] = 0
    block(i, x)
    return [var.get_value() for var in state]


@pytest.mark.parametrize("number", STRANGE)
def test_a_number_that_is_not_finite_in_the_middle_of_a_block(guarded, number):
    i, x = np.array([[0, 1], [1, 2], [0, 0]]), np.ones((3, 2))
    expected = after(guarded, i[:1], x[:1])
    x[1, 0] = number
    with pytest.raises(FloatingPointError, match=r"must be finite.*W"):
        after(guarded, i, x)
    for var, value in zip(guarded[2], expected, strict=True):
        np.testing.assert_array_equal(var.get_value(), value)


def test_a_row_number_that_is_found_out_in_the_middle_of_a_block(guarded):
    i, x = np.array([[0, 1], [1, 3], [0, 0]]), np.ones((3, 2))
    expected = after(guarded, i[:1], x[:1])
    with pytest.raises(IndexError, match=r"\[-4, 4\).*got 4"):
        after(guarded, i, x)
    for var, value in zip(guarded[2], expected, strict=True):
        np.testing.assert_array_equal(var.get_value(), value)


@pytest.mark.parametrize(
    "data, message, steps",
    [
        (models.Data(2, x=np.nan), "gradients must be finite", 7),
        (models.Data(2, i=4), r"RowIndexError: .*\[-4, 4\).*got 4 in step 1 .*nothing was changed", 6),
    ],
)
def test_a_worker_says_what_was_wrong_with_its_data(W, data, message, steps):
    with pytest.raises(parallel.WorkerError, match=rf"(?s)worker 0 of 1 failed.*{message}"):
        parallel.train(models.guarded, data, tied=[W], blocks=10)
    np.testing.assert_array_equal(W.get_value(), [[0] * 3, [-steps] * 3, [0] * 3, [0] * 3])


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="memory is read from /proc")
def test_a_worker_without_memory_is_reported_and_the_others_end(W, tmp_path):
    data = models.Hungry(str(tmp_path / "first"), after=3)
    with pytest.raises(parallel.WorkerError, match=r"(?s)worker \d of 2 failed.*MemoryError") as caught:
        parallel.train(models.guarded, data, tied=[W], blocks=10**6, processes=2)
    assert str(caught.value).count("failed") == 1
    assert (W.get_value()[1] < -8).all() and (W.get_value()[[0, 2, 3]] == 0).all()


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="memory is read from /proc")
def test_the_others_go_on_without_the_one_that_has_no_memory(W, tmp_path):
    data = models.Hungry(str(tmp_path / "first"), after=3)
    with pytest.warns(RuntimeWarning, match=r"(?s)worker \d of 2 failed.*MemoryError"):
        done = parallel.train(models.guarded, data, tied=[W], blocks=200, processes=2, on_error="continue")
    assert sorted(np.bincount(done.workers)) == [3, 100]


def test_no_room_for_a_checkpoint_ends_training_and_leaves_the_last_one(W, tmp_path, monkeypatch):
    saved = []

    def full(handle, fsync=os.fsync):
        if saved:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        saved.append(handle)
        fsync(handle)

    monkeypatch.setattr(whole_files.os, "fsync", full)
    path = tmp_path / "c.npz"
    with pytest.raises(OSError, match="No space") as caught:
        parallel.train(models.guarded, models.Data(-1), tied=[W], blocks=10**6, processes=2, checkpoint=path, every=0.1)
    assert caught.value.errno == errno.ENOSPC and not parallel.hogwild.multiprocessing.active_children()
    trained = W.get_value()
    assert (trained[1] < 0).all() and load_values(path, [W])["done"] == [0, 0] and (W.get_value() == 0).all()
    assert os.listdir(tmp_path) == ["c.npz"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")
@pytest.mark.parametrize("there", [True, False])
def test_a_folder_that_is_read_only(W, there, tmp_path):
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(0o755)
    path = tmp_path / "c.npz"
    if there:
        save_values(path, [W], "old")
    tmp_path.chmod(0o555)
    assert failing_child(lambda: as_nobody(lambda: save_values(path, [W], "new")), 2**20) == errno.EACCES
    tmp_path.chmod(0o755)
    assert os.listdir(tmp_path) == ["c.npz"] * there
    assert not there or load_values(path, [W]) == "old"


def as_nobody(task):
    if os.getuid() == 0:
        os.setuid(65534)  # root may write everywhere
    task()


def test_training_does_not_depend_on_the_clock(W, tmp_path, monkeypatch):
    """A wall clock that runs backwards and forwards: as many blocks, and checkpoints all the same."""
    jumps = iter(np.tile([0, -1e7, 1e7], 10**6))
    monkeypatch.setattr(time, "time", lambda: 1e9 + next(jumps))
    path = tmp_path / "c.npz"
    done = parallel.train(models.guarded, models.Data(-1), tied=[W], blocks=50, checkpoint=path, every=0.01)
    trained = W.get_value()
    assert len(done.losses) == 50 and (trained[1] == -150).all() and done.seconds < 1e6
    assert load_values(path, [W])["done"] == [50] and (W.get_value() == trained).all()
