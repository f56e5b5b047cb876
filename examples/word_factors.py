"""Words from the glosses of WordNet: the neighbours of a word, and topics with their words.

Each gloss is an entry of a dictionary, the words defined in front. Words that stand in one entry are counted, the
counts weighed by PPMI, and the weights factored: by an SVD for the neighbours, by sparse non-negative factors for the
topics. Needs ``ptembed[learn]``.

    python examples/word_factors.py coach piano river
"""

import argparse
import time

from ptembed.data import load_glosses
from ptembed.data.entries import entries
from ptembed.estimators import CooccurrenceVectors


def main(words=("coach",), size=None, n_components=100, n_topics=100, max_iter=40):
    """Print and give the neighbours of words and the topics.

    Parameters
    ----------
    words : sequence of str
    size : int, optional
        Take only the first glosses.
    n_components, n_topics : int
    max_iter : int
        Of the non-negative factors.

    Returns
    -------
    dict of str to list of str, and list of lists of str
    """
    texts = entries(load_glosses())[:size]
    options = {"window": None, "min_count": 3, "random_state": 0}
    start = time.perf_counter()
    near = CooccurrenceVectors(n_components, eigen_power=0.5, **options).fit(texts)
    print(f"{len(texts):,} entries, {len(near.words_):,} words, {time.perf_counter() - start:.0f} s", flush=True)
    neighbours = {word: [other for other, _ in near.most_similar(word, 8)] for word in words}
    for word, others in neighbours.items():
        print(f"{word}: {', '.join(others)}", flush=True)
    topics = CooccurrenceVectors(n_topics, factors="nmf", max_iter=max_iter, **options).fit(texts)
    named = [topics.words_[i] for i in topics.vectors_.argmax(axis=0)]
    lists = topics.topics(8)
    for name, topic in zip(named[:12], lists, strict=False):
        print(f"topic of {name}: {', '.join(topic[1:])}")
    print(f"{(topics.vectors_ == 0).mean():.0%} of the numbers of the topics are zero")
    return neighbours, lists


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", default=["coach"], help="whose neighbours are sought")
    parser.add_argument("--size", type=int, help="take only the first glosses")
    options = parser.parse_args()
    main(options.words, options.size)
