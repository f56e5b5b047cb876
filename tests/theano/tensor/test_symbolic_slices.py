"""Parts of arrays by slices that are given when a function is called."""

import numpy as np
import pytest

TABLE = np.arange(6.0).reshape(3, 2)


@pytest.fixture
def T(theano):
    return theano.tensor


@pytest.mark.parametrize("index", [slice(None), slice(6, 1, -2), slice(-3, None), slice(4, 2)])
def test_a_symbolic_slice_and_its_gradient(theano, T, index):
    v, s = T.dvector(), T.slicetype()
    with theano.change_flags(linker="py"):
        f = theano.function([v, s], [v[s], T.grad((v[s] ** 2).sum(), v)])
    x = np.arange(9.0)
    part, gradient = f(x, index)
    expected = np.zeros(9)
    expected[index] = 2 * x[index]
    np.testing.assert_array_equal(part, x[index])
    np.testing.assert_array_equal(gradient, expected)


def test_symbolic_slices_beside_other_indices(theano, T):
    m, s = T.dmatrix(), T.slicetype()
    with theano.change_flags(linker="py"):
        f = theano.function([m, s], [m[1, s], m[s, None, 0], m[s, s]])
    for got, expected in zip(f(TABLE, slice(0, 2)), [TABLE[1, :2], TABLE[:2, None, 0], TABLE[:2, :2]], strict=True):
        np.testing.assert_array_equal(got, expected)
    with pytest.raises(NotImplementedError, match="ellipsis"):
        m[..., s]
