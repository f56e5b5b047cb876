"""The rule that says which Python a source is written for."""

import pytest

from ptembed.legacy.python2.kind import Kind, evidence


@pytest.mark.parametrize(
    "source, line",
    [
        ("import os\nprint 'x'", 2),
        ("x = 1\nprint", 2),
        ("import sys\nprint >>sys.stderr, 'x'", 2),
        ("x = 0777", 1),
        ("for i in xrange(3): pass", 1),
        ("x = isinstance('a', basestring)", 1),
        ("import cPickle", 1),
        ("import os\nfrom urllib2 import urlopen", 2),
        ("d = {}\nfor k, v in d.iteritems(): pass", 2),
        ("if d.has_key(1): pass", 1),
        ("l.sort(cmp=f)", 1),
        ("import itertools\nx = itertools.izip(a, b)", 2),
        ("from itertools import izip", 1),
        ("import string\nx = string.letters", 2),
        ("class A:\n    def __nonzero__(self): return True", 1),
        ("class A:\n    def __iter__(self): return self\n    def next(self): return 1", 1),
        ("import helper", 1),
        ("from helper import x", 1),
        ("#!/usr/bin/env python2\nx = 1", 1),
        ("# -*- coding: utf8 -*-\n# ptembed: python2\nx = 1", 2),
        ("from __future__ import print_function\nx = unicode(3)", 2),
    ],
)
def test_python2(source, line):
    found = evidence(source, "x.py", frozenset({"helper"}))
    assert (found.kind, found.line) == (Kind.PYTHON2, line)
    assert found.why


@pytest.mark.parametrize(
    "source",
    [
        "x = f'{y}'",
        "def f(a: int): pass",
        "def f(*, a): pass",
        "x: int = 3",
        "class A(B, metaclass=M): pass",
        "class A:\n    def f(self): super().f()",
        "raise A from b",
        "import queue",
        "a = b @ c",
        "async def f(): pass",
        "# ptembed: python3\nimport cPickle",
        "def f():\n    nonlocal x",
        "x = xrange\ny = f'{x}'",
    ],
)
def test_python3(source):
    assert evidence(source, "x.py").kind is Kind.PYTHON3


@pytest.mark.parametrize(
    "source",
    [
        "print('x')",
        "x = 3 / 2",
        "try:\n    import cPickle as pickle\nexcept ImportError:\n    import pickle",
        "try:\n    unicode\nexcept NameError:\n    unicode = str\nx = unicode(3)",
        "import sys\nif sys.version_info[0] < 3:\n    range = xrange",
        "from six import PY2\nx = unicode if PY2 else str",
        "def reduce(f, l): return l\nx = reduce(f, l)",
        "from functools import reduce\nx = reduce(f, l)",
        "import six\nfor k, v in six.iteritems(d): pass",
        "from __future__ import absolute_import\nimport helper",
        "from . import helper",
        "from __future__ import print_function\nprint('a', file=f)",
        "node = node.next",
        "class A:\n    __metaclass__ = M",
        "def f(file, long=3): return file, long",
    ],
)
def test_either(source):
    assert evidence(source, "x.py", frozenset({"helper"})).kind is Kind.EITHER


def test_imports():
    source = "import a.b, c\nfrom d import e\nfrom .f import g\nfrom . import h"
    assert set(evidence(source, "x.py").imports) == {
        *(("a.b", 0), ("c", 0), ("d", 0), ("d.e", 0), ("f", 1), ("f.g", 1), ("", 1), ("h", 1)),
    }
