"""Films and glosses with one class each: what classifiers and clusters are tried on.

Read next: :mod:`ptembed.data.films`, :mod:`ptembed.data.glosses`.
"""

from typing import Any

import numpy as np
import scipy.sparse as sp

from ptembed.data.films import load_films
from ptembed.data.glosses import load_glosses

__all__ = ["films_by_genre", "glosses_by_class"]

TOO_WIDE = "genre:Drama"  # half of all films


def films_by_genre(size: int | None = None, seed: int = 0) -> Any:
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


def glosses_by_class(size: int | None = 30_000, seed: int = 0) -> Any:
    """Give glosses in random order: X, shape (n, words), and their word classes, both kinds of adjectives being one."""
    glosses = load_glosses(min_count=2)
    X = glosses.matrix()
    kept = np.random.default_rng(seed).permutation(np.flatnonzero(np.diff(X.indptr)))[:size]
    satellite, adjective = glosses.classes.index("s"), glosses.classes.index("a")
    y = glosses.y[kept].astype(int)
    return _weighed(X[kept]), np.where(y == satellite, adjective, y)


def _weighed(X):
    idf = np.log(X.shape[0] / np.maximum(np.asarray(X.sum(axis=0)).ravel(), 1)).astype(np.float32)
    return sp.csr_array(X * idf)
