"""Scores of clusters, against slow counts and scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptembed.evaluate import constraint_satisfaction, nmi, purity

PAIRS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1)


@settings(deadline=None)
@given(PAIRS)
def test_purity_is_a_count(pairs):
    classes, clusters = np.array(pairs).T
    right = sum(max(np.sum(classes[clusters == c] == t) for t in set(classes)) for c in set(clusters))
    assert purity(classes, clusters) == pytest.approx(right / len(pairs))


@settings(deadline=None)
@given(PAIRS)
def test_nmi_is_scikit_learns(pairs):
    metrics = pytest.importorskip("sklearn.metrics")
    classes, clusters = np.array(pairs).T
    assert nmi(classes, clusters) == pytest.approx(metrics.normalized_mutual_info_score(classes, clusters), abs=1e-9)


def test_kinds_of_labels():
    assert purity(["a", "b", "b"], [1, 2, 2]) == nmi(["a", "b", "b"], [1, 2, 2]) == 1
    assert nmi([1, 1, 2, 2], [1, 2, 1, 2]) == pytest.approx(0)
    with pytest.raises(ValueError, match="one of each for every sample"):
        purity([1, 2], [1])
    with pytest.raises(ValueError, match="one of each for every sample"):
        nmi([], [])


def test_pairs_that_are_kept():
    clusters = [0, 0, 1, -1]
    assert constraint_satisfaction(clusters, [(0, 1), (0, 2)], [(0, 1), (2, 3), (1, 2), (0, 3)]) == (0.5, 0.75)
    assert np.isnan(constraint_satisfaction(clusters)).all()
    with pytest.raises(IndexError):
        constraint_satisfaction(clusters, [(0, 9)])
