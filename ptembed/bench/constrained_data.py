"""What clusters with pairs are measured on: films by genre, glosses by word class, and a large graph with classes.

Read next: :mod:`ptembed.bench.constrained`.
"""

import numpy as np
import scipy.sparse as sp

from ptembed.data import load_films, load_glosses

__all__ = ["films_by_genre", "glosses_by_class", "planted_graph"]

TOO_WIDE = "genre:Drama"  # half of all films


def films_by_genre(size=None, seed=0):
    """Give films that have a genre beside drama, in random order.

    Parameters
    ----------
    size : int, optional
        How many at most.
    seed : int

    Returns
    -------
    X : csr_array of float32, shape (n, d)
        Their attributes but the genres, the rarer the heavier.
    y : int array, shape (n,)
        The rarest genre of each.
    genres : list of str
    titles : list of str
    """
    films = load_films()
    genres = [name for name in films.attributes if name.startswith("genre:") and name != TOO_WIDE]
    has = films.matrix[:, [films.index[name] for name in genres]].toarray() > 0
    kept = np.random.default_rng(seed).permutation(np.flatnonzero(has.any(axis=1)))[:size]
    rest = [i for i, name in enumerate(films.attributes) if not name.startswith("genre:")]
    y = len(genres) - 1 - has[kept][:, ::-1].argmax(axis=1)
    return _weighed(films.matrix[kept][:, rest]), y, [name[6:] for name in genres], [films.titles[i] for i in kept]


def glosses_by_class(size=30_000, seed=0):
    """Give glosses in random order: X, shape (n, words), and their word classes, both kinds of adjectives being one."""
    glosses = load_glosses(min_count=2)
    X = glosses.matrix()
    kept = np.random.default_rng(seed).permutation(np.flatnonzero(np.diff(X.indptr)))[:size]
    satellite, adjective = glosses.classes.index("s"), glosses.classes.index("a")
    y = glosses.y[kept].astype(int)
    return _weighed(X[kept]), np.where(y == satellite, adjective, y)


def planted_graph(n, n_classes, degree=20, inside=0.7, seed=0):
    """Give a graph in which each sample names ``degree`` others, most of its class, and the classes."""
    rng = np.random.default_rng(seed)
    y = np.sort(rng.integers(0, n_classes, n))
    starts = np.searchsorted(y, np.arange(n_classes + 1))
    others = np.empty((n, degree), np.int32)
    for t in range(n_classes):
        rows = slice(starts[t], starts[t + 1])
        others[rows] = rng.integers(starts[t], max(starts[t + 1], starts[t] + 1), others[rows].shape, np.int32)
    far = rng.random(others.shape, np.float32) > inside
    others[far] = rng.integers(0, n, np.count_nonzero(far), np.int32)
    mixed = rng.permutation(n).astype(np.int32)
    rows = np.argsort(mixed)
    others = mixed[others[rows]].ravel()
    S = sp.csr_array((np.ones(n * degree, np.float32), others, np.arange(0, n * degree + 1, degree)), shape=(n, n))
    S.sum_duplicates()
    return sp.csr_array(S + S.T), y[rows]


def _weighed(X):
    idf = np.log(X.shape[0] / np.maximum(np.asarray(X.sum(axis=0)).ravel(), 1)).astype(np.float32)
    return sp.csr_array(X * idf)
