"""pandas frames and gensim's KeyedVectors, both ways."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from ptembed.io.frames import from_frame, to_frame
from ptembed.io.keyed_vectors import from_keyed_vectors, to_keyed_vectors

WORDS, E = ["sun", "moon", "a b"], np.arange(6, dtype="float32").reshape(3, 2)


def test_frames():
    pytest.importorskip("pandas", reason="pandas is not installed")
    frame = to_frame(WORDS, E)
    assert_array_equal(frame.loc["moon"], E[1])
    words, back = from_frame(frame)
    assert words == WORDS
    assert_array_equal(back, E)
    assert back.dtype == "float32"
    with pytest.raises(TypeError, match="a word must be a str"):
        from_frame(frame.reset_index(drop=True))


def test_keyed_vectors():
    pytest.importorskip("gensim", reason="gensim is not installed")
    vectors = to_keyed_vectors(WORDS, E)
    assert_array_equal(vectors["moon"], E[1])
    words, back = from_keyed_vectors(vectors)
    assert words == WORDS
    assert_array_equal(back, E)


def test_what_is_no_keyed_vectors_is_refused():
    with pytest.raises(TypeError, match=r"model\.wv"):
        from_keyed_vectors({"sun": [1.0]})
