"""Maxima of segments of rows, against loops."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
import twins
from pytensor.compile.mode import Mode
from pytensor.gradient import verify_grad

from ptembed.ops.segment_max import segment_max

X = np.array([[1.0, -5], [3, -4], [3, -9], [-2, -3]])


@pytest.mark.parametrize("linker", ["numba", "cvm", "py"])
def test_equals_loops(linker):
    x, offsets = pt.fmatrix("x"), pt.lvector("offsets")
    best = segment_max(x, offsets)
    f = pytensor.function(
        [x, offsets], [best, pt.grad((best * [[1, 2], [4, 8]]).sum(), x)], mode=Mode(linker, "fast_run")
    )
    got, gradient = f(X.astype("float32"), np.array([0, 3, 4]))
    assert got.dtype == "float32"
    np.testing.assert_array_equal(got, twins.pooled(X, [0, 3, 4], reduce="max"))
    np.testing.assert_array_equal(gradient, [[0, 0], [1, 2], [0, 0], [4, 8]])


def test_empty_segments_and_no_rows():
    for x, offsets in ((X, [0, 0, 4, 4]), (X[:0], [0, 0]), (X[:0], [0])):
        got = segment_max(x, np.array(offsets)).eval(mode="FAST_COMPILE")
        np.testing.assert_array_equal(got, twins.pooled(x, offsets, reduce="max").reshape(len(offsets) - 1, 2))


def test_gradient():
    x = np.random.default_rng(0).normal(size=(5, 3))
    verify_grad(
        lambda x: segment_max(x, np.array([0, 2, 2, 5])), [x], rng=np.random.default_rng(1), mode="FAST_COMPILE"
    )


def test_wrong_kinds():
    with pytest.raises(TypeError, match="x must be a matrix of floats"):
        segment_max([1.0], [0, 1])
    with pytest.raises(TypeError, match="offsets must be a vector of integers"):
        segment_max([[1.0]], [0.0, 1.0])
