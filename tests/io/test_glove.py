"""GloVe's text files."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from ptembed.io.glove import read_glove, write_glove


def test_what_is_written_is_read_again(tmp_path):
    E = np.random.default_rng(1).normal(size=(3, 4)).astype("float32")
    write_glove(tmp_path / "g.txt", ["the", "月", ","], E)
    words, read = read_glove(tmp_path / "g.txt")
    assert words == ["the", "月", ","]
    assert_array_equal(read, E)
    assert (tmp_path / "g.txt").read_text().startswith(f"the {E[0, 0]!s} ")


def test_words_with_spaces_are_read(tmp_path):
    (tmp_path / "g.txt").write_text("the 1 2\n. . . 3 4\n")
    words, E = read_glove(tmp_path / "g.txt")
    assert words == ["the", ". . ."]
    assert_array_equal(E, [[1, 2], [3, 4]])
    assert read_glove(tmp_path / "g.txt", limit=1).words == ["the"]


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "begin with a word and its numbers"),
        ("the\n", "begin with a word and its numbers"),
        ("the 1 2\na 1\n", "line 2: must be a word and 2 numbers"),
        ("the 1 2\na 1 x\n", "line 2: must have numbers"),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path, text, match):
    (tmp_path / "g.txt").write_text(text)
    with pytest.raises(ValueError, match=match):
        read_glove(tmp_path / "g.txt")


def test_a_word_with_a_space_is_not_written(tmp_path):
    with pytest.raises(ValueError, match="no white space"):
        write_glove(tmp_path / "g.txt", ["a b"], [[1.0]])
    assert not list(tmp_path.iterdir())
