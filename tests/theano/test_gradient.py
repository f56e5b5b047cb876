"""The gradient's own names in the drop-in."""

import numpy as np
import pytest
from checks import assert_in_place, assert_no_dense_node

from ptembed.theano import change_flags, function, shared, sparse_grad, tensor


def test_sparse_grad_updates_rows_alone():
    start = np.arange(12.0).reshape(4, 3)
    W, idx = shared(start.copy(), "W"), tensor.lvector("idx")
    read = sparse_grad(W[idx])
    step = function([idx], updates=[(W, W - 0.5 * tensor.grad((read**2).sum(), W))])
    assert_in_place(step, W)
    assert_no_dense_node(step, W, [1, 1, 3])
    W.set_value(start.copy())
    step([1, 1, 3])
    expected = start.copy()
    np.subtract.at(expected, [1, 1, 3], start[[1, 1, 3]])
    np.testing.assert_allclose(W.get_value(), expected)


@pytest.mark.parametrize("linker", ["cvm", "c|py", "py"])
def test_one_row_is_written_into_a_matrix_of_many(linker):
    W, idx = shared(np.zeros((4, 3)), "W"), tensor.lvector("idx")
    with change_flags(linker=linker):
        step = function([idx], updates=[(W, tensor.inc_subtensor(W[idx], W[idx] + 1))])
    step([2])
    assert np.array_equal(W.get_value(), [[0] * 3, [0] * 3, [1] * 3, [0] * 3])


@pytest.mark.parametrize(
    "other", [lambda W: W, lambda W: W[1:], lambda W: W[:], lambda W: W + 1, lambda W: W[tensor.lmatrix()]]
)
def test_sparse_grad_of_anything_else_is_refused(other):
    with pytest.raises(TypeError, match=r"sparse_grad takes W\[idx\]"):
        sparse_grad(other(shared(np.ones((4, 3)))))
