"""The glosses: the numbers that tutorials and benchmarks build on, the fast routines against slow twins, bad input."""

import dataclasses
import pickle

import numpy as np
import pytest
import twins
from hypothesis import given, settings
from hypothesis import strategies as st

from ptembed.data import LEXNAMES, glosses, load_glosses, table

TEXT = st.text("aAb1-'\" ", max_size=12)


@pytest.fixture(scope="module")
def loaded():
    return load_glosses()


def small(loaded, texts, min_count=1):
    tokens, offsets, vocabulary, counts = glosses.tokenise(texts, min_count)
    return dataclasses.replace(
        loaded, texts=texts, tokens=tokens, offsets=offsets, vocabulary=vocabulary, counts=counts
    )


def test_sizes(loaded):
    assert len(loaded) == len(loaded.lemmas) == len(loaded.y) == len(loaded.lexnames) == 117_659
    assert len({lemma.lower() for lemmas in loaded.lemmas for lemma in lemmas}) == 147_306
    assert len(loaded.vocabulary) == 45_322
    assert len(load_glosses(min_count=2).vocabulary) == 28_623
    assert loaded.hypernyms.shape == (89_089, 2)
    assert loaded.antonyms.shape == (7_979, 2)
    assert repr(loaded) == "<Glosses: 117,659 glosses, 45,322 words, 1,171,307 tokens>"


def test_dtypes(loaded):
    names = ("tokens", "offsets", "counts", "y", "lexnames", "hypernyms", "antonyms")
    dtypes = [getattr(loaded, name).dtype.name for name in names]
    assert dtypes == ["int32", "int64", "int64", "int8", "int8", "int32", "int32"]


def test_class_weights(loaded):
    np.testing.assert_allclose(loaded.class_weights(), [0.36, 2.15, 2.76, 2.40, 3.48], atol=0.005)
    assert np.bincount(loaded.y).tolist() == [82_115, 13_767, 7_463, 10_693, 3_621]


def test_lexnames_refine_the_classes(loaded):
    prefix = {"n": "noun", "v": "verb", "a": "adj", "s": "adj", "r": "adv"}
    found = set(zip(loaded.y.tolist(), loaded.lexnames.tolist(), strict=True))
    assert {(loaded.classes[y], LEXNAMES[name].split(".")[0]) for y, name in found} == set(prefix.items())
    assert len(LEXNAMES) == len(set(loaded.lexnames.tolist())) == 45


def test_a_gloss_that_everybody_can_check(loaded):
    row = loaded.lemmas.index(("dog", "domestic_dog", "Canis_familiaris"))
    assert loaded.texts[row].startswith("a member of the genus Canis")
    assert loaded.texts[row].endswith('"the dog barked all night"')
    assert loaded.sentence(row)[:6] == ["a", "member", "of", "the", "genus", "canis"]
    assert "barked" not in loaded.sentence(row)
    parents = loaded.hypernyms[loaded.hypernyms[:, 0] == row, 1]
    assert [loaded.lemmas[parent][0] for parent in parents] == ["canine", "domestic_animal"]


def test_hypernyms_stay_within_nouns_and_verbs(loaded):
    child, parent = loaded.y[loaded.hypernyms].T
    assert (child == parent).all()
    assert set(child) == {0, 1}
    assert (loaded.hypernyms[:, 0] != loaded.hypernyms[:, 1]).all()


def test_antonyms_stand_in_both_directions(loaded):
    rows = set(map(tuple, loaded.antonyms.tolist()))
    assert len(rows) == 7_604
    assert rows == {(b, a) for a, b in rows}


def test_antonym_words_are_the_lemmas_of_their_rows(loaded):
    for (a, b), (here, there) in zip(loaded.antonyms, loaded.antonym_words, strict=True):
        assert here in loaded.lemmas[a]
        assert there in loaded.lemmas[b]
    assert {("hot", "cold"), ("increase", "decrease"), ("slowly", "quickly")} <= set(loaded.antonym_words)


def test_lemmas_carry_no_marker(loaded):
    assert not [lemma for lemmas in loaded.lemmas for lemma in lemmas if set("() ") & set(lemma) or not lemma]


def test_vocabulary_is_sorted_and_indexed(loaded):
    order = list(zip(-loaded.counts, loaded.vocabulary, strict=True))
    assert order == sorted(order)
    assert [loaded.index[word] for word in loaded.vocabulary] == list(range(len(loaded.vocabulary)))
    np.testing.assert_array_equal(np.bincount(loaded.tokens), loaded.counts)


def test_tokens_of_all_glosses_are_those_of_the_twin(loaded):
    sentences, vocabulary = twins.tokenised(loaded.texts, 2)
    ours = load_glosses(min_count=2)
    assert ours.vocabulary == vocabulary
    assert list(ours.sentences()) == sentences
    assert [ours.sentence(i) for i in (0, 777, -1)] == [sentences[i] for i in (0, 777, -1)]


@given(texts=st.lists(TEXT, min_size=1, max_size=6), min_count=st.integers(1, 3))
@settings(deadline=None)
def test_tokens_of_any_text_are_those_of_the_twin(loaded, texts, min_count):
    ours = small(loaded, texts, min_count)
    assert (list(ours.sentences()), ours.vocabulary) == twins.tokenised(texts, min_count)


@given(texts=st.lists(st.text("abc ", max_size=16), min_size=1, max_size=5), window=st.integers(1, 9))
@settings(deadline=None)
def test_pairs_are_those_of_the_twin(loaded, texts, window):
    ours = small(loaded, texts)
    pairs = ours.pairs(window)
    assert pairs.dtype == np.int32
    assert pairs.shape[1] == 2
    sentences = [[ours.vocabulary.index(word) for word in sentence] for sentence in ours.sentences()]
    assert pairs.tolist() == twins.window_pairs(sentences, window)


def test_a_threshold_above_all_counts_leaves_empty_glosses(loaded):
    ours = small(loaded, ["a b", "c"], min_count=2)
    assert list(ours.sentences()) == [[], []]
    assert ours.pairs().shape == (0, 2)
    assert ours.matrix().shape == (2, 0)


@pytest.mark.parametrize("dtype", ["float32", np.float64, "int8", np.dtype("int64")])
@pytest.mark.parametrize("binary", [True, False])
def test_matrix_counts_words(loaded, dtype, binary):
    texts = ["b a b", "", "c", "a a a b"]
    ours = small(loaded, texts)
    X = ours.matrix(dtype, binary)
    expected = np.array([[text.split().count(word) for word in ours.vocabulary] for text in texts])
    assert X.dtype == np.dtype(dtype)
    assert X.has_canonical_format
    np.testing.assert_array_equal(X.toarray(), expected > 0 if binary else expected)


def test_matrix_of_all_glosses(loaded):
    X = loaded.matrix(binary=False)
    assert X.shape == (117_659, 45_322)
    assert X.indices.dtype == np.int32
    np.testing.assert_array_equal(X.sum(axis=1), np.diff(loaded.offsets))
    np.testing.assert_array_equal(X.sum(axis=0, dtype=np.int64), loaded.counts)
    np.testing.assert_array_equal(X[[777]].indices, np.unique(loaded.tokens[slice(*loaded.offsets[777:779])]))


def test_a_matrix_shares_no_memory_with_the_glosses(loaded):
    X = loaded.matrix()
    assert not np.shares_memory(X.indices, loaded.tokens)
    assert not np.shares_memory(X.indptr, loaded.offsets)


def test_glosses_pickle(loaded):
    again = pickle.loads(pickle.dumps(loaded))
    assert again.vocabulary == loaded.vocabulary
    np.testing.assert_array_equal(again.tokens, loaded.tokens)


@pytest.mark.parametrize(("value", "error"), [(0, ValueError), (-1, ValueError), (1.5, TypeError), ("2", TypeError)])
def test_bad_counts_and_windows(loaded, value, error):
    with pytest.raises(error, match=r"^min_count must be .*got '?-?\d.*; pass 1 or more\.$"):
        load_glosses(min_count=value)
    with pytest.raises(error, match=r"^window must be .*got '?-?\d.*; pass 1 or more\.$"):
        loaded.pairs(window=value)


@pytest.mark.parametrize("dtype", ["float31", "float16", "complex64", "U3", object, bool, None, 3])
def test_bad_dtypes(loaded, dtype):
    with pytest.raises(
        TypeError, match=r"dtype must be float32, float64 or an integer type, got .*; pass one of these"
    ):
        loaded.matrix(dtype)


@pytest.mark.parametrize(("i", "error"), [(117_659, IndexError), (-117_660, IndexError), ("dog", TypeError)])
def test_bad_rows(loaded, i, error):
    with pytest.raises(error, match=r"^i must be .*; pass 0 to 117658\.$"):
        loaded.sentence(i)


def test_a_damaged_file_is_named(monkeypatch, tmp_path):
    (tmp_path / glosses.FILE).write_bytes((table.FILES / glosses.FILE).read_bytes()[:100_000])
    monkeypatch.setattr(glosses, "FILES", tmp_path)
    with pytest.raises(OSError, match=r"glosses\.tsv\.xz is damaged .*pip install --force-reinstall ptembed$"):
        load_glosses()
