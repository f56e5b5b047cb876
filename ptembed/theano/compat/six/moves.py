"""Python 3's names for what moved."""

import configparser
import functools
import io
import itertools
import pickle
from importlib import reload as reload_module

from ptembed.theano import _gone

__all__ = [
    "StringIO",
    "cPickle",
    "configparser",
    "filter",
    "filterfalse",
    "input",
    "map",
    "pickle",
    "range",
    "reduce",
    "reload_module",
    "xrange",
    "zip",
    "zip_longest",
]

filter, input, map, range, xrange, zip = filter, input, map, range, range, zip
filterfalse, zip_longest = itertools.filterfalse, itertools.zip_longest
reduce, StringIO, cPickle = functools.reduce, io.StringIO, pickle

__getattr__ = _gone.getattr_of(
    __name__,
    lazy={
        "builtins": "builtins",
        "cStringIO": "io:StringIO",
        "intern": "sys:intern",
        "queue": "queue",
        "urllib": "urllib",
    },
)
