"""Dropped names of SciPy and the standard library: there while the drop-in is active, gone after."""

import collections
import fractions
import importlib
import inspect
import itertools
import sys
import threading
import time
import unittest
import warnings

import numpy as np
import pytest

from ptembed.legacy import removed_names, scipy_names

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    misc = next(iter(scipy_names.TABLE))


def test_names_of_the_standard_library(theano):
    assert collections.Mapping is collections.abc.Mapping
    assert fractions.gcd(12, 18) == 6
    assert time.clock() >= 0
    assert inspect.getargspec(lambda a, b=1, *c, **d: 0) == (["a", "b"], "c", "d", (1,))
    assert threading.current_thread().isAlive()
    assert unittest.TestCase().assertItemsEqual([1, 2], [2, 1]) is None


def test_names_of_python2_need_a_python2_source(theano):
    assert not hasattr(itertools, "izip") and not hasattr(sys, "maxint")
    removed_names.add_python2()
    assert list(itertools.izip([1], [2])) == [(1, 2)] and sys.maxint == 2**63 - 1


def test_all_go_again(theano):
    removed_names.add_python2()
    removed_names.restore()
    gone = ((collections, "Mapping"), (time, "clock"), (itertools, "izip"), (misc, "imread"))
    assert not any(hasattr(*place) for place in gone)
    removed_names.add()


def test_one_switch(monkeypatch):
    monkeypatch.setenv("PTEMBED_REMOVED_NAMES", "0")
    removed_names.add()
    removed_names.add_python2()
    assert not hasattr(time, "clock") and not hasattr(itertools, "izip") and not hasattr(misc, "comb")


def test_scipy_misc(theano):
    from scipy.misc import comb, imread, logsumexp

    assert comb(5, 2) == 10
    assert np.isclose(logsumexp([0, 0]), np.log(2))
    with pytest.raises(NotImplementedError, match=r"scipy.misc.imread is gone: SciPy dropped it; use imageio"):
        imread("x.png")


def test_numpy_finance_says_where_it_went(theano):
    with pytest.raises(NotImplementedError, match="numpy_financial"):
        np.npv(0.1, [1, 2])


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python has its own imp")
def test_imp(theano, tmp_path):
    imp = importlib.import_module("imp")
    (tmp_path / "part.py").write_text("x = 3")
    assert imp.load_source("part_of_test", str(tmp_path / "part.py")).x == 3
    assert imp.load_module("part_too", *imp.find_module("part", [str(tmp_path)])).x == 3


@pytest.mark.skipif(sys.version_info < (3, 13), reason="Python has its own lib2to3")
def test_lib2to3_is_fissix(theano):
    from lib2to3 import refactor

    import fissix.refactor

    assert refactor is fissix.refactor
    assert fissix.refactor.__spec__.name == "fissix.refactor"


def test_the_table():
    names = removed_names.names()
    assert {"numpy.float", "scipy.misc.imread", "collections.Mapping", "itertools.izip", "time.clock"} <= names.keys()
