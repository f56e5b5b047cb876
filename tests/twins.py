"""Slow, obviously right NumPy and Python twins of the fast routines."""

import re
from collections import Counter

# ---- data


def tokenised(texts, min_count):
    """Sentences of words, one a text, and the vocabulary, most frequent first."""
    sentences = [re.findall(r"[a-z]+(?:-[a-z]+)*", re.sub(r'"[^"]*"', " ", text.lower())) for text in texts]
    counts = Counter(word for sentence in sentences for word in sentence)
    vocabulary = sorted((word for word in counts if counts[word] >= min_count), key=lambda word: (-counts[word], word))
    return [[word for word in sentence if counts[word] >= min_count] for sentence in sentences], vocabulary


def window_pairs(sentences, window):
    """[left, right] for each two tokens of one sentence that are at most `window` apart."""
    return [
        [left, right]
        for sentence in sentences
        for place, left in enumerate(sentence)
        for right in sentence[place + 1 : place + 1 + window]
    ]
