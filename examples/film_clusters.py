"""Films in clusters, with pairs that are alike and pairs that are not, drawn from the genres of a few of them.

The graph joins films of the same people, countries, languages and decades; it does not see the genres. Some films are
labelled by their genre; pairs of these are liked or disliked. The clusters of all others, and of films that came later,
tell how far the pairs speak. Needs ``ptembed[learn]``.

    python examples/film_clusters.py --labelled 0.2
"""

import argparse
import time

import numpy as np

from ptembed.data.labelled import films_by_genre
from ptembed.estimators import ConstrainedNMF
from ptembed.evaluate import nmi, purity


def main(labelled=0.2, n_clusters=20, size=None, n_pairs=100_000, max_iter=60):
    """Print and give what the clusters are worth.

    Parameters
    ----------
    labelled : float
        The share of films whose genre is known.
    n_clusters : int
    size : int, optional
        How many films.
    n_pairs : int
        Of each kind, at most.
    max_iter : int

    Returns
    -------
    dict of str to tuple of float
        Purity among all films of the fit, among those without a label, and among the later films.
    """
    X, y, genres, titles = films_by_genre(size)
    n = len(y) * 9 // 10
    known = np.where(np.arange(n) < labelled * n, y[:n], -1)
    found = {}
    for name, labels in (("no pairs", None), ("pairs of labelled films", known)):
        start = time.perf_counter()
        model = ConstrainedNMF(n_clusters, n_pairs=n_pairs, max_iter=max_iter, random_state=0).fit(X[:n], labels)
        of, later = model.labels_, model.predict(X[n:])
        free = known < 0
        found[name] = purity(y[:n], of), purity(y[:n][free], of[free]), purity(y[n:], later)
        seconds, shared = time.perf_counter() - start, nmi(y[:n], of)
        print(f"{name}: {seconds:.0f} s, nmi {shared:.3f}, purity {found[name][0]:.3f}; "
              f"without a label {found[name][1]:.3f}, later films {found[name][2]:.3f}")  # fmt: skip
    for t in range(min(n_clusters, 8)):
        inside = np.flatnonzero(of == t)
        if len(inside):
            genre = genres[np.bincount(y[inside]).argmax()]
            first = inside[np.argsort(-model.embedding_[inside, t], kind="stable")][:4]
            print(f"{genre}, {len(inside)} films: {', '.join(titles[i] for i in first)}")
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labelled", type=float, default=0.2, help="share of films whose genre is known")
    parser.add_argument("--clusters", type=int, default=20)
    options = parser.parse_args()
    main(options.labelled, options.clusters)
