"""Word vectors from counts: words of one topic are near each other, by each kind of factor."""

import pickle

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.base import clone

from ptembed.estimators import CooccurrenceVectors


def texts(m=400, seed=0):
    """Texts of three topics of ten words each, and one word that is in all."""
    rng = np.random.default_rng(seed)
    return [["the", *(f"{'abc'[t]}{i}" for i in rng.integers(0, 10, 8))] for t in rng.integers(0, 3, m)]


@pytest.fixture(scope="module", params=["svd", "nmf", None])
def fitted(request):
    return CooccurrenceVectors(3, factors=request.param, random_state=0).fit(texts())


def test_neighbours_are_of_the_same_topic(fitted):
    for word in ("a0", "b3", "c9"):
        found = fitted.most_similar(word, 9)
        assert {near[0] for near, _ in found} == {word[0]} and word not in dict(found)
        assert [c for _, c in found] == sorted((c for _, c in found), reverse=True)


def test_texts_are_averages(fitted):
    vectors = fitted.transform([["a1", "a1", "a2"], ["a3"], ["c4"], ["unknown"]])
    assert sp.issparse(vectors) == (fitted.factors is None)
    vectors = vectors.toarray() if sp.issparse(vectors) else vectors
    assert vectors.shape == (4, fitted.vectors_.shape[1]) and not vectors[3].any()
    assert vectors[0] @ vectors[1] > abs(vectors[0] @ vectors[2])


def test_topics_have_their_words(fitted):
    if fitted.factors != "nmf":
        with pytest.raises(ValueError, match="topics are the components of factors='nmf'"):
            fitted.topics()
        return
    assert sorted("".join({word[0] for word in topic}) for topic in fitted.topics(5)) == ["a", "b", "c"]


def test_is_cloned_and_pickled(fitted):
    copy = pickle.loads(pickle.dumps(fitted))
    assert copy.most_similar("a0", 3) == fitted.most_similar("a0", 3)
    again = clone(fitted).fit(texts())
    assert again.words_ == fitted.words_ and again.words_[0] == "the"


@pytest.mark.parametrize(
    "options",
    [{"window": None}, {"back_off": 20}, {"discount": 20}, {"subsample": 0.05}, {"smoothing": 20}, {"min_pairs": 3}],
)
def test_other_counts(options):
    model = CooccurrenceVectors(3, random_state=0, **options).fit(texts())
    assert all(near[0] == "b" for near, _ in model.most_similar("b0", 5))


def test_what_helps_rare_words_arrives():
    plain, *others = (
        CooccurrenceVectors(factors=None, **options).fit(texts()).vectors_
        for options in ({}, {"smoothing": 20}, {"min_pairs": 60}, {"discount": 20}, {"back_off": 20})
    )
    assert all((X - plain).nnz > 0 for X in others) and others[1].nnz < plain.nnz


def test_bad_input():
    with pytest.raises(ValueError, match="factors must be one of"):
        CooccurrenceVectors(factors="pca").fit(texts())
    with pytest.raises(KeyError, match="must be in the vocabulary of 31 words"):
        CooccurrenceVectors(2).fit(texts()).most_similar("z")
    with pytest.raises(TypeError, match="a list of words"):
        CooccurrenceVectors().fit(["a text"])
