"""Test values as they are asked for one by one: what each setting of ``compute_test_value`` does without one."""

import numpy as np
import pytest

from ptembed import theano
from ptembed.theano import tensor as tt
from ptembed.theano.gof import op


def flags(value):
    return theano.change_flags(compute_test_value=value)


@pytest.fixture
def x():
    x = tt.vector("x")
    x.tag.test_value = np.ones(2, x.dtype)
    return x


def test_values_come_as_the_element_of_a_list(x):
    with flags("raise"):
        assert op.get_debug_values(x)[0].tolist() == [1, 1]
        ((one, number),) = op.get_debug_values(x, 3)
        assert one.tolist() == [1, 1] and number == 3
    with flags("off"):
        assert op.get_debug_values(x) == []


def test_one_that_is_missing(x):
    missing = tt.vector("missing")
    with flags("raise"), pytest.raises(AttributeError, match=r"Argument 1 \('missing'\) has no test value"):
        op.get_debug_values(x, missing)
    with flags("warn"), pytest.warns(UserWarning, match="Argument 0"):
        assert op.get_debug_values(missing) == []
    with flags("ignore"):
        assert op.get_debug_values(missing) == []


def test_what_does_not_hold_is_reported():
    op.debug_assert(True)
    with flags("raise"):
        with pytest.raises(ValueError, match="DEBUG: debug_assert failed"):
            op.debug_assert(False)
        with pytest.raises(ValueError, match="DEBUG: too long"):
            op.debug_assert(False, "too long")
    with flags("warn"), pytest.warns(UserWarning, match="too long"):
        op.debug_assert(False, "too long")
