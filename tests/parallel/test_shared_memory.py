"""Values in shared memory: tied across processes, and gone when their owner is."""

import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytensor
import pytest

from ptembed.parallel import memory as room
from ptembed.parallel.memory import share_memory, write_back

segments = pytest.mark.skipif(not os.path.isdir(room.FOLDER), reason="segments are not seen as files here")


def add(variables, k):
    for var in variables:
        var.get_value(borrow=True)[k] += 1


def variable(name="W", shape=(4, 2), dtype="float32"):
    return pytensor.shared(np.ones(shape, dtype), name=name)


def own_segments():
    return [name for name in os.listdir(room.FOLDER) if name.startswith(f"ptembed-{os.getpid()}-")]


@segments
@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_processes_write_into_one_value(method):
    W, b = variable(), variable("b", (4,), "int32")
    with share_memory([W, b]):
        assert len(own_segments()) == 2
        process = multiprocessing.get_context(method).Process(target=add, args=([W, b, W], 1))
        process.start()
        process.join()
        np.testing.assert_array_equal(W.get_value()[:, 0], [1, 3, 1, 1])
    np.testing.assert_array_equal(b.get_value(), [1, 2, 1, 1])
    assert not own_segments()


def test_sharing_twice_is_sharing_once():
    W = variable()
    with share_memory([W]), share_memory([W, W]) as inner:
        assert inner.variables == []
        inner.close()
        assert inner.is_shared(W)
    assert not inner.is_shared(W)


def test_a_new_array_is_written_back():
    W = variable()
    with share_memory([W]):
        home = W.get_value(borrow=True)
        W.set_value(np.full((4, 2), 5, "float32"))
        write_back([W])
        assert W.get_value(borrow=True) is home and (home == 5).all()
        W.set_value(np.full((4, 2), 6, "float32"))
    assert (W.get_value() == 6).all()


@segments
def test_without_room_nothing_changes(monkeypatch):
    fills = iter([None, OSError(errno.ENOSPC, "No space left on device")])

    def fill(segment):
        if error := next(fills):
            raise error

    monkeypatch.setattr(room, "_fill", fill)
    W, b = variable(), variable("b")
    value = W.get_value(borrow=True)
    with pytest.raises(OSError, match=r"must have room for 6\.4e-08 GB"):
        share_memory([W, b])
    assert W.get_value(borrow=True) is value and not own_segments()


@pytest.mark.parametrize("wrong", [np.ones(2), pytensor.shared([1], name="x"), pytensor.tensor.vector()])
def test_only_arrays_of_shared_variables(wrong):
    with pytest.raises(TypeError, match=r"share_memory takes|array of numbers"):
        share_memory([wrong])


@segments
def test_segments_of_a_killed_owner_go():
    program = """
        import time, numpy as np, pytensor
        from ptembed.parallel import share_memory
        share_memory([pytensor.shared(np.ones(3))])
        print("ready", flush=True)
        time.sleep(60)
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout.readline() == "ready\n"
        mine = [name for name in os.listdir(room.FOLDER) if name.startswith(f"ptembed-{owner.pid}-")]
        assert len(mine) == 1
        owner.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while mine[0] in os.listdir(room.FOLDER) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert mine[0] not in os.listdir(room.FOLDER)
