"""The rows of a matrix that a step reads, as one differentiable part."""

import checks
import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytensor.compile.mode import Mode

from ptembed.graphs import gradients, rows, sgd
from ptembed.ops import Distinct

PY = Mode("py", "fast_run")


def matrix(shape=(5, 2), dtype="float64"):
    return pytensor.shared(np.random.default_rng(0).normal(size=shape).astype(dtype), name="W")


@pytest.fixture(scope="module")
def read():
    """Values, ids and gradients of the values' sum weighted by G, for index vectors into a 5 x 2 matrix."""
    W, idx, G = matrix(), pt.lvector("idx"), pt.dmatrix("G")
    r = rows(W, idx)
    return W, pytensor.function([idx, G], [r.values, r.ids, *gradients((r.values * G).sum(), r)], mode=PY)


@given(st.lists(st.integers(-5, 4), max_size=12))
@settings(max_examples=100, deadline=None)
def test_reads_rows_and_adds_their_gradients(read, idx):
    W, f = read
    G = np.random.default_rng(len(idx)).normal(size=(len(idx), 2))
    values, ids, gradient = f(np.array(idx, "int64"), G)
    dense = np.zeros((5, 2))
    np.add.at(dense, np.array(idx, "int64"), G)
    np.testing.assert_array_equal(values, W.get_value()[np.array(idx, "int64")])
    np.testing.assert_allclose(gradient, dense[ids], rtol=1e-13, atol=1e-15)
    assert ids.tolist() == sorted({i % 5 for i in idx})


@pytest.mark.parametrize("dtype", ["int8", "int32", "int64", "uint8", "uint64"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 2), (1, 2, 3)])
@pytest.mark.parametrize("distinct", [False, True])
def test_index_tensors_of_any_rank_and_dtype(dtype, shape, distinct):
    W, idx = matrix((7, 2)), pt.tensor("idx", dtype=dtype, shape=(None,) * len(shape))
    r = rows(W, idx, distinct=distinct)
    numbers = np.random.default_rng(1).permutation(7)[: np.prod(shape, dtype=int)].reshape(shape).astype(dtype)
    values, where, ids = pytensor.function([idx], [r.values, r.where, r.ids], mode=PY)(numbers)
    np.testing.assert_array_equal(values, W.get_value()[numbers])
    np.testing.assert_array_equal(ids[where], numbers)
    assert r.values.type.ndim == len(shape) + 1 and r.where.type.ndim == len(shape)


@pytest.mark.parametrize("shape", [(4,), (4, 2), (4, 2, 3)])
def test_matrices_of_any_rank(shape):
    W, idx = matrix(shape), pt.lmatrix("idx")
    r = rows(W, idx)
    numbers = np.array([[0, 3], [-1, 1]])
    values, gradient = pytensor.function([idx], [r.values, *gradients(r.values.sum(), r)], mode=PY)(numbers)
    np.testing.assert_array_equal(values, W.get_value()[numbers])
    np.testing.assert_array_equal(
        gradient, np.broadcast_to(np.reshape([1, 1, 2], (3, *[1] * (W.ndim - 1))), (3, *shape[1:]))
    )


@pytest.mark.parametrize("distinct", [False, True])
def test_several_reads_of_one_matrix(distinct):
    W = matrix((9, 2))
    reads = [pt.scalar("i", dtype="uint64"), pt.ivector("j"), pt.lmatrix("k")]
    numbers = [np.uint64(8), np.array([0, -2], "int32"), np.array([[3, 4], [5, 6]])]
    r = rows(W, *reads, distinct=distinct)
    loss = sum((n + 1) * v.sum() for n, v in enumerate(r.values))
    out = pytensor.function(reads, [*r.values, *r.where, r.ids, *gradients(loss, r)], mode=PY)(*numbers)
    values, where, (ids, gradient) = out[:3], out[3:6], out[6:]
    for value, place, number in zip(values, where, numbers, strict=True):
        np.testing.assert_array_equal(value, W.get_value()[number.astype(int)])
        np.testing.assert_array_equal(ids[place], number.astype(int) % 9)
    factor = dict(zip([8, 0, 7, 3, 4, 5, 6], [1, 2, 2, 3, 3, 3, 3], strict=True))
    np.testing.assert_array_equal(gradient[:, 0], [factor[i] for i in ids])


def test_gradients_of_several_reads_of_one_row_add():
    W, i, j = matrix(), pt.lvector("i"), pt.lvector("j")
    r = rows(W, i, j)
    f = pytensor.function([i, j], gradients(r.values[0].sum() + 10 * r.values[1].sum(), r), mode=PY)
    np.testing.assert_array_equal(f([1, 1], [-4, 3])[0], [[12, 12], [10, 10]])


def test_one_update_equals_the_dense_gradient():
    W, i, j = matrix(), pt.lvector("i"), pt.lvector("j")
    r = rows(W, i, j)
    dense = pytensor.grad((W[i] * W[j] ** 2).sum(), W)
    expected = pytensor.function([i, j], W - 0.5 * dense, mode=PY)([0, 2, 2], [2, 1, -1])
    x, y = r.values
    pytensor.function([i, j], updates=sgd((x * y**2).sum(), r, 0.5), mode=PY)([0, 2, 2], [2, 1, -1])
    np.testing.assert_allclose(W.get_value(), expected, rtol=1e-13)


def test_a_promise_of_distinct_rows_leaves_the_search_and_the_second_gather_out():
    W, idx = matrix(), pt.lvector("idx")
    r = rows(W, idx, distinct=True)
    assert r.values is r.part
    f = pytensor.function([idx], updates=sgd((r.values**2).sum(), r, 0.25), mode=PY)
    assert not [node for node in f.maker.fgraph.apply_nodes if isinstance(node.op, Distinct)]
    before = W.get_value()
    f([3, -1])
    np.testing.assert_array_equal(W.get_value(), before * [[1], [1], [1], [0.5], [0.5]])
    checks.assert_unchanged(f, [[0, 5]], IndexError)


def test_an_empty_index_is_no_step():
    W, idx = matrix(), pt.lmatrix("idx")
    r = rows(W, idx)
    f = pytensor.function([idx], r.values.sum(), updates=sgd((r.values**2).sum(), r, 0.5), mode=PY)
    before = W.get_value()
    assert f(np.empty((0, 3), "int64")) == 0
    np.testing.assert_array_equal(W.get_value(), before)


def test_rows_of_a_matrix_that_grows():
    W, idx = matrix((2, 2)), pt.lvector("idx")
    f = pytensor.function([idx], rows(W, idx).values, mode=PY)
    with pytest.raises(IndexError, match="2 rows"):
        f([2])
    W.set_value(np.ones((3, 2)))
    np.testing.assert_array_equal(f([2]), [[1, 1]])


@pytest.mark.parametrize(
    ("W", "message"),
    [
        (pt.dmatrix("W"), "W must be a shared tensor"),
        (np.eye(3), "W must be a shared tensor"),
        (pytensor.shared([1, 2]), "W must be a shared tensor"),
        (pytensor.shared(1.0), "W must have rows"),
    ],
)
def test_wrong_matrices(W, message):
    with pytest.raises(TypeError, match=message):
        rows(W, [0])


@pytest.mark.parametrize("idx", [pt.dvector(), [0.0, 1.0], pt.lvector() > 0])
def test_wrong_indices(idx):
    with pytest.raises(TypeError, match="idx must hold integers, got dtype"):
        rows(matrix(), idx)
