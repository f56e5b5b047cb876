"""The files of word2vec: what gensim writes and reads, and what is refused."""

import gzip
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_array_equal

from ptembed.io.word2vec import read_word2vec, write_word2vec

WORDS = ["sun", "naïve", "月", "a_b", "0"]
BOTH = pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])


@pytest.fixture
def E():
    return np.random.default_rng(0).normal(size=(len(WORDS), 3)).astype("float32")


@BOTH
@pytest.mark.parametrize("name", ["v.txt", "v.gz"])
def test_what_is_written_is_read_again(tmp_path, E, binary, name):
    write_word2vec(tmp_path / name, WORDS, E, binary)
    words, read = read_word2vec(tmp_path / name, binary)
    assert words == WORDS
    assert_array_equal(read, E)
    assert read.dtype == "float32"


FLOATS = hnp.arrays("float32", (2, 2), elements=st.floats(width=32, allow_nan=False, allow_infinity=False))


@settings(max_examples=200, deadline=None)
@given(E=FLOATS)
def test_text_keeps_every_float32(tmp_path_factory, E):
    path = tmp_path_factory.getbasetemp() / "floats.txt"
    write_word2vec(path, ["a", "b"], E)
    assert_array_equal(read_word2vec(path).E, E)


@BOTH
def test_bytes_are_those_of_gensim(tmp_path, E, binary):
    models = pytest.importorskip("gensim.models", reason="gensim is not installed")
    theirs = models.KeyedVectors(3)
    theirs.add_vectors(WORDS, E)
    theirs.save_word2vec_format(str(tmp_path / "theirs"), binary=binary)
    write_word2vec(tmp_path / "ours", WORDS, E, binary)
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()
    words, read = read_word2vec(tmp_path / "theirs", binary)
    again = models.KeyedVectors.load_word2vec_format(str(tmp_path / "ours"), binary=binary)
    assert words == again.index_to_key == WORDS
    assert_array_equal(read, again.vectors)


def test_the_bytes_of_both_forms(tmp_path):
    E = np.array([[1, -0.1], [1e-5, 3e10]], "float32")
    write_word2vec(tmp_path / "t", ["x", "é"], E)
    assert (tmp_path / "t").read_bytes() == "2 2\nx 1.0 -0.1\né 1e-05 3e+10\n".encode()
    write_word2vec(tmp_path / "b", ["x", "é"], E, binary=True)
    assert (tmp_path / "b").read_bytes() == (
        b"2 2\nx " + struct.pack("<2f", 1, -0.1) + "é ".encode() + struct.pack("<2f", 1e-5, 3e10)
    )


def test_binary_files_with_line_breaks_are_read(tmp_path):
    (tmp_path / "b").write_bytes(b"2 1\nx " + struct.pack("<f", 1) + b"\ny " + struct.pack("<f", 2) + b"\n")
    words, E = read_word2vec(tmp_path / "b", binary=True)
    assert words == ["x", "y"]
    assert_array_equal(E, [[1], [2]])


@BOTH
def test_limit_reads_the_first(tmp_path, E, binary):
    write_word2vec(tmp_path / "v", WORDS, E, binary)
    words, read = read_word2vec(tmp_path / "v", binary, limit=2)
    assert words == WORDS[:2]
    assert_array_equal(read, E[:2])


def test_of_a_word_that_is_there_twice_the_first_counts(tmp_path):
    (tmp_path / "v").write_text("3 1\nx 1\ny 2\nx 3\n")
    with pytest.warns(UserWarning, match="1 words that were there before"):
        words, E = read_word2vec(tmp_path / "v")
    assert words == ["x", "y"]
    assert_array_equal(E, [[1], [2]])


@BOTH
@pytest.mark.parametrize("cut", [1, 5, 9, 30, -1, -2])
def test_a_cut_file_is_refused(tmp_path, E, binary, cut):
    write_word2vec(tmp_path / "v", WORDS, E, binary)
    whole = (tmp_path / "v").read_bytes()
    whole = whole.rstrip(b"\n")[:cut] if not binary else whole[:cut]
    (tmp_path / "v").write_bytes(whole if binary or cut > 0 else whole.rsplit(b" ", 1)[0])
    with pytest.raises(ValueError, match="must"):
        read_word2vec(tmp_path / "v", binary)


def test_a_cut_compressed_file_is_refused(tmp_path, E):
    write_word2vec(tmp_path / "v.gz", WORDS, E)
    (tmp_path / "v.gz").write_bytes((tmp_path / "v.gz").read_bytes()[:-12])
    with pytest.raises(ValueError, match="whole compressed file"):
        read_word2vec(tmp_path / "v.gz")


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("x 1 2\n", "begin with a line of two numbers"),
        ("2 x\nx 1\ny 2\n", "begin with a line of two numbers"),
        ("1 99999999999999\nx 1\n", "begin with a line of two numbers"),
        ("-1 2\n", "begin with a line of two numbers"),
        ("99999999999999 1\nx 1\n", "must have 99999999999999 words"),
        ("1 2\nx 1\n", "line 2: must be a word and 2 numbers, got 2 fields"),
        ("1 2\nx y 1 2\n", "line 2: must be a word and 2 numbers, got 4 fields"),
        ("1 2\nx 1 z\n", "line 2: must have numbers"),
        ("1 1\nx nan\n", "must be finite"),
        ("1 1\nx 1\ny 2\n", "must end after 1 words"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path, text, match):
    (tmp_path / "v").write_text(text)
    with pytest.raises(ValueError, match=match):
        read_word2vec(tmp_path / "v")


def test_words_that_are_no_utf8(tmp_path):
    (tmp_path / "v").write_bytes(b"1 1\n\xff\xfe 1\n")
    with pytest.raises(ValueError, match=r"line 2: must be UTF-8.*errors='replace'"):
        read_word2vec(tmp_path / "v")
    assert read_word2vec(tmp_path / "v", errors="replace").words == ["\ufffd\ufffd"]


def test_a_text_file_read_as_binary_is_refused(tmp_path, E):
    write_word2vec(tmp_path / "v", WORDS, E)
    with pytest.raises(ValueError, match="must"):
        read_word2vec(tmp_path / "v", binary=True)


@pytest.mark.parametrize("word", ["a b", "a\tb", "a\n", "\u00a0", " a"])
def test_words_with_white_space_are_not_written(tmp_path, word):
    (tmp_path / "v").write_text("old")
    with pytest.raises(ValueError, match="no white space"):
        write_word2vec(tmp_path / "v", [word], [[1.0]])
    assert (tmp_path / "v").read_text() == "old"


@pytest.mark.parametrize(
    ("words", "E", "error"),
    [
        (["a"], [1.0], TypeError),
        (["a"], [["b"]], TypeError),
        ([1], [[1.0]], TypeError),
        (["a"], [[1.0], [2.0]], ValueError),
        (["a", "a"], [[1.0], [2.0]], ValueError),
        ([""], [[1.0]], ValueError),
        (["a"], [[np.nan]], ValueError),
    ],
)
def test_words_and_vectors_that_do_not_fit(tmp_path, words, E, error):
    with pytest.raises(error, match="must"):
        write_word2vec(tmp_path / "v", words, E)
    assert not list(tmp_path.iterdir())


def test_the_old_file_stays_where_writing_fails(tmp_path, E, monkeypatch):
    write_word2vec(tmp_path / "v", WORDS, E)
    before = (tmp_path / "v").read_bytes()
    monkeypatch.setattr("ptembed.whole_files.os.fsync", lambda fd: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(OSError, match="No space left"):
        write_word2vec(tmp_path / "v", WORDS[:1], E[:1])
    assert (tmp_path / "v").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["v"]


def test_compressed_files_are_the_same_each_time(tmp_path, E):
    for name in ("a.gz", "b.gz"):
        write_word2vec(tmp_path / name, WORDS, E)
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()).startswith(b"5 3\n")
