"""Sentences of files and streams, read again and again."""

import gzip
import io

import pytest

from ptembed.io import sentences
from ptembed.io.sentences import Sentences

TEXT = "The cat sat, on\nthe Mat.\n\n  \nnaïve 月 x2\n".encode()
WORDS = [["the", "cat", "sat", "on"], ["the", "mat"], ["naïve", "月", "x2"]]


@pytest.fixture(params=["file", "gz", "stream"])
def source(request, tmp_path):
    if request.param == "stream":
        return io.BytesIO(TEXT)
    path = tmp_path / ("t.gz" if request.param == "gz" else "t.txt")
    path.write_bytes(gzip.compress(TEXT) if request.param == "gz" else TEXT)
    return path


def test_they_are_read_anew_each_time(source):
    sentences = Sentences(source)
    assert list(sentences) == list(sentences) == WORDS


def test_case_can_be_kept(source):
    assert list(Sentences(source, lowercase=False))[1] == ["the", "Mat"]


def test_progress_is_told_in_bytes(tmp_path):
    (tmp_path / "t").write_bytes(TEXT)
    told = []
    sentences = Sentences(tmp_path / "t", progress=told.append)
    list(sentences)
    assert told[-1] is None and sum(told[:-1]) == sentences.size == len(TEXT)


@pytest.mark.parametrize("longest", [1, 5, 9, 1000])
def test_long_lines_are_cut_between_words(source, monkeypatch, longest):
    monkeypatch.setattr(sentences, "LONGEST", longest)
    told = []
    found = list(Sentences(source, progress=told.append))
    assert [word for words in found for word in words] == [word for words in WORDS for word in words]
    assert sum(told[:-1]) == len(TEXT)
    assert found == WORDS if longest == 1000 else len(found) > len(WORDS)


def test_bytes_that_are_no_utf8():
    broken = io.BytesIO(b"good\nbad \xff\n")
    with pytest.raises(ValueError, match="line 2: must be UTF-8, invalid start byte: pass errors='replace'"):
        list(Sentences(broken))
    broken.seek(0)
    assert list(Sentences(broken, errors="ignore")) == [["good"], ["bad"]]


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="must be a text file"):
        Sentences(tmp_path / "none")
