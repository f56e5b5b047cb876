"""The top level: few names, each from its room, none imported before it is used."""

import importlib

import pytest

import ptembed


def test_few_names():
    assert len(ptembed.__all__) <= 25
    assert set(ptembed.__all__) <= set(dir(ptembed))


@pytest.mark.parametrize("name", ptembed.__all__)
def test_name_is_its_rooms(name):
    room = importlib.import_module(f"ptembed.{ptembed._ROOM[name]}")
    assert getattr(ptembed, name) is getattr(room, name)


def test_unknown_name():
    with pytest.raises(AttributeError, match="no attribute 'sdg'"):
        _ = ptembed.sdg


def test_import_is_lazy(python):
    code = "import sys, ptembed; sys.exit(any(m in sys.modules for m in ('numpy', 'pytensor', 'numba', 'scipy')))"
    assert python("-c", code).returncode == 0
