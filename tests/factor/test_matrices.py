"""What the factorisations take, and the sentences for what they do not."""

import numpy as np
import pytest
import scipy.sparse as sp

from ptembed.factor.matrices import nonnegative

X = sp.csr_array([[0, 2.0, 1], [3, 0, 0]])


@pytest.mark.parametrize("kind", [sp.csr_matrix, sp.csc_array, sp.coo_array, sp.lil_array])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int8", "bool"])
def test_any_sparse_matrix(kind, dtype):
    checked = nonnegative(kind(X.astype(dtype)))
    assert checked.format == ("csc" if kind is sp.csc_array else "csr")
    assert checked.dtype == (dtype if dtype.startswith("float") else "float32")
    np.testing.assert_array_equal(checked.toarray(), X.toarray().astype(dtype))


def test_duplicates_are_added_in_a_copy():
    given = sp.csr_array((np.ones(3), [2, 0, 2], [0, 3]), shape=(1, 3))
    assert nonnegative(given).toarray().tolist() == [[1, 0, 2]]
    assert given.indices.tolist() == [2, 0, 2]


def test_what_is_right_is_not_copied():
    assert np.shares_memory(nonnegative(X).data, X.data)


@pytest.mark.parametrize("kind", [sp.csr_array, sp.csc_array])
@pytest.mark.parametrize("number", [-1, np.nan, np.inf])
def test_the_place_of_a_bad_number_is_named(kind, number):
    bad = X.toarray()
    bad[0, 2] = number
    with pytest.raises(ValueError, match=r"finite numbers from 0 on, got .* at row 0, column 2"):
        nonnegative(kind(bad))


def cut_short():
    short = X.copy()
    short.data, short.indices = short.data[:-1], short.indices[:-1]
    return short


def out_of_range():
    wrong = X.copy()
    wrong.indices[0] = 7
    return wrong


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        (X.toarray(), TypeError, "must be a sparse matrix, got ndarray"),
        (X.astype(complex), TypeError, "must hold real numbers"),
        (sp.csr_array((0, 3)), ValueError, "must have rows and columns"),
        (cut_short(), ValueError, "cut short or damaged"),
        (out_of_range(), ValueError, "cut short or damaged"),
    ],
)
def test_bad_matrices(bad, error, message):
    with pytest.raises(error, match=message):
        nonnegative(bad)
