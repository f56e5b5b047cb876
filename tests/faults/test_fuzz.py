"""Damaged files of each format end in the errors that are documented: see :mod:`fuzz`, which runs more."""

import gzip
import io

import fuzz
import numpy as np
import pytest
from fault_formats import COUNTS, FORMATS, VECTORS
from hypothesis import given, settings
from hypothesis import strategies as st

from ptembed.io.named import Named
from ptembed.io.word2vec import read_word2vec, write_word2vec

CASES = {"pickle": 120, "pickle-zip": 120, "python2": 100, "values": 120, "layer": 120}


@pytest.mark.parametrize("name", FORMATS)
def test_damaged_files_end_in_documented_errors(name):
    counts, faults = fuzz.fuzz(FORMATS[name], CASES.get(name, 200), seed=name)
    assert not faults
    assert sum(counts.values()) - counts["read"] > 10, "hardly a case was refused: is anything damaged?"


@pytest.mark.parametrize("name", FORMATS)
def test_files_that_are_whole_are_read(name, tmp_path):
    form = FORMATS[name]
    with form.prepared(tmp_path) as forms:
        for content, pack in forms:
            assert fuzz.outcome(form, tmp_path / form.file, pack(content)) == ("read", None)


def test_a_reader_that_fails_is_found(tmp_path):
    def read(path):
        raise {b"a": KeyError, b"b": ValueError}.get(path.read_bytes(), MemoryError)

    form = FORMATS["word2vec"].__class__("x", None, read, (ValueError, MemoryError))
    assert [fuzz.outcome(form, tmp_path / "x", content)[1] for content in (b"a", b"b", b"c")] == [
        "KeyError: ",
        None,
        "MemoryError",
    ]
    form.read = lambda path: path.write_bytes(b"other")
    assert fuzz.outcome(form, tmp_path / "x", b"a")[1] == "the folder of the file was changed"


def test_a_reader_that_goes_on_and_on_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(fuzz, "SECONDS", 0.05)

    def read(path):
        while True:
            pass

    form = FORMATS["word2vec"].__class__("x", None, read)
    assert fuzz.outcome(form, tmp_path / "x", b"")[1] == "HangError: 0.05 seconds"


def test_a_case_is_the_same_again(tmp_path):
    with FORMATS["word2vec-gz"].prepared(tmp_path) as forms:
        assert [fuzz.case(forms, 1, k) for k in range(20)] == [fuzz.case(forms, 1, k) for k in range(20)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("files")


BYTES = [name for name in FORMATS if name not in ("counts", "python2")]


@pytest.mark.parametrize("name", BYTES)
@settings(deadline=None, max_examples=15, derandomize=True)
@given(content=st.binary(max_size=200))
def test_any_bytes_at_all(folder, name, content):
    form = FORMATS[name]
    with form.prepared(folder):
        assert fuzz.outcome(form, folder / form.file, content)[1] is None
    (folder / form.file).unlink()


HEADER = st.tuples(st.integers(-3, 2**70), st.integers(-3, 2**70)).map(lambda pair: "{} {}\n".format(*pair).encode())
ROW = st.lists(
    st.sampled_from([b"a", b"1", b"-2.5", b"nan", b"1e999", b"\xff", b"", b"1" * 5000, b"\x00"]), max_size=4
).map(b" ".join)


@settings(deadline=None, max_examples=80, derandomize=True)
@given(header=HEADER, rows=st.lists(ROW, max_size=4), binary=st.booleans(), packed=st.booleans())
def test_a_header_of_vectors_that_lies(folder, header, rows, binary, packed):
    content = header + b"\n".join(rows)
    path = folder / ("x.gz" if packed else "x.vec")
    form = FORMATS["word2vec-binary" if binary else "word2vec"]
    assert fuzz.outcome(form, path, gzip.compress(content) if packed else content)[1] is None
    path.unlink()


@settings(deadline=None, max_examples=40, derandomize=True)
@given(
    words=st.lists(
        st.text(min_size=1, max_size=5).filter(lambda word: word.split() == [word]), max_size=5, unique=True
    ),
    binary=st.booleans(),
)
def test_vectors_come_back(folder, words, binary):
    try:
        [word.encode() for word in words]
    except UnicodeEncodeError:
        return
    path, E = folder / "back", np.arange(3.0 * len(words), dtype="float32").reshape(-1, 3)
    write_word2vec(path, words, E, binary=binary)
    got = read_word2vec(path, binary=binary)
    assert got.words == Named(words, E).words
    np.testing.assert_array_equal(got.E, E)
    path.unlink()


@settings(deadline=None, max_examples=60, derandomize=True)
@given(
    name=st.sampled_from(COUNTS.names),
    values=st.lists(st.integers(-(2**31), 2**31 - 1), max_size=6),
    dtype=st.sampled_from(["i4", "i8", "f4", "f8", "u1", "M8[D]"]),
)
def test_blocks_of_counts_that_lead_astray(folder, name, values, dtype):
    file = io.BytesIO()
    np.save(file, np.array(values, "i8").astype(dtype))
    assert fuzz.outcome(FORMATS["counts"], folder / "block", name.encode() + b"\n" + file.getvalue())[1] is None
    (folder / "block").unlink()


def test_a_number_of_many_letters_takes_no_memory_for_all(tmp_path):
    words, E = VECTORS
    write_word2vec(tmp_path / "x.txt", words, E)
    content = (tmp_path / "x.txt").read_bytes().replace(b" 0.5\n", b" " + b"0" * 10**6 + b"1\n")
    assert fuzz.outcome(FORMATS["word2vec"], tmp_path / "x.txt", content) == ("ValueError", None)
    with pytest.raises(ValueError, match="line 2: a number must have at most 400 letters, got more"):
        read_word2vec(tmp_path / "x.txt")
