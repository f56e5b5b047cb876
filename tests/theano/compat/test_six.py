"""The copy of ``six`` that programs imported from Theano."""

import pytest

from ptembed.theano.compat import exc_message, six
from ptembed.theano.compat.six.moves import cPickle, reduce, xrange, zip_longest


def test_dictionaries_are_iterated():
    d = {"a": 1}
    assert (list(six.iteritems(d)), list(six.iterkeys(d)), list(six.itervalues(d))) == ([("a", 1)], ["a"], [1])


def test_names_that_moved():
    assert reduce(int.__add__, xrange(4)) == 6 and list(zip_longest("a", "")) == [("a", None)]
    assert cPickle.loads(cPickle.dumps([1])) == [1]
    assert six.moves.queue.Queue and isinstance("a", six.string_types)


def test_metaclasses():
    class Meta(type):
        pass

    assert type(six.with_metaclass(Meta, object)) is Meta
    assert type(six.add_metaclass(Meta)(type("A", (), {"x": 1}))) is Meta


def test_reraise_keeps_the_message():
    with pytest.raises(ValueError, match="told") as caught:
        six.reraise(ValueError, ValueError("told"), None)
    assert exc_message(caught.value) == "told"
