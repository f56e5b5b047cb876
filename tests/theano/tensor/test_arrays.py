"""Indexing, sorting and linear algebra give what they give on Theano, and fail where they fail there."""

import json
from pathlib import Path

import numpy as np
import pytest
from arrays import expressions, outcome

RECORD = json.loads((Path(__file__).parent / "arrays.json").read_text())


def test_all_expressions_were_recorded():
    assert sorted(RECORD) == sorted(expressions())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("expression", expressions())
def test_as_on_theano(theano, expression):
    with theano.change_flags(linker="py", floatX="float64"):
        assert_same(outcome(expression), RECORD[expression])


def assert_same(got, want):
    if isinstance(want, dict) and "error" in want:
        assert isinstance(got, dict) and want["error"][0] in [*got.get("error", []), "Exception"], got
    elif isinstance(want, dict):
        assert isinstance(got, dict) and "error" not in got, got
        assert got["dtype"] == want["dtype"]
        np.testing.assert_allclose(got["value"], want["value"], rtol=1e-6, atol=1e-9)
    elif isinstance(want, list):
        assert isinstance(got, list) and len(got) == len(want), got
        for one, other in zip(got, want, strict=True):
            assert_same(one, other)
    else:
        assert got == want
