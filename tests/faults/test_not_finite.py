"""NaN and infinity in files and in what is to be written are refused, and named; the old file stays."""

import numpy as np
import pytest

from ptembed.io import glove, judgements, projector, word2vec

STRANGE = ["nan", "inf", "-inf", "1e999", "1e39"]  # the last is infinite as float32


@pytest.mark.parametrize("number", STRANGE)
def test_vectors_that_are_read(number, tmp_path):
    (tmp_path / "w.txt").write_text(f"2 2\na 1 2\nb 1 {number}\n")
    (tmp_path / "g.txt").write_text(f"a 1 2\nb 1 {number}\n")
    for read, name in ((word2vec.read_word2vec, "w.txt"), (glove.read_glove, "g.txt")):
        with pytest.raises(ValueError, match="must be finite, got NaN or infinity for 'b'"):
            read(tmp_path / name)


def test_vectors_of_a_binary_file(tmp_path):
    content = b"1 2\na " + np.array([1, np.nan], "<f4").tobytes()
    (tmp_path / "w.bin").write_bytes(content)
    with pytest.raises(ValueError, match="must be finite, got NaN or infinity for 'a'"):
        word2vec.read_word2vec(tmp_path / "w.bin", binary=True)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("write", [word2vec.write_word2vec, glove.write_glove, projector.write_projector])
def test_vectors_that_are_written(number, write, tmp_path):
    path = tmp_path / "x"
    path.write_text("old")
    with pytest.raises(ValueError, match="must be finite"):
        write(path, ["a", "b"], [[1, 2], [1, number]])
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("number", STRANGE[:4])
def test_scores_of_pairs(number, tmp_path):
    (tmp_path / "x.csv").write_text(f"a,b,1\nc,d,{number}\n")
    with pytest.raises(ValueError, match=f"line 2: a score must be finite, got {number}"):
        judgements.read_pairs(tmp_path / "x.csv")
