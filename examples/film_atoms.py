"""Films by a handful of atoms: genres, countries, decades, and people that go together, learnt from 17,472 films.

An atom is a list of attributes with weights; a film is a sum of a few of them. Attributes are weighted by how rare they
are, atoms learnt by K-SVD without negative numbers, so that an atom can only add, and films are grouped by their codes.
All is sparse throughout. Needs ``ptembed[learn]``.

    python examples/film_atoms.py "Blade Runner" Ran "Annie Hall"
"""

import argparse
import time

import numpy as np

from ptembed.data import load_films
from ptembed.estimators import DictionaryLearner
from ptembed.estimators.sparse_coder import code_clusters
from ptembed.factor.weights import tfidf

TITLES = ("Blade Runner", "Ran", "Annie Hall", "Monty Python and the Holy Grail", "The Good, the Bad and the Ugly")


def main(titles=TITLES, size=None, n_atoms=250, n_nonzero=5, max_iter=20, n_clusters=12, min_count=20):
    """Print and give films by their atoms, and groups of films.

    Parameters
    ----------
    titles : sequence of str
    size : int, optional
        Take only the first films.
    n_atoms, n_nonzero, max_iter : int
        Atoms, of which a film has at most ``n_nonzero``.
    n_clusters : int
    min_count : int
        Attributes of fewer films are left out.

    Returns
    -------
    described : dict of str to list of (float, list of str)
        The weights and the main attributes of a film's atoms, the heaviest first.
    left : float
        The share of the sum of squares that the codes leave.
    groups : list of list of str
        The main attributes of each group.
    """
    films = load_films(min_count=min_count)
    X = tfidf(films.matrix[:size])
    start = time.perf_counter()
    model = DictionaryLearner(
        n_atoms, n_nonzero_coefs=n_nonzero, positive_code=True, max_iter=max_iter, random_state=0
    ).fit(X)
    C, left = model.transform(X), float(model.error_.min() / (X * X).sum())
    names = [heaviest(atom, films.attributes) for atom in model.components_]
    print(f"{X.shape[0]:,} films, {X.shape[1]:,} attributes: {n_atoms} atoms, {time.perf_counter() - start:.0f} s")
    print(f"{C.nnz / X.shape[0]:.1f} atoms a film leave {left:.0%} of the squares\n")
    described = {title: atoms_of(C[[films.titles.index(title)]], names) for title in titles}
    for title, atoms in described.items():
        print(f"{title}: " + "; ".join(f"{weight:.2f} {', '.join(name)}" for weight, name in atoms))
    labels, centres = code_clusters(C, n_clusters, random_state=0)
    groups = [heaviest(centre @ model.components_, films.attributes) for centre in centres]
    print()
    for kind in np.argsort(-np.bincount(labels[labels >= 0], minlength=n_clusters)):
        print(f"{(labels == kind).sum():,} films: {', '.join(groups[kind])}")
    return described, left, groups


def heaviest(weights, attributes, most=4, share=0.3):
    """Give the names of what weighs most, down to a share of the first."""
    order = np.argsort(-weights)[:most]
    return list(dict.fromkeys(named(attributes[j]) for j in order if weights[j] >= share * weights[order[0]]))


def named(attribute):
    """Give the name of an attribute: "Western" of "genre:Western", "1960s" of "decade:1960"."""
    kind, _, name = attribute.partition(":")
    return f"{name}s" if kind == "decade" else name


def atoms_of(code, names):
    """Give the weights and the names of the atoms of a film, but those that hardly weigh."""
    order = np.argsort(-code.data)
    return [(float(code.data[q]), names[code.indices[q]]) for q in order if code.data[q] >= 0.01]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("titles", nargs="*", default=TITLES, help="films to describe")
    parser.add_argument("--size", type=int, help="take only the first films")
    options = parser.parse_args()
    main(options.titles, options.size)
