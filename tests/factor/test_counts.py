"""Counts of words that occur together: beside loops, in blocks as at once, whoever counts."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
import twins
from hypothesis import given, settings
from hypothesis import strategies as st

from ptembed.factor import count_files
from ptembed.factor.counts import cooccurrences, distance_weights, subsampled

TEXTS = st.lists(st.lists(st.integers(0, 5), max_size=9), max_size=6)


def arrays(texts):
    return np.array([u for text in texts for u in text], int), np.cumsum([0, *map(len, texts)])


def stream(n_texts=200, n_words=60, seed=0):
    rng = np.random.default_rng(seed)
    return arrays([rng.zipf(1.3, rng.integers(0, 15)) % n_words for _ in range(n_texts)])


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.sampled_from([None, 1, 2, 5]), st.sampled_from(["flat", "harmonic", "linear"]))
def test_is_what_loops_count(texts, window, distance):
    distance = "flat" if window is None else distance
    weights = {"flat": lambda d: 1, "harmonic": lambda d: 1 / d, "linear": lambda d: (window + 1 - d) / window}
    after = twins.neighbour_counts(texts, 6, window, weights[distance])
    expected = {"right": after, "left": after.T, "both": after + after.T, "each": np.hstack([after.T, after])}
    for side, counts in expected.items():
        X = cooccurrences(arrays(texts), 6, window=window, side=side, distance=distance)
        np.testing.assert_allclose(X.toarray(), counts, rtol=1e-6)
        assert X.has_canonical_format


@pytest.mark.parametrize("side", ["both", "each"])
def test_blocks_on_disk_give_the_same(side, tmp_path, monkeypatch):
    tokens, offsets = stream()
    expected = cooccurrences((tokens, offsets), 60, side=side)
    parts = [
        (tokens[offsets[a] : offsets[b]], offsets[a : b + 1] - offsets[a]) for a, b in ((0, 90), (90, 90), (90, 200))
    ]
    monkeypatch.setattr(count_files, "AT_ONCE", 100)
    for given_stream in ((tokens, offsets), iter(parts), parts[::2]):
        X = cooccurrences(given_stream, 60, side=side, block=77, folder=tmp_path)
        assert X.has_canonical_format and X.dtype == "float32" and X.nnz == expected.nnz
        np.testing.assert_array_equal(X.toarray(), expected.toarray())
    assert not list(tmp_path.iterdir())
    frequent = cooccurrences((tokens, offsets), 60, side=side, block=77, min_pairs=3)
    np.testing.assert_array_equal(frequent.toarray(), np.where(expected.toarray() >= 3, expected.toarray(), 0))


@pytest.mark.slow
def test_whoever_counts_the_numbers_are_the_same():
    options = {"block": 150, "distance": "harmonic", "keep": np.full(60, 0.7), "seed": 3}
    alone = cooccurrences(stream(), 60, **options)
    with ThreadPoolExecutor(3) as threads, ProcessPoolExecutor(2, get_context("spawn")) as processes:
        for executor in (threads, processes):
            X = cooccurrences(stream(), 60, executor=executor, **options)
            for ours, expected in ((X.data, alone.data), (X.indices, alone.indices), (X.indptr, alone.indptr)):
                np.testing.assert_array_equal(ours, expected)


def test_words_that_are_left_out_do_not_stand_between():
    tokens, offsets = np.array([0, 1, 2]), np.array([0, 3])
    X = cooccurrences((tokens, offsets), 3, window=1, keep=np.array([1.0, 0, 1]))
    assert X.toarray().tolist() == [[0, 0, 1], [0, 0, 0], [1, 0, 0]]


def test_frequent_words_are_thinned_out():
    tokens, offsets = np.repeat([0, 1], [9000, 1000]), np.array([0, 10_000])
    keep = subsampled(np.bincount(tokens), 0.1)
    np.testing.assert_allclose(keep, [1 / 3, 1])
    ones = [cooccurrences((tokens, offsets), 2, window=1, keep=keep, seed=seed)[0, 0] / 2 for seed in (0, 0, 1)]
    assert ones[0] == ones[1] != ones[2] and ones[0] == pytest.approx(3000, rel=0.05)


def test_an_empty_stream():
    assert cooccurrences(iter(()), 4).nnz == cooccurrences((np.zeros(0, int), np.zeros(1, int)), 4).nnz == 0


def test_a_file_cut_short(tmp_path):
    stem = count_files.write_block(
        tmp_path, 0, (np.array([0, 1, 2]), np.array([0, 1], np.int32), np.ones(2, "float32"))
    )
    assert count_files.merged([stem, stem], (2, 2), "float32").toarray().tolist() == [[2, 0], [0, 2]]
    with pytest.raises(ValueError, match="must hold 3 rows of counts"):
        count_files.merged([stem], (3, 3), "float32")
    path = tmp_path / "000000-data.npy"
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(ValueError, match="must be a whole file of counts, got one cut short"):
        count_files.merged([stem], (2, 2), "float32")


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"stream": (np.array([0, 9]), np.array([0, 2]))}, ValueError, r"tokens must lie in \[0, 4\), got 0 to 9"),
        ({"stream": (np.array([0, -1]), np.array([0, 2]))}, ValueError, r"tokens must lie in \[0, 4\)"),
        ({"stream": (np.array([0, 1]), np.array([0, 5]))}, ValueError, "was the stream cut short"),
        ({"stream": (np.array([0, 1]), np.array([0, 2, 1, 2]))}, ValueError, "offsets must ascend"),
        ({"stream": (np.array([0.5, 1]), np.array([0, 2]))}, TypeError, "tokens and offsets must be integers"),
        ({"n_words": 0}, ValueError, "n_words must be at least 1"),
        ({"window": 0}, ValueError, "window must be at least 1"),
        ({"side": "up"}, ValueError, "side must be one of"),
        ({"distance": "far"}, ValueError, "distance must be one of"),
        ({"distance": [1.0]}, ValueError, "distance must give 5 positive numbers"),
        ({"window": None, "distance": "harmonic"}, ValueError, "give a window"),
        ({"keep": np.ones(3)}, ValueError, "one probability for each of 4 words"),
        ({"min_pairs": -1}, ValueError, "min_pairs must be"),
        ({"dtype": "int32"}, TypeError, "dtype must be float32 or float64"),
    ],
)
def test_bad_input(change, error, message):
    with pytest.raises(error, match=message):
        cooccurrences(**({"stream": (np.array([0, 1]), np.array([0, 2])), "n_words": 4} | change))


def test_weights_of_distances():
    assert distance_weights(3, "harmonic").tolist() == [0, 1, 1 / 2, 1 / 3]
    assert distance_weights(2, [3.0, 2.0]).tolist() == [0, 3, 2]
    assert distance_weights(None).tolist() == []
