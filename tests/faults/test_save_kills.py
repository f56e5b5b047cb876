"""Whoever saves is killed, or has no room: the file is the old one or the new one, whole."""

import errno
import os
import random
import resource
import signal
import time

import pytest
from savers import SAVERS

from ptembed import whole_files

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")
KILLS = 25  # of each of 8


def killed(save, path, seconds, after=0):
    """Fork a child that saves one version after the other; kill it this long after it has saved ``after`` of them."""
    saved, tell = os.pipe()
    child = os.fork()
    if not child:
        try:
            for version in range(1, 10**6):
                save(path, version % 1000)
                os.write(tell, b".")
        finally:
            os._exit(1)
    os.close(tell)
    with open(saved, "rb", buffering=0) as file:
        for _ in range(after):
            assert file.read(1)
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def files(folder):
    """The files, but for those that are written beside their place."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


@pytest.mark.parametrize("kind", SAVERS)
def test_a_kill_leaves_a_whole_file(kind, tmp_path):
    name, save, version_of = SAVERS[kind]
    path, rng, seen = tmp_path / name, random.Random(kind), set()
    save(path, 0)
    there, started = files(tmp_path), time.perf_counter()
    save(path, 0)
    takes = time.perf_counter() - started
    for number in range(KILLS):
        killed(save, path, rng.uniform(0, 4 * takes), after=number % 2)
        seen.add(version_of(path))
        assert files(tmp_path) == there
    assert len(seen) > 1


def test_a_writer_in_place_would_be_found(tmp_path):
    """The tests above can fail: a file that is written where it stands is torn by such kills."""

    def save(path, version):
        with open(path, "wb", buffering=0) as file:
            for _ in range(10):
                file.write(bytes([version % 256]) * 100)
                time.sleep(0.0005)

    rng, torn = random.Random(0), 0
    for _ in range(KILLS):
        killed(save, tmp_path / "x", rng.uniform(0.005, 0.03))
        content = (tmp_path / "x").read_bytes()
        torn += len(content) != 1000 or len(set(content)) != 1
    assert torn


@pytest.mark.parametrize("kind", [kind for kind in SAVERS if kind != "projector"])
def test_a_full_disk_leaves_the_old_file(kind, tmp_path):
    name, save, version_of = SAVERS[kind]
    save(tmp_path / name, 7)
    assert failing_child(lambda: save(tmp_path / name, 8), (tmp_path / name).stat().st_size // 2) == errno.EFBIG
    assert version_of(tmp_path / name) == 7 and os.listdir(tmp_path) == [name]


def failing_child(save, size):
    """Call ``save`` in a child that may write files of this size; gives the number of the OSError."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 0
    try:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        save()
    except OSError as error:
        status = error.errno
    finally:
        os._exit(status)


@pytest.mark.parametrize(
    "step, code", [("os.fsync", errno.ENOSPC), ("os.replace", errno.EROFS), ("tempfile.mkstemp", errno.EACCES)]
)
@pytest.mark.parametrize("kind", ["values", "word2vec.bin", "table"])
def test_a_disk_that_fails_or_may_not_be_written_leaves_the_old_file(kind, step, code, tmp_path, monkeypatch):
    name, save, version_of = SAVERS[kind]
    save(tmp_path / name, 7)

    def fail(*args, **kwargs):
        raise OSError(code, os.strerror(code))

    module, function = step.split(".")
    monkeypatch.setattr(getattr(whole_files, module), function, fail)
    with pytest.raises(OSError) as caught:
        save(tmp_path / name, 8)
    monkeypatch.undo()
    assert caught.value.errno == code and version_of(tmp_path / name) == 7 and os.listdir(tmp_path) == [name]


@pytest.mark.parametrize("kind", ["values", "layer", "table", "glove"])
def test_a_file_in_the_place_of_a_folder(kind, tmp_path):
    name, save, _ = SAVERS[kind]
    (tmp_path / "file").write_text("own")
    with pytest.raises(OSError, match="file"):
        save(tmp_path / "file" / name, 1)
    assert (tmp_path / "file").read_text() == "own" and os.listdir(tmp_path) == ["file"]
