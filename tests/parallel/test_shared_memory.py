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
def test_without_room_nothing_changes():
    W, huge = variable(), pytensor.shared(np.broadcast_to(np.zeros(1, "float32"), (10**12, 2)), name="b", borrow=True)
    value = W.get_value(borrow=True)
    with pytest.raises(OSError, match=r"must have room for 8e\+03 GB, and has not: enlarge /dev/shm") as caught:
        share_memory([W, huge])
    assert caught.value.errno == errno.ENOSPC
    assert W.get_value(borrow=True) is value and not own_segments()


@pytest.mark.parametrize("wrong", [np.ones(2), pytensor.shared([1], name="x"), pytensor.tensor.vector()])
def test_only_arrays_of_shared_variables(wrong):
    with pytest.raises(TypeError, match=r"share_memory takes|array of numbers"):
        share_memory([wrong])


@segments
def test_segments_of_a_killed_owner_go():
    with owner() as process:
        mine = segments_of(process)
        process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while mine[0] in os.listdir(room.FOLDER) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert mine[0] not in os.listdir(room.FOLDER)


@segments
def test_what_a_killed_process_group_leaves_goes_with_the_next_program():
    with owner() as dead, owner() as alive:
        (left,), (kept,) = segments_of(dead), segments_of(alive)
        os.killpg(dead.pid, signal.SIGKILL)
        dead.wait()
        room.remove_orphans()
        assert left in os.listdir(room.FOLDER)  # it might be one that is just being made
        for name in (left, kept):
            os.utime(os.path.join(room.FOLDER, name), (0, 0))
        with share_memory([variable()]):
            assert left not in os.listdir(room.FOLDER) and kept in os.listdir(room.FOLDER)
        alive.kill()


def owner():
    """A process, leader of its group, that has shared a variable."""
    program = """
        import time, numpy as np, pytensor
        from ptembed.parallel import share_memory
        share_memory([pytensor.shared(np.ones(3))])
        print("ready", flush=True)
        time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout.readline() == "ready\n"
    return process


def segments_of(process):
    return [name for name in os.listdir(room.FOLDER) if name.startswith(f"ptembed-{process.pid}-")]
