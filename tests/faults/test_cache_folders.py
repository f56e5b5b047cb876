"""The cache of translations has code that runs: nothing of others, and nothing behind a link, is read or written."""

import os
import stat
import sys

import pytest

from ptembed.legacy.python2 import cache

NAME = cache.key(b"print 1")
CODE = compile("x = 1", "x.py", "exec")


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The file that is kept."""
    monkeypatch.setenv("PTEMBED_CACHE", str(tmp_path))
    cache.write(NAME, CODE)
    assert cache.read(NAME) == CODE
    return tmp_path / "python2" / NAME[:2] / NAME


def test_the_folders_are_the_users_alone(kept):
    for folder in (kept.parent, kept.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o770])
def test_a_folder_that_others_may_write_into_is_not_used(kept, level, mode):
    kept.parents[level].chmod(mode)
    assert cache.read(NAME) is None
    kept.unlink()
    cache.write(NAME, CODE)
    assert not kept.exists()


@pytest.mark.parametrize("level", [None, 0, 1])
def test_no_link_is_followed(kept, level, tmp_path):
    place = kept if level is None else kept.parents[level]
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    assert cache.read(NAME) is None
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "elsewhere", *(tmp_path / "elsewhere").rglob("*"))}
    cache.write(NAME, compile("x = 2", "x.py", "exec"))
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_a_link_in_the_place_of_a_file_is_replaced_and_not_written_through(kept, tmp_path):
    (tmp_path / "own.txt").write_text("own")
    kept.unlink()
    kept.symlink_to(tmp_path / "own.txt")
    cache.write(NAME, CODE)
    assert (tmp_path / "own.txt").read_text() == "own" and not kept.is_symlink()


def test_what_another_user_owns_is_not_used(kept, monkeypatch):
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    assert cache.read(NAME) is None
    kept.unlink()
    cache.write(NAME, CODE)
    assert not kept.exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_in_an_own_folder_is_not_read(kept):
    os.chown(kept, 12345, -1)
    assert cache.read(NAME) is None


@pytest.mark.skipif(sys.platform == "win32", reason="there are none")
def test_a_pipe_is_not_waited_for(kept):
    kept.unlink()
    os.mkfifo(kept)
    assert cache.read(NAME) is None


@pytest.mark.parametrize("part", [0, 10, 32, -1])
def test_a_file_that_is_not_whole_is_made_again(kept, part):
    whole = kept.read_bytes()
    kept.write_bytes(whole[:part])
    assert cache.read(NAME) is None
    kept.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert cache.read(NAME) is None
    cache.write(NAME, CODE)
    assert cache.read(NAME) == CODE


@pytest.mark.parametrize("place", ["file", os.devnull])
def test_a_folder_that_cannot_be_made_is_done_without(tmp_path, monkeypatch, place):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PTEMBED_CACHE", str(tmp_path / place))
    cache.write(NAME, CODE)
    assert cache.read(NAME) is None
