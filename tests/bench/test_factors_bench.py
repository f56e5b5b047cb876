"""The comparison of word factors: its data, that sides must agree, and what gets into the page."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from ptembed.bench import __main__ as command
from ptembed.bench import factor_races, factors
from ptembed.bench.factor_data import association, topical, zipf_blocks
from ptembed.bench.factor_memory import counting_peak, factoring_peak

TEXTS = [["a", "b", "a"], ["b", "c"], []]


def test_a_stream_has_all_its_words():
    blocks = list(zipf_blocks(2_500, 40, block=1_000))
    assert [len(tokens) for tokens, _ in blocks] == [1000, 1000, 500]
    assert all(offsets[-1] == len(tokens) and tokens.max() < 40 for tokens, offsets in blocks)
    counts = np.bincount(np.concatenate([tokens for tokens, _ in blocks]))
    assert counts[0] == counts.max() > 3 * counts[20]


def test_topics_make_an_association():
    tokens, offsets = topical(5_000, 200, n_topics=5)
    assert len(tokens) == offsets[-1] == 5_000 and tokens.max() < 200
    X = association(200, 3_000, 20_000)
    assert X.nnz == 3_000 and X.dtype == "float32" and X.data.min() > 0


def test_a_race_ends_where_scikit_learn_is():
    r = factor_races.race(association(200, 5_000, 20_000), 4, 8)
    assert 0 < r.iterations <= 4 and 0 < r.error < 1 and (r.peer > 0).all() and (r.ours > 0).all()


def test_a_goal_that_is_not_reached_is_infinitely_far():
    trace = np.array([[1.0, 2, 1, 0.9], [2.0, 4, 2, 0.7]])
    assert factor_races._reached(trace, 0.8).tolist() == [2, 4, 2, 0.7]
    assert np.isinf(factor_races._reached(trace, 0.1)).all()


def test_sides_that_count_otherwise_are_an_error(monkeypatch):
    assert list(factor_races.count_sides(TEXTS, {"sklearn"})) == ["ptembed", "scikit-learn, CountVectorizer, XᵀX"]
    monkeypatch.setattr(factor_races, "_sklearn", lambda texts: sp.csr_array((3, 3)))
    with pytest.raises(RuntimeError, match="all sides must count the same pairs"):
        factor_races.count_sides(TEXTS, {"sklearn"})


@pytest.mark.slow
def test_peaks_are_taken_in_fresh_processes(tmp_path):
    sp.save_npz(tmp_path / "x.npz", association(200, 3_000, 20_000))
    peaks = factoring_peak(str(tmp_path / "x.npz"), 3), counting_peak(5_000, 100, 1_000)
    if peaks[1] is not None:
        assert peaks[0] >= 0 and peaks[1][0] > 1e7 and peaks[1][1] > 100


@pytest.mark.slow
def test_the_page_without_peers(monkeypatch):
    monkeypatch.setattr(
        factors, "_peaks", lambda X, sizes: {3: 2.5 * (X.data.nbytes + X.indices.nbytes + X.indptr.nbytes)}
    )
    monkeypatch.setattr(factors, "counting_peak", lambda *sizes: (3e9, 5, 1.0))
    page = factors.measure(replace(factors.QUICK, glosses=200), absent={"sklearn", "gensim"})
    assert "sklearn is left out: pip install" in page
    assert "| <= 2 times it | 2.50 | **no** |" in page and "| <= 2 GB | 3.00 GB; 5 non-zeros" in page
    assert "| ptembed |" in page


def test_without_a_folder_nothing_is_measured(capsys):
    assert command.main(["factors", "--out", "/no/such/folder"]) == 2
    assert "the folder of the table must exist" in capsys.readouterr().err
