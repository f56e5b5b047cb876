"""Dictionaries from minibatches: the sums and the descent beside their formulas, planted atoms, what is refused."""

import numpy as np
import pytest
import scipy.sparse as sp

from ptembed.factor.dictionary import ksvd
from ptembed.factor.dictionary_online import OnlineDictionary, descend, online_dictionary
from ptembed.factor.neighbours import unit_rows
from ptembed.factor.omp import omp

RNG = np.random.default_rng(0)
D = unit_rows(RNG.standard_normal((70, 30)))
C = sp.random_array((900, 70), density=0.03, format="csr", rng=RNG)
X = sp.csr_array(C @ D)


@pytest.mark.parametrize("positive", [False, True])
def test_atoms_go_to_their_minima_one_after_the_other(positive):
    atoms, A, B = np.abs(D), (C.T @ C).toarray(), (C.T @ X).toarray()
    A[5], A[:, 5] = 0, 0
    expected = atoms.copy()
    for j in range(70):
        if j != 5:
            expected[j] += (B[j] - A[j] @ expected) / A[j, j]
            expected[j] = np.maximum(expected[j], 0) if positive else expected[j]
    descend(atoms, A, B, positive)
    np.testing.assert_allclose(atoms, expected, atol=1e-9)


def test_a_batch():
    start = unit_rows(D + 0.1 * RNG.standard_normal(D.shape))
    model = OnlineDictionary(70, 3, start=start, forget=0.5)
    codes = model.partial_fit(X)
    np.testing.assert_allclose(codes.C.toarray(), omp(X, start, 3).C.toarray(), atol=1e-12)
    expected, A = start.copy(), (codes.C.T @ codes.C).toarray()
    descend(expected, A, np.asarray((codes.C.T @ X).toarray()), False)
    lengths = np.linalg.norm(expected, axis=1)
    np.testing.assert_allclose(model.D, expected / lengths[:, None], atol=1e-9)
    np.testing.assert_allclose(model.A, A * np.outer(lengths, lengths), atol=1e-9)
    more = model.partial_fit(X[:100])
    assert more.errors.sum() < codes.errors[:100].sum() and model.batches == 2


@pytest.mark.parametrize("positive", [False, True])
def test_learns_as_much_as_from_all_at_once(positive):
    rows = abs(X) if positive else X
    online = online_dictionary(rows, 70, 3, positive=positive, batch_size=200, max_iter=12)
    whole = ksvd(rows, 70, 3, positive=positive, max_iter=12)
    assert online.errors[-1] == pytest.approx(((rows - online.C @ online.D) ** 2).sum(), rel=1e-9)
    assert online.errors[-1] < 1.2 * whole.errors[-1] < 0.8 * online.errors[0]
    assert not positive or online.D.min() >= 0
    np.testing.assert_allclose(np.linalg.norm(online.D, axis=1), 1)


def test_is_repeated_by_its_seed_and_stops_when_told():
    one, two = (online_dictionary(X.astype("float32"), 20, 2, max_iter=2, seed=3) for _ in range(2))
    np.testing.assert_array_equal(one.D, two.D)
    assert one.D.dtype == "float32"
    assert len(online_dictionary(X, 20, 2, callback=lambda t, error: True).errors) == 2


def test_bad_input_changes_nothing():
    model = OnlineDictionary(10, 2)
    with pytest.raises(ValueError, match="finite numbers"):
        model.partial_fit(X * np.nan)
    assert model.D is None and model.batches == 0
    model.partial_fit(X)
    before = model.D.copy()
    with pytest.raises(ValueError, match="a column for each of 29 columns of X, got 30"):
        model.partial_fit(X[:, :29])
    np.testing.assert_array_equal(model.D, before)
    with pytest.raises(ValueError, match="forget must lie between 0"):
        OnlineDictionary(10, 2, forget=0)
    with pytest.raises(ValueError, match="batch_size must be at least 1"):
        online_dictionary(X, 10, 2, batch_size=0)
    with pytest.raises(ValueError, match="from 0 on"):
        online_dictionary(X, 10, 2, positive=True)
