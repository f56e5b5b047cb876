"""Costs as programs write them stay finite where Theano 1.0.5's optimizers kept them finite, and have its numbers."""

import json
from pathlib import Path

import numpy as np
import pytest
import saturated

RECORD = json.loads((Path(__file__).parent / "saturated.json").read_text())
FIRST = [p for p in saturated.programs() if p.startswith("softmax: ") or ": " not in p]


def test_the_record_is_of_these_programs_on_real_theano():
    assert RECORD["made with"] == "1.0.5"
    assert sorted(RECORD["outcomes"]) == sorted(saturated.programs())


def is_wrong_on_theano(program):
    """Its form of the cross-entropy after a softmax with a bias forgets the bias."""
    return program.startswith("one Op") and "[n, y]" in program


def digits_of_theano(program):
    """Where a program divides exponentials itself, Theano has exp(-740), a number of two digits."""
    return {"less the largest": 1e-4, "by hand": 3e-3, "by hand, in two": 3e-3}.get(program.partition(":")[0], 1e-9)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "program", [p if p in FIRST else pytest.param(p, marks=pytest.mark.slow) for p in saturated.programs()]
)
def test_as_on_theano(theano, program):
    with theano.change_flags(floatX="float64", linker="py"):
        got = saturated.outcome(theano, program)
    if is_wrong_on_theano(program):
        return np.testing.assert_allclose(
            got[0], saturated.outcome(theano, program.replace("one Op", "with a bias"))[0]
        )
    for one, want in zip(got, map(np.array, RECORD["outcomes"][program]), strict=True):
        finite = np.isfinite(want)
        np.testing.assert_allclose(np.array(one)[finite], want[finite], rtol=digits_of_theano(program), atol=1e-12)


def test_a_softmax_by_hand_has_a_finite_value(theano):
    T, x = theano.tensor, theano.tensor.dmatrix()
    p = T.exp(x) / T.exp(x).sum(axis=1, keepdims=True)
    with theano.change_flags(linker="py"):
        value, other = (theano.function([x], s)(saturated.ROWS) for s in (p, T.nnet.softmax(x)))
    np.testing.assert_allclose(value, other, atol=1e-300)
