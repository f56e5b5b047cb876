"""The comparison of clusters with pairs: its data, and what gets into the page."""

from dataclasses import replace

import numpy as np
import pytest

from ptembed.bench import __main__ as command
from ptembed.bench import constrained
from ptembed.bench.constrained_data import planted_graph
from ptembed.bench.constrained_scores import Scores, scored
from ptembed.data import load_films
from ptembed.data.labelled import films_by_genre, glosses_by_class


def test_films_have_their_rarest_genre_and_no_genre_among_the_attributes():
    X, y, genres, titles = films_by_genre(200)
    films = load_films()
    assert X.shape[0] == len(y) == len(titles) == 200 and "Drama" not in genres
    assert X.shape[1] == sum(not name.startswith("genre:") for name in films.attributes)
    for i in range(20):
        row = films.titles.index(titles[i])
        if films.titles.count(titles[i]) == 1:
            assert [a for a in films.attributes_of(row) if a.startswith("genre:")][-1] == f"genre:{genres[y[i]]}"


def test_glosses_have_four_classes():
    X, y = glosses_by_class(300)
    assert X.shape[0] == 300 and set(y) <= {0, 1, 2, 4} and X.data.min() > 0


def test_a_planted_graph_has_most_edges_within_its_classes():
    S, y = planted_graph(500, 4, 10)
    assert abs(S - S.T).nnz == 0 and S.shape == (500, 500) and np.bincount(y).min() > 80
    rows, columns = S.nonzero()
    assert 0.7 < (y[rows] == y[columns]).mean() < 0.85


def test_scores_of_planted_classes():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 300)
    X = (np.arange(30) % 3 == y[:, None]) * rng.random((300, 30)) + 0.3 * rng.random((300, 30))
    rows = scored(
        X.astype("float32"), y, replace(constrained.QUICK, n_clusters=3, neighbours=8, score_iterations=40), rounds=2
    )
    assert [row.pairs for row in rows] == ["none"] + 2 * ["1 % of all pairs"] + 2 * ["1 % of the labels"] + 2 * [
        "20 % of the labels"
    ]
    assert all(row.purity > 0.95 and row.unseen > 0.85 for row in rows if row.form != "S + W")
    assert rows[0].liked is None and rows[0].joint is not None and rows[1].joint is None


def test_targets_are_of_what_was_measured():
    row = Scores("none", "S", 0.5, 0.1, 0.5, 0.4, 0.5, None, None)
    better = row._replace(pairs="1 % of all pairs", form="S + W", purity=0.6, joint=None)
    found = list(constrained._score_targets({"films": [row, better]}))
    assert [t.met for t in found] == [True, False] and found[1].measured == "0.800"
    fits = {1: (2e8, 50.0, 40.0, 9), 2: (4e8, 70.0, 80.0, 9)}
    costs = list(constrained._cost_targets(fits, (5e9, 30.0), constrained.QUICK))
    assert [t.met for t in costs] == [False, True, True, False]


@pytest.mark.slow
def test_writes_its_page(tmp_path, capsys):
    assert command.main(["constrained", "--quick", "--out", str(tmp_path)]) == 0
    page = (tmp_path / "constrained.md").read_text()
    assert "peak of the process" in page and "| glosses | 20 % of the labels | S + T W T |" in page
