"""What the factorisations are measured on: a stream of words of Zipf's law, with topics or without.

Read next: :mod:`ptembed.bench.factors`.
"""

import numpy as np

from ptembed.factor.counts import cooccurrences
from ptembed.factor.weights import ppmi

__all__ = ["association", "topical", "zipf_blocks"]

LENGTH = 100  # words of a text
TOPICLESS = 150  # the most frequent words are in all topics alike


def zipf(n_words):
    """Give the probability of each word."""
    weights = 1 / (np.arange(n_words) + 2.7) ** 1.05
    return weights / weights.sum()


def zipf_blocks(n_tokens, n_words, block=1_000_000, seed=0):
    """Give tokens and offsets, block after block, each word drawn for itself."""
    rng, edges = np.random.default_rng(seed), np.cumsum(zipf(n_words))
    for start in range(0, n_tokens, block):
        size = min(block, n_tokens - start)
        tokens = np.searchsorted(edges, rng.random(size) * edges[-1]).astype(np.int32)
        yield tokens, np.append(np.arange(0, size, LENGTH), size)


def topical(n_tokens, n_words, n_topics=100, seed=0):
    """Give tokens and offsets of texts of a few topics, each of which prefers a fiftieth of the words."""
    rng, base = np.random.default_rng(seed), zipf(n_words)
    edges = np.empty((n_topics, n_words))
    for t in range(n_topics):
        liked = rng.choice(np.arange(min(TOPICLESS, n_words // 10), n_words), n_words // 50, replace=False)
        weights = base.copy()
        weights[liked] *= 1 + rng.gamma(2.0, 15.0, len(liked))
        edges[t] = np.cumsum(weights / weights.sum())
    n_texts = n_tokens // LENGTH
    topics = rng.integers(0, n_topics, (n_texts, 3))
    of_token = np.take_along_axis(topics, rng.integers(0, 3, (n_texts, LENGTH)), axis=1).ravel()
    tokens, draws = np.empty(n_texts * LENGTH, np.int32), rng.random(n_texts * LENGTH)
    for t in range(n_topics):
        tokens[of_token == t] = np.searchsorted(edges[t], draws[of_token == t])
    return tokens.clip(0, n_words - 1), np.arange(0, n_texts * LENGTH + 1, LENGTH)


def association(n_words, n_nonzeros, n_tokens, seed=0):
    """Give a PPMI matrix of topical texts that has at most ``n_nonzeros``, the largest, float32."""
    X = ppmi(cooccurrences(topical(n_tokens, n_words, seed=seed), n_words))
    if X.nnz > n_nonzeros:
        X.data[X.data < np.partition(X.data, -n_nonzeros)[-n_nonzeros]] = 0
        X.eliminate_zeros()
    return X
