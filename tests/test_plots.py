"""The pictures: what is drawn on the axes."""

import numpy as np
import pytest

from ptembed import plots
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


def test_bars_of_neighbours_have_their_words():
    ax = plots.neighbour_bars([("team", 0.9), ("sports", 0.7)])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["team", "sports"]
    assert [bar.get_width() for bar in ax.patches] == [0.9, 0.7]
    assert ax.yaxis_inverted()
    with pytest.raises(ValueError, match="a word to draw"):
        plots.neighbour_bars([])


def test_a_table_of_topics_has_their_words():
    ax = plots.topic_table([["sun", "moon"], ["cat", "dog"]], names=["sky", "pets"])
    cells = {place: cell.get_text().get_text() for place, cell in ax.tables[0].get_celld().items()}
    assert cells[0, 1] == "moon" and cells[1, 0] == "cat" and cells[1, -1] == "pets"
    with pytest.raises(ValueError, match=r"as many words each, got \[1, 2\]"):
        plots.topic_table([["a"], ["b", "c"]])


def test_a_factor_is_drawn_with_its_names():
    W = np.array([[0.0, 1], [2, 3], [4, 5]])
    ax = plots.factor_table(W, ["a", "b", "c"], ["x", "y"])
    np.testing.assert_array_equal(ax.images[0].get_array(), W)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["x", "y"]
    with pytest.raises(ValueError, match="a name for each row and column"):
        plots.factor_table(W, ["a"], ["x", "y"])


def test_costs_are_lines_on_logarithmic_scales():
    ax = plots.cost_curves([10, 100], {"rows": [1, 1], "dense": [1, 10]})
    assert (ax.get_xscale(), ax.get_yscale(), ax.get_ylabel()) == ("log", "log", "seconds")
    assert [line.get_ydata().tolist() for line in ax.lines] == [[1, 1], [1, 10]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["rows", "dense"]
    with pytest.raises(ValueError, match=r"must have 2 numbers, got \{'rows': 1\}"):
        plots.cost_curves([10, 100], {"rows": [1]})
