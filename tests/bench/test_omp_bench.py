"""The comparison of sparse codes: its rows, that sides code the same, and what gets into the page."""

import importlib.util

import numpy as np
import pytest
import scipy.sparse as sp

from ptembed.bench import __main__ as command
from ptembed.bench import omp as comparison


def test_rows_have_few_columns_and_length_one():
    X, D = comparison.rows_of_topics(50, 100, 20)
    assert X.shape == (50, 100) and D.shape == (20, 100) and X.dtype == D.dtype == "float32"
    assert 5 < X.nnz / 50 <= 12 and X.data.min() > 0
    for rows in (D, X.toarray()):
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-5)


def test_sides_code_the_same():
    X, D = comparison.rows_of_topics(80, 100, 20)
    sides = comparison.coders(X, D, 3, {"spams"})
    ours, single, double = (sp.csr_array(code()) for code in sides.values())
    assert list(sides) == [comparison.OURS, comparison.SKLEARN, comparison.SKLEARN64]
    assert comparison._same_supports(ours, double) == comparison._same_supports(ours, single) == 1
    other = ours.copy()
    other.data[0] = 0
    assert comparison._same_supports(ours, other) == 1 - 1 / 80
    full = np.linalg.norm(X.toarray() - ours.toarray() @ D, axis=1).mean()
    assert comparison._residual(X, D, ours) == pytest.approx(full, rel=1e-5)


@pytest.mark.skipif(importlib.util.find_spec("spams") is None, reason="SPAMS is not installed: pip install spams-bin")
def test_spams_is_near():
    X, D = comparison.rows_of_topics(80, 100, 20)
    sides = comparison.coders(X, D, 3, {"sklearn"})
    ours, theirs = sides[comparison.OURS](), sides[comparison.SPAMS]()
    assert comparison._residual(X, D, theirs) == pytest.approx(comparison._residual(X, D, ours), rel=0.02)


def test_the_page_without_spams(monkeypatch):
    page = comparison.measure(comparison.QUICK, absent={"spams"})
    assert "spams is left out: pip install spams-bin" in page
    assert "| rows with scikit-learn's supports | all | 100.00% | yes |" in page
    assert "| ptembed, K-SVD, 4 iterations |" in page and "SPAMS /" not in page


def test_what_falls_short_is_said():
    taken = {comparison.OURS: np.ones(3), comparison.SPAMS: 6 * np.ones(3)}
    assert [t.met for t in comparison._targets(taken, {comparison.OURS: 1.0})] == [False]


def test_without_a_folder_nothing_is_measured(capsys):
    assert command.main(["omp", "--out", "/no/such/folder"]) == 2
    assert "the folder of the table must exist" in capsys.readouterr().err
