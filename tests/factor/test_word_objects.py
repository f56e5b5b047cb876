"""Words looked up by object: the same as looked up one by one, whether equal words are one object or not."""

import numpy as np
import pytest

from ptembed.factor import word_objects
from ptembed.factor.word_objects import looked_up, numbered_by_address


def words(n, distinct, shared, seed=0):
    names = [f"word {i}" for i in range(distinct)]
    drawn = np.random.default_rng(seed).integers(0, distinct, n)
    return [names[i] if shared else f"word {i}" for i in drawn]


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize(("n", "distinct"), [(0, 1), (1, 1), (500, 7), (30_000, 9_000)])
def test_the_same_as_one_by_one(n, distinct, shared, monkeypatch):
    monkeypatch.setattr(word_objects, "SAMPLE", 100_000)
    given, asked = words(n, distinct, shared), []

    def look_up(word):
        asked.append(word)
        return int(word[5:])

    found = looked_up(iter(given), n, look_up)
    assert found.dtype == np.int32 and found.tolist() == [int(word[5:]) for word in given]
    assert list(dict.fromkeys(asked)) == list(dict.fromkeys(given))
    if n > 1:
        assert len(asked) == (len(set(given)) if shared else n)


def test_words_behind_the_sample_need_not_be_shared(monkeypatch):
    monkeypatch.setattr(word_objects, "SAMPLE", 4)
    given = ["a"] * 8 + words(5_000, 900, shared=False)
    index = {word: i for i, word in enumerate(dict.fromkeys(given))}
    assert looked_up(given, len(given), index.get).tolist() == [index[word] for word in given]


def test_numbers_are_in_the_order_of_first_use():
    addresses = np.random.default_rng(0).integers(1, 2**47, 6_000).repeat(2)[::-1].copy() * 16
    numbers, firsts = numbered_by_address(addresses)
    np.testing.assert_array_equal(addresses[firsts][numbers], addresses)
    assert (np.diff(firsts) > 0).all() and len(set(addresses)) == len(firsts)
