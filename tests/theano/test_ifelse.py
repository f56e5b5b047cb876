"""The lazy branch."""

import numpy as np
import pytest

import ptembed.theano as theano
import ptembed.theano.tensor as T
from ptembed.theano.ifelse import ifelse
from ptembed.theano.raise_op import Raise


def test_one_branch_is_computed():
    c, x = T.iscalar("c"), T.dvector("x")
    with theano.change_flags(linker="cvm"):
        function = theano.function([c, x], ifelse(c, x, Raise("taken")(x)))
    assert function(1, [3.0]) == 3
    with pytest.raises(NotImplementedError, match="taken"):
        function(0, [3.0])


def test_several_values_keep_their_container():
    x, y = T.dvectors("x", "y")
    assert isinstance(ifelse(1, [x, y], [y, x]), list) and isinstance(ifelse(1, (x,), (y,)), tuple)
    first, second = ifelse(T.constant(0), (x, y), (y, x))
    values = theano.function([x, y], [first, second], mode="FAST_COMPILE")([1.0], [2.0])
    np.testing.assert_array_equal(values, [[2], [1]])


def test_branches_must_match():
    x = T.dvector("x")
    with pytest.raises(ValueError, match="number of values"):
        ifelse(1, [x, x], [x])
    for other in (T.fvector(), T.dmatrix(), theano.sparse.csr_matrix()):
        with pytest.raises(TypeError):
            ifelse(1, x, other)
