"""gensim's ``KeyedVectors`` from words and vectors, and back.

Read first :mod:`ptembed.io.word2vec`, which needs no gensim.
"""

from collections.abc import Iterable
from typing import Any

from ptembed.extras import needs
from ptembed.io.named import Named, named
from ptembed.kinds import Matrix

__all__ = ["from_keyed_vectors", "to_keyed_vectors"]


def to_keyed_vectors(words: Iterable[str], E: Matrix) -> Any:
    """Give a ``gensim.models.KeyedVectors`` of these words, in this order.

    Raises
    ------
    TypeError, ValueError
        When words and vectors do not fit.
    ImportError
        Where gensim is not installed.
    """
    words, E = named(words, E)
    vectors = needs("gensim.models", "gensim").KeyedVectors(E.shape[1], dtype=E.dtype)
    vectors.add_vectors(words, E)
    return vectors


def from_keyed_vectors(vectors: Any) -> Named:
    """Give the words and vectors of a ``KeyedVectors``, of all it has, in its order.

    Raises
    ------
    TypeError
        When it is none.
    """
    if not (hasattr(vectors, "index_to_key") and hasattr(vectors, "vectors")):
        kind = type(vectors).__name__
        raise TypeError(f"must be gensim's KeyedVectors, got {kind}: of a Word2Vec model, give model.wv")
    return named(vectors.index_to_key, vectors.vectors)
