"""Distinct row numbers, against a loop and NumPy."""

import pickle

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
import twins
from hypothesis import given, settings
from hypothesis import strategies as st
from pytensor.compile.mode import Mode

from ptembed.ops.distinct import TINY, Distinct, RowIndexError, RowNumbers, distinct, row_numbers

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]


def compiled(linker, dtype="int64"):
    idx, N = pt.vector("idx", dtype=dtype), pt.lscalar("N")
    return pytensor.function([idx, N], [*distinct(idx, N), row_numbers(idx, N)], mode=Mode(linker, "fast_run"))


@pytest.fixture(scope="module", params=["numba", "cvm", "py"])
def find(request):
    return compiled(request.param)


@pytest.fixture(scope="module")
def find_numba():
    return compiled("numba")


@st.composite
def rows_of_a_matrix(draw):
    N = draw(st.sampled_from([1, 2, 7, 300, 2**20, 2**40]))
    size = draw(st.sampled_from([0, 1, 3, TINY, TINY + 1, 40]))
    return draw(st.lists(st.integers(-N, N - 1), min_size=size, max_size=size)), N


@given(rows_of_a_matrix())
@settings(max_examples=200, deadline=None)
def test_equals_a_loop(find_numba, case):
    idx, N = case
    ids, where, numbers = find_numba(np.array(idx, "int64"), N)
    assert (ids.tolist(), where.tolist()) == twins.distinct_rows(idx, N)
    assert ids[where].tolist() == numbers.tolist()
    assert ids.dtype == where.dtype == numbers.dtype == "int64"


@pytest.mark.parametrize("size", [0, 3, TINY + 1, 255, 256, 5000])
@pytest.mark.parametrize("N", [1, 100, 200_000])
def test_equals_numpy_under_each_linker(find, size, N):
    idx = np.random.default_rng(size).integers(-N, N, size)
    ids, where, numbers = find(idx, N)
    expected = np.unique(idx % N, return_inverse=True)
    np.testing.assert_array_equal(ids, expected[0])
    np.testing.assert_array_equal(where, expected[1])
    np.testing.assert_array_equal(numbers, idx % N)


@pytest.mark.parametrize("wrong", [-8, 7, 2**62, -(2**63)])
@pytest.mark.parametrize("size", [1, TINY + 1])
def test_out_of_range(find, wrong, size):
    with pytest.raises(IndexError, match=rf"must lie in \[-7, 7\) for a matrix of 7 rows, got {wrong}: check idx"):
        find(np.array([0] * (size - 1) + [wrong]), 7)


def test_no_row_of_an_empty_matrix(find):
    with pytest.raises(IndexError, match="for a matrix of 0 rows"):
        find(np.array([0]), 0)


def test_strided_indices(find):
    ids, where, _ = find(np.array([5, 9, 3, 9, 5, 9])[::2], 10)
    assert (ids.tolist(), where.tolist()) == ([3, 5], [1, 0, 1])


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integer_dtypes(dtype):
    find = compiled("py", dtype)
    ids, where, _ = find(np.array([2, 0, 2], dtype), 3)
    assert (ids.tolist(), where.tolist(), ids.dtype) == ([0, 2], [1, 0, 1], "int64")


@pytest.mark.parametrize("linker", ["numba", "py"])
def test_a_large_unsigned_number_is_not_negative(linker):
    with pytest.raises(IndexError, match=str(2**64 - 1)):
        compiled(linker, "uint64")(np.array([2**64 - 1], "uint64"), 3)


@pytest.mark.parametrize("idx", [pt.dvector(), pt.bvector() > 0, pt.lmatrix(), pt.lscalar()])
@pytest.mark.parametrize("builder", [distinct, row_numbers])
def test_only_integer_vectors(builder, idx):
    with pytest.raises(TypeError, match="idx must be a vector of integers"):
        builder(idx, 3)


def test_shapes_are_inferred():
    idx = pt.lvector("idx")
    _, where = distinct(idx, 10)
    f = pytensor.function([idx], where.shape[0] + row_numbers(idx, 10).shape[0], mode=Mode("py", "fast_run"))
    assert not [node for node in f.maker.fgraph.apply_nodes if isinstance(node.op, Distinct | RowNumbers)]
    assert f([3, 3]) == 4


def test_no_gradient_flows_through():
    x = pt.dvector("x")
    with pytest.raises(pytensor.gradient.DisconnectedInputError):
        pytensor.grad(distinct(pt.cast(x, "int64"), 10)[0].sum().astype("float64"), x)


def test_the_error_survives_pickling():
    error = pickle.loads(pickle.dumps(RowIndexError(9, 7, True)))
    assert str(error) == str(RowIndexError(9, 7, True))
    assert "got 9" in str(error)
