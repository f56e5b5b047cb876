"""Costs of words: against the sum over all paths, and numeric gradients."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from twins import ctc_by_paths

from ptembed.ops.ctc import ConnectionistTemporalClassification

LABELS = np.array([[1, 2, -1], [1, 1, -1], [-1, -1, -1], [2, -1, 1]], dtype="int32")
LENGTHS = np.array([5, 4, 3, 2], dtype="int32")
ACTIVATIONS = np.random.default_rng(0).normal(0, 2, (5, 4, 3))
WEIGHTS = np.arange(1.0, 5.0)


@pytest.fixture(scope="module", params=["FAST_COMPILE", "NUMBA"])
def f(request):
    A, labels, lengths = pt.tensor3(dtype="float64"), pt.imatrix(), pt.ivector()
    costs = ConnectionistTemporalClassification()(A, labels, lengths)
    gradient = pt.grad((costs * pt.constant(WEIGHTS)[: costs.shape[0]]).sum(), A)
    return pytensor.function([A, labels, lengths], [costs, gradient], mode=request.param)


def test_costs_are_those_of_all_paths(f):
    words = [row[row >= 0] for row in LABELS]
    want = [ctc_by_paths(ACTIVATIONS[:T, k], words[k]) for k, T in enumerate(LENGTHS)]
    np.testing.assert_allclose(f(ACTIVATIONS, LABELS, LENGTHS)[0], want, rtol=1e-12)


def test_gradients(f):
    got = f(ACTIVATIONS, LABELS, LENGTHS)[1]
    want, e = np.zeros_like(got), 1e-5
    for at in np.ndindex(got.shape):
        step = np.zeros_like(got)
        step[at] = e
        up, down = (f(ACTIVATIONS + s, LABELS, LENGTHS)[0] for s in (step, -step))
        want[at] = (WEIGHTS * (up - down)).sum() / (2 * e)
    np.testing.assert_allclose(got, want, atol=1e-8)


def test_saturated_activations_are_finite(f):
    costs, gradients = f(1000 * ACTIVATIONS, LABELS, LENGTHS)
    assert np.isfinite(costs).all() and np.isfinite(gradients).all() and costs.max() > 1000


def test_the_numbers_of_warp_ctc(f):
    """Its tutorial's example; the costs are log 5 and two by its C code."""
    A = np.zeros((3, 3, 5))
    A[:, 1] = np.arange(1, 16).reshape(3, 5)
    A[:, 2] = [[-5, -4, -3, -2, -1], [-10, -9, -8, -7, -6], [-15, -14, -13, -12, -11]]
    labels = np.array([[1, -1], [3, 3], [2, 3]], dtype="int32")
    costs, _ = f(A, labels, np.array([1, 3, 3], dtype="int32"))
    np.testing.assert_allclose(costs, [1.609437943, 7.355742931, 4.938849926], rtol=1e-7)


def test_a_word_that_does_not_fit_costs_nothing(f):
    costs, gradients = f(ACTIVATIONS, LABELS, np.array([1, 2, 0, 1], dtype="int32"))
    assert costs.tolist() == [0, 0, 0, 0] and not gradients.any()


@pytest.mark.parametrize("labels, lengths", [(LABELS + 3, LENGTHS), (LABELS, LENGTHS + 2), (LABELS[:3], LENGTHS[:3])])
def test_out_of_range_is_refused(f, labels, lengths):
    with pytest.raises(ValueError, match="must be"):
        f(ACTIVATIONS, labels, lengths)


@pytest.mark.parametrize(
    "inputs, error",
    [
        ((pt.tensor3(dtype="int64"), pt.imatrix(), pt.ivector()), TypeError),
        ((pt.tensor3(), pt.lmatrix(), pt.ivector()), TypeError),
        ((pt.tensor3(), pt.imatrix(), pt.lvector()), TypeError),
        ((pt.matrix(), pt.imatrix(), pt.ivector()), ValueError),
        ((pt.tensor3(), pt.ivector(), pt.ivector()), ValueError),
        ((pt.tensor3(), pt.imatrix(), pt.imatrix()), ValueError),
    ],
)
def test_wrong_inputs_are_refused_when_the_graph_is_made(inputs, error):
    with pytest.raises(error, match="must"):
        ConnectionistTemporalClassification()(*inputs)
