"""States of generators from JSON: those of the kind are taken, and no place lies beside its block."""

import json

import numpy as np
import pytest

from ptembed.random_states import like_state, refuse_places

KINDS = [np.random.MT19937, np.random.PCG64, np.random.Philox, np.random.SFC64]


def listed(array):
    return {"array": array.tolist(), "dtype": array.dtype.str}


def of_json(state):
    return json.loads(json.dumps(state, default=listed))


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_comes_back(kind):
    first, second = np.random.Generator(kind(1)), np.random.Generator(kind(2))
    first.random(3)
    second.bit_generator.state = like_state(of_json(first.bit_generator.state), second.bit_generator.state)
    np.testing.assert_array_equal(first.random(5), second.random(5))


@pytest.mark.parametrize("kind, place, number", [(np.random.MT19937, "pos", 625), (np.random.Philox, "buffer_pos", -1)])
def test_a_place_beside_the_block(kind, place, number):
    state = kind(1).state
    (state["state"] if place == "pos" else state)[place] = number
    for check in (lambda: refuse_places(state), lambda: like_state(of_json(state), kind(2).state)):
        with pytest.raises(ValueError, match=f"within its block of bits, got {place} {number}"):
            check()


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda state: state.update(bit_generator="PCG64"), "as MT19937, got another"),
        (lambda state: state.pop("state"), "must have bit_generator, state, got another"),
        (lambda state: state["state"].update(pos=1.0), "a int as"),
        (lambda state: state["state"]["key"].update(dtype="O"), "624 numbers of uint32"),
        (lambda state: state["state"]["key"].update(array=[1]), "must have 624 numbers, got"),
        (lambda state: state["state"]["key"].update(array=["a"] * 624), "."),
        (lambda state: state["state"]["key"].pop("array"), "numbers of uint32"),
    ],
)
def test_another_state(change, message):
    state = of_json(np.random.MT19937(1).state)
    change(state)
    with pytest.raises(ValueError, match=message):
        like_state(state, np.random.MT19937(1).state)
