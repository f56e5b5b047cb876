import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptembed.train.alias import AliasTable

weights = st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=60).filter(lambda w: sum(w) > 1e-3)


@given(weights)
def test_table_holds_exactly_the_distribution(w):
    p = AliasTable(w).probabilities()
    np.testing.assert_allclose(p, np.array(w) / np.sum(w), rtol=1e-9, atol=1e-12)


@given(weights)
def test_columns_are_probabilities_and_name_things(w):
    table = AliasTable(w)
    assert ((table.keep >= 0) & (table.keep <= 1)).all()
    assert ((table.other >= 0) & (table.other < len(w))).all()


def test_draws_follow_the_weights():
    w = np.array([5, 0, 1, 3, 11.0])
    n = 100_000
    counts = np.bincount(AliasTable(w).draw(np.random.default_rng(3), n), minlength=len(w))
    expected = n * w / w.sum()
    assert counts[1] == 0
    chi_square = ((counts - expected)[w > 0] ** 2 / expected[w > 0]).sum()
    assert chi_square < 16.3  # 3 degrees of freedom, p = 0.001


def test_draws_have_the_shape_asked_for():
    assert AliasTable([1]).draw(np.random.default_rng(0), (2, 0, 3)).shape == (2, 0, 3)


@pytest.mark.parametrize("w", [[], [0, 0], [1, -1], [[1]], [np.nan], [np.inf, 1]])
def test_wrong_weights_are_refused(w):
    with pytest.raises(ValueError, match="weights must"):
        AliasTable(w)
