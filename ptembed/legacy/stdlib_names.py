"""The standard library's names that old programs use: those that Python 3 has dropped, and those of Python 2.

Python 3's dropped names are there while ``theano`` is active; those of Python 2 as soon as a Python 2 source is
imported. Both only where there is no such name, and until ``deactivate``: see :mod:`ptembed.legacy.removed_names`.
"""

import base64
import collections
import collections.abc
import errno
import fractions
import inspect
import io
import itertools
import math
import operator
import os
import string
import sys
import threading
import time
import types
import unittest

from ptembed.legacy.python2.objects import div

__all__ = ["PYTHON2_TABLE", "TABLE"]

ArgSpec = collections.namedtuple("ArgSpec", "args varargs keywords defaults")


def getargspec(function):
    """The parameters of a function, without its keyword-only ones."""
    spec = inspect.getfullargspec(function)
    return ArgSpec(spec.args, spec.varargs, spec.varkw, spec.defaults)


def _join(words, sep=" "):
    return sep.join(words)


def _method(name: str):
    return lambda text, *arguments: getattr(text, name)(*arguments)


_ASSERTIONS = {
    **{"assertEquals": "assertEqual", "assertNotEquals": "assertNotEqual", "assert_": "assertTrue"},
    **{"assertAlmostEquals": "assertAlmostEqual", "assertNotAlmostEquals": "assertNotAlmostEqual"},
    **{"assertItemsEqual": "assertCountEqual", "assertRaisesRegexp": "assertRaisesRegex"},
    **{"assertRegexpMatches": "assertRegex", "assertNotRegexpMatches": "assertNotRegex"},
    **{
        "failUnless": "assertTrue",
        "failIf": "assertFalse",
        "failUnlessEqual": "assertEqual",
        "failIfEqual": "assertNotEqual",
    },
    **{"failUnlessRaises": "assertRaises", "failUnlessAlmostEqual": "assertAlmostEqual"},
}
TABLE = {
    collections: {name: getattr(collections.abc, name) for name in collections.abc.__all__},
    inspect: {"getargspec": getargspec, "ArgSpec": ArgSpec},
    time: {"clock": time.process_time},
    fractions: {"gcd": math.gcd},
    base64: {"encodestring": base64.encodebytes, "decodestring": base64.decodebytes},
    os: {"errno": errno},
    sys: {"setcheckinterval": lambda interval: None, "getcheckinterval": lambda: 100},
    threading.Thread: {"isAlive": threading.Thread.is_alive},
    unittest: {"makeSuite": lambda case, *_: unittest.defaultTestLoader.loadTestsFromTestCase(case)},
    unittest.TestCase: {old: getattr(unittest.TestCase, new) for old, new in _ASSERTIONS.items()},
    types: {"ClassType": type, "NoneType": type(None)},
}

_STRING_FUNCTIONS = (
    "capitalize center count expandtabs find index ljust lower lstrip replace rfind rindex rjust rstrip split strip "
    "swapcase title translate upper zfill"
)

PYTHON2_TABLE = {
    itertools: {
        **{"izip": zip, "imap": map, "ifilter": filter, "ifilterfalse": itertools.filterfalse},
        **{"izip_longest": itertools.zip_longest},
    },
    operator: {
        **{"div": div, "isCallable": callable, "sequenceIncludes": operator.contains, "repeat": operator.mul},
        **{"isSequenceType": lambda x: isinstance(x, collections.abc.Sequence)},
        **{"isMappingType": lambda x: isinstance(x, collections.abc.Mapping)},
    },
    os: {"getcwdu": os.getcwd},
    string: {
        **{"letters": string.ascii_letters, "lowercase": string.ascii_lowercase, "uppercase": string.ascii_uppercase},
        **{"join": _join, "joinfields": _join, "maketrans": str.maketrans, "atoi": int, "atof": float, "atol": int},
        **{name: _method(name) for name in _STRING_FUNCTIONS.split()},
    },
    sys: {
        **{"maxint": sys.maxsize, "setdefaultencoding": lambda encoding: None, "exc_clear": lambda: None},
    },
    types: {
        **{"StringType": str, "UnicodeType": str, "StringTypes": (str,), "BooleanType": bool, "IntType": int},
        **{"LongType": int, "FloatType": float, "ComplexType": complex, "ListType": list, "TupleType": tuple},
        **{"DictType": dict, "DictionaryType": dict, "TypeType": type, "ObjectType": object, "InstanceType": object},
        **{"FileType": io.IOBase, "SliceType": slice, "XRangeType": range, "BufferType": memoryview},
        **{"UnboundMethodType": types.FunctionType},
    },
}
