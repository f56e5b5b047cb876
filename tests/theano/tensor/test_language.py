"""The tensor language gives what it gives on Theano 1.0.5, and fails where it fails there."""

import json
from pathlib import Path

import numpy as np
import pytensor
import pytest
from language import expressions, outcome

RECORD = json.loads((Path(__file__).parent / "language.json").read_text())

#: What differs, each with its reason; :func:`test_difference` says what it is here.
DIFFERENT: dict[str, object] = {}


def test_all_expressions_were_recorded():
    assert sorted(RECORD) == sorted(expressions())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("expression", [e for e in expressions() if e not in DIFFERENT])
def test_as_on_theano(theano, expression):
    with theano.change_flags(mode="FAST_COMPILE", floatX="float64"), pytensor.config.change_flags(mode="FAST_COMPILE"):
        assert_same(outcome(expression), RECORD[expression])


def assert_same(got, want):
    if isinstance(want, dict) and "error" in want:
        assert isinstance(got, dict) and want["error"][0] in [*got.get("error", []), "Exception"], got
    elif isinstance(want, dict):
        assert {k: v for k, v in got.items() if k != "value"} == {k: v for k, v in want.items() if k != "value"}
        if "value" in want:
            np.testing.assert_allclose(got["value"], want["value"], rtol=1e-6, atol=1e-9)
    elif isinstance(want, list):
        assert isinstance(got, list) and len(got) == len(want), got
        for one, other in zip(got, want, strict=True):
            assert_same(one, other)
    else:
        assert got == want
