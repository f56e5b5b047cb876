"""What programs took of ``six`` from Theano's copy of it, which ended with Theano 0.7; all is Python 3's."""

import io
import operator

from ptembed.theano import _gone
from ptembed.theano.compat import b
from ptembed.theano.compat.six import moves

__all__ = [
    "PY2",
    "PY3",
    "BytesIO",
    "StringIO",
    "add_metaclass",
    "b",
    "binary_type",
    "callable",
    "class_types",
    "get_function_code",
    "get_unbound_function",
    "integer_types",
    "iteritems",
    "iterkeys",
    "itervalues",
    "moves",
    "next",
    "print_",
    "reraise",
    "string_types",
    "text_type",
    "u",
    "with_metaclass",
]

PY2, PY3 = False, True
string_types, integer_types, class_types = (str,), (int,), (type,)
text_type, binary_type = str, bytes
BytesIO, StringIO = io.BytesIO, io.StringIO
callable, next, print_ = callable, next, print
get_function_code = operator.attrgetter("__code__")


def u(text):
    """The text itself."""
    return text


def iterkeys(d, **kw):
    """An iterator over the keys."""
    return iter(d.keys(**kw))


def itervalues(d, **kw):
    """An iterator over the values."""
    return iter(d.values(**kw))


def iteritems(d, **kw):
    """An iterator over the pairs of key and value."""
    return iter(d.items(**kw))


def get_unbound_function(unbound):
    """The function itself."""
    return unbound


def reraise(tp, value, tb=None):
    """Raise ``value``, or an exception of the class ``tp``, with the traceback ``tb``."""
    error = tp() if value is None else value
    raise error.with_traceback(tb) if error.__traceback__ is not tb else error


def with_metaclass(meta, *bases):
    """Make a base of the metaclass ``meta``."""
    return meta("NewBase", bases, {})


def add_metaclass(metaclass):
    """Decorate a class, which is made again with the metaclass."""

    def decorate(cls):
        body = {k: v for k, v in vars(cls).items() if k not in ("__dict__", "__weakref__")}
        return metaclass(cls.__name__, cls.__bases__, body)

    return decorate


__getattr__ = _gone.getattr_of(__name__)
