"""The pictures: what is drawn on the axes."""

import numpy as np
import pytest

from ptembed.plots import loss_curve, word_map


def test_loss_curve_draws_what_it_is_given():
    ax = loss_curve([1, 2, 3], [3.0, 2.0, 1.5])
    assert np.array_equal(ax.lines[0].get_xydata(), [[1, 3.0], [2, 2.0], [3, 1.5]])
    assert loss_curve([1], [1], ax) is ax


def test_word_map_puts_each_word_at_its_point_and_near_words_near():
    rng = np.random.default_rng(0)
    vectors = np.repeat(np.eye(2), 10, axis=0) + 0.01 * rng.normal(size=(20, 2))
    words = [f"w{i}" for i in range(20)]
    ax = word_map(vectors, words, groups=[0] * 10 + [1] * 10)
    assert [text.get_text() for text in ax.texts] == words
    points = np.asarray(ax.collections[0].get_offsets())
    within = np.linalg.norm(points[:10] - points[:10].mean(axis=0), axis=1).max()
    assert np.linalg.norm(points[:10].mean(axis=0) - points[10:].mean(axis=0)) > within


@pytest.mark.parametrize(("n", "words"), [(3, ["a", "b", "c"]), (5, ["a"])])
def test_word_map_refuses_too_few_words(n, words):
    with pytest.raises(ValueError, match="as many words as vectors, at least 4"):
        word_map(np.ones((n, 2)), words)
