"""What legacy code does to shared variables, and that it is taken back."""

import pytensor
import pytest
from pytensor.compile.sharedvalue import SharedVariable

from ptembed import legacy


def test_default_updates_can_be_deleted(theano):
    s = theano.shared(0)
    s.default_update = s + 1
    f = theano.function([], s)
    f()
    del s.default_update
    theano.function([], s)()
    assert (f(), s.get_value()) == (1, 2)


def test_the_value_is_asked_for_by_get_value(theano):
    s = theano.shared(0)
    for use in (lambda: s.value, lambda: setattr(s, "value", 1)):
        with pytest.raises(AttributeError, match="get_value"):
            use()


def test_all_is_taken_back():
    before = SharedVariable.default_update
    legacy.activate()
    legacy.activate()
    legacy.deactivate()
    assert SharedVariable.default_update is before
    with pytest.raises(AttributeError, match="deleter"):
        del pytensor.shared(0).default_update
    assert not hasattr(pytensor.shared(0), "value")
