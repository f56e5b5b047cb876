"""Scores of word vectors, against slow counts."""

import numpy as np
import pytest
from scipy.stats import rankdata

from ptembed.evaluate import analogies, neighbour_overlap, word_similarity

WORDS = [f"w{i}" for i in range(40)]


@pytest.fixture
def E():
    return np.random.default_rng(0).normal(size=(40, 6))


def cosine(x, y):
    return x @ y / np.linalg.norm(x) / np.linalg.norm(y)


def test_word_similarity_is_the_correlation_of_ranks(E):
    rng = np.random.default_rng(1)
    pairs = [
        (WORDS[i], WORDS[j], float(s)) for (i, j), s in zip(rng.integers(0, 40, (30, 2)), rng.random(30), strict=True)
    ]
    cosines = [cosine(E[int(a[1:])], E[int(b[1:])]) for a, b, _ in pairs]
    expected = np.corrcoef(rankdata(cosines), rankdata([score for *_, score in pairs]))[0, 1]
    rho, known = word_similarity(WORDS, E, [*pairs, ("w1", "unknown", 3.0)])
    assert known == 30
    np.testing.assert_allclose(rho, expected)
    with pytest.raises(ValueError, match="two pairs or more must have both words, got 0 of 1"):
        word_similarity(WORDS, E, [("x", "y", 1.0)])


def test_analogies_are_answered_as_one_by_one(E):
    rng = np.random.default_rng(2)
    questions = [tuple(WORDS[i] for i in rng.choice(40, 4, replace=False)) for _ in range(500)]
    F, right = E / np.linalg.norm(E, axis=1, keepdims=True), 0
    for a, b, c, d in questions:
        target = F[WORDS.index(b)] - F[WORDS.index(a)] + F[WORDS.index(c)]
        best = max((word for word in WORDS if word not in (a, b, c)), key=lambda word: F[WORDS.index(word)] @ target)
        right += best == d
    assert right > 0
    assert analogies(WORDS, E, [*questions, ("x", "w1", "w2", "w3")]) == (right / 500, 500)
    with pytest.raises(ValueError, match="none of 1"):
        analogies(WORDS, E, [("x", "w1", "w2", "w3")])


def test_overlap_of_neighbours(E):
    other = np.random.default_rng(3).normal(size=(40, 4))
    near = [
        [set(sorted(range(40), key=lambda j: -cosine(V[i], V[j]) if i != j else 9)[:5]) for i in range(40)]
        for V in (E, other)
    ]
    expected = np.mean([len(a & b) / 5 for a, b in zip(*near, strict=True)])
    assert 0 < expected < 0.5
    np.testing.assert_allclose(neighbour_overlap(E, other, k=5), expected)
    np.testing.assert_allclose(neighbour_overlap(E, other, k=5, rows=[3]), len(near[0][3] & near[1][3]) / 5)
    with pytest.raises(ValueError, match="got 40 and 39 vectors"):
        neighbour_overlap(E, other[:-1])
