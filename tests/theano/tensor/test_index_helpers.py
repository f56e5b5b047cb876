"""The helpers that make and check indices: what NumPy says of the same ones."""

import numpy as np
import pytest

from ptembed.theano import scalar
from ptembed.theano import tensor as tt
from ptembed.theano.tensor import subtensor


def test_integers_become_constants():
    one, part, none = subtensor.make_constant((1, slice(2, None, 3), None))
    assert one.type == scalar.int64 and one.data == 1
    assert (part.start.data, part.stop, part.step.data) == (2, None, 3) and none is None


def test_indices_take_their_places():
    i, j = scalar.int64(), scalar.int64()
    pattern = (slice(scalar.int64, None), scalar.int64)
    assert subtensor.get_idx_list((tt.matrix(), i, j), pattern) == (slice(i, None, None), j)
    assert subtensor.get_idx_list((tt.matrix(), i, j), pattern, get_count=True) == 2


@pytest.mark.parametrize("wrong", [1.5, [0.5]])
def test_only_integers_and_masks_are_indices(wrong):
    assert subtensor.as_index_variable(3).dtype == "int8" and subtensor.as_index_variable([True]).dtype == "bool"
    made = subtensor.as_index_variable(slice(1, 2))
    assert subtensor.as_index_variable(made) is made and str(subtensor.as_index_variable(None).type) != str(made.type)
    with pytest.raises(TypeError):
        subtensor.as_index_variable(wrong)


@pytest.mark.parametrize(
    "index",
    [([0, 1],), (None, [0, 1]), (slice(None), slice(None), [0, 1]), ([[0, 1], [1, 0]],), ([0, 1], slice(None), [1, 0])],
)
def test_which_lengths_are_one(index):
    x = tt.TensorType("float64", (False, True, False))()
    made = [subtensor.as_index_variable(part) for part in index]
    pattern = subtensor.adv_index_broadcastable_pattern(x, made)
    assert pattern == tuple(length == 1 for length in np.empty((2, 1, 2))[index].shape)
    assert pattern == tuple(x[index].broadcastable)


def test_masks_must_fit():
    x = np.zeros((2, 3))
    for mask in (np.ones((2, 3), bool), np.ones(2, bool)):
        subtensor.check_advanced_indexing_dimensions(x, [mask])
    subtensor.check_advanced_indexing_dimensions(x, [None, 0, np.ones(3, bool)])
    with pytest.raises(IndexError, match=r"from dimension 0 .* \(2,\), got \(3,\)"):
        subtensor.check_advanced_indexing_dimensions(x, [np.ones(3, bool)])


@pytest.mark.parametrize("wrong", [True, np.True_, [0, [True]], tt.vector(dtype="bool")])
def test_masks_are_refused(wrong):
    subtensor.check_and_reject_bool([0, (1, None), slice(None)])
    with pytest.raises(TypeError, match="no boolean masks"):
        subtensor.check_and_reject_bool(wrong)
