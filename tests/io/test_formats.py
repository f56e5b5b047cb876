"""Kinds of files told apart, and what people said of words."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from ptembed.io.formats import READERS, format_of, read_vectors, write_vectors
from ptembed.io.judgements import read_analogies, read_pairs

E = np.array([[1.5, 2], [3, 4]], "float32")


@pytest.mark.parametrize(
    ("format", "name"), [("word2vec", "v.txt"), ("word2vec-binary", "v.bin.gz"), ("glove", "v.gz")]
)
def test_a_file_is_read_as_what_it_was_written(tmp_path, format, name):
    write_vectors(tmp_path / name, ["a", "b"], E, format)
    assert format_of(tmp_path / name) == format
    words, read = read_vectors(tmp_path / name)
    assert words == ["a", "b"]
    assert_array_equal(read, E)
    assert read_vectors(tmp_path / name, limit=1).words == ["a"]


def test_glove_of_one_number_is_no_word2vec(tmp_path):
    (tmp_path / "v").write_text("a 1\n")
    assert format_of(tmp_path / "v") == "glove"


def test_other_formats_are_refused(tmp_path):
    with pytest.raises(ValueError, match=f"format must be one of {', '.join(READERS)}, got 'hdf5'"):
        read_vectors(tmp_path / "v", "hdf5")
    with pytest.raises(ValueError, match="projector, got 'hdf5'"):
        write_vectors(tmp_path / "v", ["a", "b"], E, "hdf5")


@pytest.mark.parametrize("between", ["\t", " ", ","])
def test_pairs(tmp_path, between):
    lines = ["# a comment", between.join(("Word1", "Word2", "Human")), between.join(("Tiger", "cat", "7.35", "more"))]
    (tmp_path / "p").write_text("\n".join(lines))
    assert read_pairs(tmp_path / "p") == [("tiger", "cat", 7.35)]
    assert read_pairs(tmp_path / "p", lowercase=False) == [("Tiger", "cat", 7.35)]


def test_analogies(tmp_path):
    (tmp_path / "a").write_text(": capitals\nAthens Greece Oslo Norway\n: family\nboy girl king queen\n")
    assert read_analogies(tmp_path / "a") == {
        "capitals": [("athens", "greece", "oslo", "norway")],
        "family": [("boy", "girl", "king", "queen")],
    }


@pytest.mark.parametrize(
    ("read", "text", "match"),
    [
        (read_pairs, b"a b 1\na b\n", "line 2: must be two words and a number"),
        (read_pairs, b"a b c\n", "got none"),
        (read_pairs, b"a \xff 1\n", "line 1: must be UTF-8"),
        (read_analogies, b"a b c\n", "line 1: must be four words or a heading"),
        (read_analogies, b": x\n", "got none"),
    ],
)
def test_files_of_another_kind(tmp_path, read, text, match):
    (tmp_path / "f").write_bytes(text)
    with pytest.raises(ValueError, match=match):
        read(tmp_path / "f")
