"""What pairs do for the purity of clusters: of all samples, of those in no pair, and of those that come later.

Read next: :mod:`ptembed.bench.constrained`.
"""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from ptembed.evaluate import constraint_satisfaction, nmi, purity
from ptembed.factor.affinity import Graph, joined, nearest_graph
from ptembed.factor.constrained import constrained, labels_of, transform
from ptembed.factor.constraints import constraint_matrix, pairs_of_labels
from ptembed.factor.neighbours import Neighbours
from ptembed.factor.propagation import Affinity

__all__ = ["TABLE", "Scores", "scored"]

TABLE = ("pairs", "form", "purity", "NMI", "without a label", "unseen", "joint", "liked", "disliked")
PUBLISHED = "S + W"
SPREAD = "S + T W T"


class Scores(NamedTuple):
    """What one fit is worth; None where there is nothing to score.

    Attributes
    ----------
    pairs, form : str
    purity, nmi : float
    unlabelled, unseen, joint : float or None
        Purity of samples in no pair, of samples that come later, and of these in a joint fit.
    liked, disliked : float or None
        Shares of the pairs that the clusters keep.
    """

    pairs: str
    form: str
    purity: float
    nmi: float
    unlabelled: float | None
    unseen: float
    joint: float | None
    liked: float | None
    disliked: float | None


def scored(X, y, sizes, rounds=1):
    """Give the scores of fits to three quarters of the samples, with pairs of each kind: the means over some rounds."""
    found = [_round(X, y, sizes, seed) for seed in range(rounds)]
    return [Scores(*(_mean(values) for values in zip(*rows, strict=True))) for rows in zip(*found, strict=True)]


def _mean(values):
    return values[0] if isinstance(values[0], str | None) else float(np.mean(values))


def _round(X, y, sizes, seed):
    n, rng = len(y) * 3 // 4, np.random.default_rng(seed)
    order = rng.permutation(len(y))
    X, y = X[order], y[order]
    whole = nearest_graph(X, sizes.neighbours)
    nearest = Neighbours(X[:n])
    S = Graph(nearest_graph(nearest, sizes.neighbours))
    new = joined(*nearest.near(X[n:], sizes.neighbours), n)
    rows = [_scores("none", "S", S, whole, new, y, np.zeros(n, bool), (), sizes, joint=True)]
    for words, labelled, count in _constraints(n, sizes, rng):
        drawn = pairs_of_labels(np.where(labelled, y[:n], -1), count, rng)
        for form in (PUBLISHED, SPREAD):
            rows.append(_scores(words, form, S, whole, new, y, labelled, drawn, sizes, form == SPREAD))
    return rows


def _constraints(n, sizes, rng):
    """Give what is known: in words, which samples have a label, and how many pairs of each kind."""
    some = np.zeros(n, bool)
    order = rng.permutation(n)
    yield "1 % of all pairs", ~some, min(n * (n - 1) // 400, 10 * sizes.pairs)
    for share in (0.01, 0.2):
        some[order[: max(int(share * n), 4)]] = True
        yield f"{share * 100:.0f} % of the labels", some.copy(), sizes.pairs


def _scores(words, form, S, whole, new, y, labelled, drawn, sizes, joint):
    n = S.shape[0]
    W = constraint_matrix(n, *drawn) if drawn else None
    steps = {} if form == SPREAD else {"steps": 0}
    A = Affinity(S, W, **steps)
    U, C, _ = constrained(A, sizes.n_clusters, max_iter=sizes.score_iterations)
    of, later = labels_of(U, C), labels_of(transform(A, U, C, new), C)
    together = None
    if joint:
        more = None if W is None else sp.csr_array(sp.block_diag([W, sp.csr_array((len(y) - n,) * 2)]))
        found = constrained(Affinity(Graph(whole), more, **steps), sizes.n_clusters, max_iter=sizes.score_iterations)
        together = purity(y[n:], labels_of(found.U, found.C)[n:])
    kept = constraint_satisfaction(of, *drawn) if drawn else (None, None)
    free = ~labelled
    unlabelled = purity(y[:n][free], of[free]) if free.any() else None
    return Scores(words, form, purity(y[:n], of), nmi(y[:n], of), unlabelled, purity(y[n:], later), together, *kept)
