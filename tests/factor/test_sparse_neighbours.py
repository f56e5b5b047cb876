"""The largest dot products beside a sort of all of them."""

import numpy as np
import pytest
import scipy.sparse as sp

from ptembed.factor.neighbours import Neighbours
from ptembed.factor.sparse_neighbours import largest_dots


def codes(m, seed, dtype="float64"):
    rng = np.random.default_rng(seed)
    X = np.round(rng.standard_normal((m, 9)), 1) * (rng.random((m, 9)) < 0.3)
    return sp.csr_array(X.astype(dtype))


@pytest.mark.parametrize("k", [1, 4, 25])
def test_is_a_stable_sort(k):
    Q, E = codes(10, 0), codes(25, 1)
    similar = Q.toarray() @ E.toarray().T
    order = np.argsort(-similar, axis=1, kind="stable")[:, :k]
    numbers, dots = largest_dots(Q, E, k)
    np.testing.assert_allclose(dots, np.take_along_axis(similar, order, axis=1), atol=1e-12)
    exact = np.abs(np.diff(np.sort(similar, axis=1), axis=1)).min(axis=1) > 1e-9
    np.testing.assert_array_equal(numbers[exact], order[exact])
    assert all(len(set(row)) == k for row in numbers.tolist())


def test_ties_take_the_lowest_number_and_threads_change_nothing():
    E = sp.csr_array(np.array([[0.0], [1], [0], [1], [2]]))
    assert largest_dots(E[1:2], E, 5)[0].tolist() == [[4, 1, 3, 0, 2]]
    Q = codes(40, 2, "float32")
    for one, two in zip(largest_dots(Q, Q, 5, 1), largest_dots(Q, Q, 5, 2), strict=True):
        np.testing.assert_array_equal(one, two)


def test_neighbours_of_sparse_vectors_are_those_of_dense_ones():
    E, Q = codes(30, 3), codes(6, 4)
    sparse, dense = (Neighbours(kind).near(Q, 3)[1] for kind in (E, E.toarray()))
    np.testing.assert_allclose(sparse, dense, atol=1e-12)
    assert Neighbours(E).near(Q.toarray().astype("float32"), 3)[1].dtype == "float64"
