"""What an expression gives on the drop-in is what it gives on real Theano 1.0.5."""

import json
from pathlib import Path

import numpy as np
import pytest
from expressions import expressions, outcome

RECORD = json.loads((Path(__file__).parent / "expressions.json").read_text())

#: Where the drop-in differs on purpose: it computes what Theano refused.
DIFFERENT = {"T.dot(sparse.as_sparse_variable(csr), C(d2.T))"}


def test_the_record_is_of_these_expressions_on_real_theano():
    assert RECORD["made_with"]["theano"] == "1.0.5"
    assert sorted(RECORD["outcomes"]) == sorted(expressions())


@pytest.mark.parametrize("expression", [e for e in expressions() if e not in DIFFERENT])
@pytest.mark.filterwarnings("ignore")
def test_expression(theano, expression):
    assert_same(outcome(expression), RECORD["outcomes"][expression])


def assert_same(got, want):
    if isinstance(want, dict) and "value" in want:
        assert {k: v for k, v in got.items() if k != "value"} == {k: v for k, v in want.items() if k != "value"}
        np.testing.assert_allclose(got["value"], want["value"], rtol=1e-6 if got.get("dtype") == "float32" else 1e-12)
    elif isinstance(want, list):
        assert len(got) == len(want)
        for a, b in zip(got, want, strict=True):
            assert_same(a, b)
    elif want == {"error": "Exception"}:  # Theano raised no particular kind
        assert set(got) == {"error"}
    else:
        assert got == want
