"""Names that are gone say so."""

import sys
from types import ModuleType

import pytest

import ptembed.theano
from ptembed.theano._gone import GoneError, getattr_of


@pytest.fixture
def module(monkeypatch):
    made = ModuleType("ptembed.theano.some")
    lazy = {"floor": "math:floor", "math": "math"}
    made.__getattr__ = getattr_of("ptembed.theano.some", {"old": ("it ended with 0.9", "the new one")}, lazy)
    monkeypatch.setitem(sys.modules, "ptembed.theano.some", made)
    return made


def test_a_gone_name_gives_reason_and_replacement(module):
    with pytest.raises(GoneError, match=r"theano.some.old is gone: it ended with 0.9; use the new one\.") as caught:
        module.old  # noqa: B018
    assert isinstance(caught.value, AttributeError) and isinstance(caught.value, NotImplementedError)
    assert not hasattr(module, "old")


def test_an_unknown_name_never_was(module):
    with pytest.raises(AttributeError, match=r"'theano.some' has no attribute 'x': Theano 1\.0\.5 defined none either"):
        module.x  # noqa: B018


def test_from_import_keeps_the_reason(module):
    with pytest.raises(ImportError, match=r"it ended with 0\.9"):
        from ptembed.theano.some import old  # noqa: F401


def test_lazy_names_are_imported_once(module):
    import math

    assert module.floor is math.floor and module.math is math
    assert "floor" in vars(module)


def test_theano_and_tensor_use_it():
    with pytest.raises(GoneError):
        ptembed.theano.gof.Value  # noqa: B018
    with pytest.raises(AttributeError, match=r"Theano 1\.0\.5 defined none either"):
        ptembed.theano.tensor.no_such_name  # noqa: B018
