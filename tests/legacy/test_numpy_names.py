"""NumPy's dropped names: there while the drop-in is active, gone after."""

import warnings

import numpy as np
import pytest

from ptembed.legacy import numpy_names, removed_names

with warnings.catch_warnings():  # of names that NumPy may bring back
    warnings.simplefilter("ignore")
    ADDED = [name for name in numpy_names.NAMES if not hasattr(np, name)]


@pytest.mark.filterwarnings("ignore")
def test_the_names_come_and_go(theano):
    assert ADDED
    assert all(hasattr(np, name) for name in ADDED)
    removed_names.restore()
    assert not any(hasattr(np, name) for name in ADDED)
    removed_names.add()


def test_names_that_numpy_has_stay_as_they_are(theano):
    assert np.bool is np.bool_


@pytest.mark.filterwarnings("ignore")
def test_an_environment_variable_keeps_them_out(monkeypatch):
    monkeypatch.setenv("PTEMBED_REMOVED_NAMES", "0")
    removed_names.add()
    assert not any(hasattr(np, name) for name in ADDED)


@pytest.mark.parametrize(
    "got, want",
    [
        (lambda: np.float(2), 2.0),
        (lambda: np.cast["int32"]([1.5, 2.5]).tolist(), [1, 2]),
        (lambda: np.asscalar(np.array([3])), 3),
        (lambda: np.in1d([[1, 2], [3, 4]], [2, 3]).tolist(), [False, True, True, False]),
        (lambda: np.product([2, 3]), 6),
        (lambda: np.rank(np.ones((2, 3))), 2),
        (lambda: np.vstack(np.full(2, k) for k in range(2)).tolist(), [[0, 0], [1, 1]]),
        # by NumPy 1.16
        (lambda: np.find_common_type(["int8"], ["float16"]), np.dtype("float16")),
        (lambda: np.find_common_type(["int64"], ["float16"]), np.dtype("float64")),
        (lambda: np.find_common_type(["float32"], ["int64", "float64"]), np.dtype("float32")),
        (lambda: np.find_common_type([], ["int64", "float32"]), np.dtype("float64")),
    ],
)
def test_what_they_give(theano, got, want):
    assert got() == want


def test_decorators_of_tests(theano):
    @np.testing.dec.skipif(True, "why")
    def skipped():
        pass

    assert skipped.__unittest_skip_why__ == "why"
    assert np.testing.dec.slow(skipped) is skipped
