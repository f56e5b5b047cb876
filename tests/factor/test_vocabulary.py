"""The vocabulary: beside Counter; words as numbers and back."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptembed.factor.vocabulary import blocks_of, numbered, token_arrays, vocabulary

TEXTS = st.lists(st.lists(st.sampled_from("abcdefg"), max_size=8), min_size=1, max_size=8)


@settings(deadline=None)  # the first call loads what Numba compiled
@given(TEXTS, st.integers(1, 3))
def test_is_what_counter_counts(texts, min_count):
    counts = Counter(word for text in texts for word in text)
    order = list(counts)
    kept = sorted((w for w in counts if counts[w] >= min_count), key=lambda w: (-counts[w], order.index(w)))
    if not kept:
        with pytest.raises(ValueError, match=f"none that occurs {min_count} times"):
            numbered(texts, min_count)
        return
    index, found = vocabulary(iter(texts), min_count)
    assert index == {word: i for i, word in enumerate(kept)}
    assert found.tolist() == [counts[word] for word in kept]
    again, found_again, tokens, offsets = numbered(texts, min_count)
    assert again == index and found_again.tolist() == found.tolist()
    sentences = [[kept[i] for i in tokens[a:b]] for a, b in pairwise(offsets)]
    assert sentences == [[word for word in text if word in index] for text in texts]
    for ours, expected in zip(token_arrays(texts, index), (tokens, offsets), strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_the_most_frequent_alone_and_memory_bounded():
    texts = [["a", "b", "c"], ["b", "c"], ["c"]]
    assert vocabulary(texts, max_words=2)[0] == numbered(texts, max_words=2)[0] == {"c": 0, "b": 1}
    many = [[f"rare{i}", "often"] for i in range(25_000)]
    index, counts = vocabulary(iter(many), most_in_memory=11_000, min_count=2)
    assert list(index) == ["often"] and counts.tolist() == [25_000]


def test_blocks_hold_all_texts():
    texts, index = [["a"] * 3, ["b"], [], ["a", "b"]] * 50, {"a": 0, "b": 1}
    blocks = list(blocks_of(iter(texts), index, size=30))
    assert len(blocks) == 4 and all(len(tokens) >= 30 for tokens, _ in blocks[:-1])
    whole, offsets = token_arrays(texts, index)
    np.testing.assert_array_equal(np.concatenate([tokens for tokens, _ in blocks]), whole)
    np.testing.assert_array_equal(np.concatenate([np.diff(each) for _, each in blocks]), np.diff(offsets))


@pytest.mark.parametrize("call", [vocabulary, numbered, lambda texts: token_arrays(texts, {"a": 0})])
def test_a_text_is_a_list_of_words(call):
    with pytest.raises(TypeError, match="a list of words, got str"):
        call(["a text"])
