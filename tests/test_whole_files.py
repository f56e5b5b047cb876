"""Files that are whole or not there: what killed writers leave is removed, what others write or own is not."""

import os
import signal

import pytest

from ptembed import whole_files
from ptembed.whole_files import write_whole

LEFT = ".x.npz.abcd1234.part"


@pytest.fixture
def path(tmp_path):
    write_whole(tmp_path / "x.npz", lambda file: file.write(b"old"))
    return tmp_path / "x.npz"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")
def test_what_a_killed_writer_left_is_removed_by_the_next(path):
    child = os.fork()
    if not child:
        write_whole(path, lambda file: os.kill(os.getpid(), signal.SIGKILL))
    os.waitpid(child, 0)
    assert path.read_bytes() == b"old" and len(list(path.parent.iterdir())) == 2
    write_whole(path, lambda file: file.write(b"new"))
    assert path.read_bytes() == b"new" and list(path.parent.iterdir()) == [path]


def test_one_that_is_being_written_stays(path):
    def write(file):
        write_whole(path, lambda other: other.write(b"of another"))
        assert path.read_bytes() == b"of another"
        file.write(b"own")

    write_whole(path, write)
    assert path.read_bytes() == b"own" and list(path.parent.iterdir()) == [path]


def test_files_of_other_names_stay(path):
    others = {".x.npz.abcd1234", ".x.npz.abcd12345.part", ".x.npz.part", ".y.npz.abcd1234.part", "x.npz.abcd1234.part"}
    for name in others:
        (path.parent / name).write_text("own")
    (path.parent / LEFT).write_text("left")
    write_whole(path, lambda file: file.write(b"new"))
    assert {p.name for p in path.parent.iterdir()} == others | {path.name}


def test_links_and_pipes_in_their_place_do_no_harm(path, tmp_path):
    (tmp_path / "precious").write_text("own")
    (tmp_path / LEFT).symlink_to(tmp_path / "precious")
    os.mkfifo(tmp_path / ".x.npz.abcd5678.part")
    write_whole(path, lambda file: file.write(b"new"))
    assert path.read_bytes() == b"new" and (tmp_path / LEFT).is_symlink()
    assert (tmp_path / "precious").read_text() == "own"


def test_one_that_is_taken_for_left_before_its_lock_is_made_again(path, monkeypatch):
    lock, calls = whole_files.fcntl.flock, []

    def late(handle, how):
        if not calls:
            calls.append(handle)
            (hidden,) = (p for p in path.parent.iterdir() if p.name.startswith("."))
            hidden.unlink()
        lock(handle, how)

    monkeypatch.setattr(whole_files.fcntl, "flock", late)
    write_whole(path, lambda file: file.write(b"new"))
    assert calls and path.read_bytes() == b"new" and list(path.parent.iterdir()) == [path]


def test_without_locks_files_are_whole_all_the_same(path, monkeypatch):
    monkeypatch.setattr(whole_files, "fcntl", None)
    (path.parent / LEFT).write_text("left")
    write_whole(path, lambda file: file.write(b"new"))
    assert path.read_bytes() == b"new" and (path.parent / LEFT).exists()
