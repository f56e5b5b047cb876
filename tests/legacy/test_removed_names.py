"""Dropped names of SciPy and the standard library: there while the drop-in is active, gone after."""

import collections
import fractions
import importlib
import inspect
import itertools
import sys
import threading
import time
import types
import unittest

import numpy as np
import pytest

from ptembed.legacy import library_modules, removed_names

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


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
    misc, signal = importlib.import_module("scipy.misc"), importlib.import_module("scipy.signal")
    assert hasattr(misc, "imread") and hasattr(signal, "hann")
    removed_names.restore()
    gone = ((collections, "Mapping"), (time, "clock"), (itertools, "izip"), (misc, "imread"), (signal, "hann"))
    assert not any(hasattr(*place) for place in gone)
    removed_names.add()


def test_old_types_are_served_without_being_in_the_module(theano):
    removed_names.add_python2()
    assert (types.InstanceType, types.ListType) == (object, list)
    assert not {"InstanceType", "ListType", "ClassType"} & vars(types).keys()
    with pytest.raises(AttributeError, match="module 'types' has no attribute 'NoSuchType'"):
        types.NoSuchType  # noqa: B018
    removed_names.restore()
    assert not hasattr(types, "ListType")


def test_one_switch(monkeypatch):
    monkeypatch.setenv("PTEMBED_REMOVED_NAMES", "0")
    removed_names.add()
    removed_names.add_python2()
    assert not hasattr(time, "clock") and not hasattr(itertools, "izip")
    assert not hasattr(importlib.import_module("scipy.integrate"), "trapz")


def test_scipy_misc(theano):
    from scipy.misc import comb, imread, logsumexp

    assert comb(5, 2) == 10
    assert np.isclose(logsumexp([0, 0]), np.log(2))
    with pytest.raises(NotImplementedError, match=r"scipy.misc.imread is gone: SciPy dropped it; use imageio"):
        imread("x.png")


@pytest.mark.parametrize(
    "module, name, arguments, want",  # of SciPy 1.2
    [
        ("scipy", "sqrt", (-1,), 1j),
        ("scipy", "arange", (3,), [0, 1, 2]),
        ("scipy.integrate", "trapz", ([1, 2, 4],), 4.5),
        ("scipy.integrate", "cumtrapz", ([1, 2, 4],), [1.5, 4.5]),
        ("scipy.linalg", "pinv2", ([[2.0, 0], [0, 1e-20]],), [[0.5, 0], [0, 0]]),
        ("scipy.signal", "hann", (4,), [0, 0.75, 0.75, 0]),
        ("scipy.special", "sph_harm", (1, 2, 0.3, 0.4), -0.26472006 - 0.08188751j),
        ("scipy.stats", "binom_test", (3, 10), 0.34375),
        ("scipy.stats", "binom_test", ([3, 7],), 0.34375),
        ("scipy.stats", "nanstd", ([1, np.nan, 3],), np.sqrt(2)),
        ("scipy.stats", "chisqprob", (3.0, 2), np.exp(-1.5)),
        ("scipy.stats", "betai", (2, 3, 0.5), 0.6875),
    ],
)
def test_names_of_scipy_that_live_elsewhere(theano, module, name, arguments, want):
    np.testing.assert_allclose(getattr(importlib.import_module(module), name)(*arguments), want, rtol=1e-6)


def test_a_name_is_put_in_when_its_module_is_imported_later(python):
    program = """
import ptembed.legacy, sys
ptembed.legacy.activate()
assert 'sklearn' not in sys.modules and 'scipy.integrate._quadrature' not in sys.modules
from scipy.integrate import simps
from scipy.signal import get_window, gaussian
print(gaussian(3, 1)[1])
simps([1, 2])
"""
    done = python("-c", program)
    assert done.stdout == "1.0\n"
    assert (
        "NotImplementedError: scipy.integrate.simps is gone: SciPy dropped it; use scipy.integrate.simpson"
        in done.stderr
    )


def test_modules_that_are_gone(theano):
    pytest.importorskip("sklearn")
    from scipy.misc.pilutil import imresize
    from sklearn import model_selection
    from sklearn.cross_validation import KFold, train_test_split
    from sklearn.externals import joblib
    from sklearn.grid_search import GridSearchCV

    assert (train_test_split, GridSearchCV) == (model_selection.train_test_split, model_selection.GridSearchCV)
    assert joblib.load.__module__.startswith("joblib.")
    with pytest.raises(NotImplementedError, match=r"scikit-learn dropped it; use sklearn\.model_selection\.KFold\("):
        KFold(10, n_folds=3)
    with pytest.raises(NotImplementedError, match=r"Image\.fromarray"):
        imresize(np.zeros((2, 2)), 0.5)
    with pytest.raises(ImportError, match=r"scipy\.weave is gone: use NumPy"):
        importlib.import_module("scipy.weave")


def test_a_module_that_is_found_is_not_replaced(theano):
    assert importlib.import_module("scipy.ndimage.interpolation").__spec__.loader is not library_modules.FINDER
    spec = library_modules.FINDER.find_spec("scipy.ndimage.interpolation")  # where SciPy has it no more
    assert spec.loader.create_module(spec).affine_transform is importlib.import_module("scipy.ndimage").affine_transform


def test_build_configuration_of_numpy(theano):
    assert importlib.import_module("numpy.distutils").__config__.blas_opt_info == {}


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
    assert names["scipy.misc.imread"].startswith("SciPy dropped it; use imageio") and names["numpy.float"] == ""
    assert {"sklearn.grid_search", "scipy.weave"} <= names.keys()
    assert {"numpy.float", "scipy.misc.imread", "collections.Mapping", "itertools.izip", "time.clock"} <= names.keys()
