"""Glosses as entries of a dictionary."""

from ptembed.data import load_glosses
from ptembed.data.entries import entries


def test_lemmas_definition_and_examples():
    glosses = load_glosses()
    whole, short = entries(glosses), entries(glosses, examples=False, kinds=False)
    row = next(i for i, text in enumerate(glosses.texts) if '"' in text and "_" in glosses.lemmas[i][0])
    words = glosses.lemmas[row][0].lower().replace("_", " ").split()
    assert whole[row][: len(words)] == short[row][: len(words)] == words
    assert len(whole[row]) > len(short[row]) and len(whole) == len(short) == len(glosses)
    assert all(entry[-len(glosses.sentence(i)) :] == glosses.sentence(i) for i, entry in enumerate(short[:100]))
    kinds, (child, parent) = entries(glosses, examples=False), glosses.hypernyms[0]
    added = [glosses.lemmas[p] for c, p in glosses.hypernyms if c == child]
    expected = [word for lemmas in added for lemma in lemmas for word in lemma.lower().split("_")]
    assert kinds[child][len(short[child]) :] == expected and tuple(glosses.lemmas[parent]) in added
