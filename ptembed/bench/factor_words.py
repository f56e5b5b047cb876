"""What word vectors of the glosses are worth: Spearman's correlation with WordSim-353 and SimLex-999.

Both lists come with gensim. Each treatment of the counts is one row beside the counts without it, and so is each kind
of factor; a row is scored on all pairs and on the pairs of WordSim of which a word is rare.

Read next: :mod:`ptembed.bench.factors`.
"""

import numpy as np
from scipy.stats import spearmanr

from ptembed.data import load_glosses
from ptembed.data.entries import entries
from ptembed.factor.counts import cooccurrences
from ptembed.factor.neighbours import unit_rows
from ptembed.factor.nmf import nmf
from ptembed.factor.nmf_starts import randomized_svd
from ptembed.factor.products import SparseProducts
from ptembed.factor.vocabulary import numbered
from ptembed.factor.weights import back_off, discounted, ppmi, thresholded

__all__ = ["scores"]

RARE = 100


LISTS = ("wordsim353.tsv", "simlex999.txt")


def scores(d=100, k=300, max_iter=12, size=None):
    """Give rows (name, WordSim, its pairs with a rare word, SimLex), and how many pairs of each there are."""
    index, counts, *arrays = numbered(entries(load_glosses())[:size], min_count=3)
    near, whole = (_apart(cooccurrences(arrays, len(index), window=window)) for window in (5, None))
    (a, b, human), similar = (_pairs(index, name) for name in LISTS)
    rare = np.minimum(counts[a], counts[b]) < RARE
    lists, rows = ((a, b, human), (a[rare], b[rare], human[rare]), similar), []

    def score(name, E):
        F = unit_rows(E)
        rows.append((name, *(float(spearmanr((F[u] * F[v]).sum(axis=1), said)[0]) for u, v, said in lists)))

    for name, weights in treatments(near, whole):
        score(f"{name}, SVD {d}", _svd(weights, d))
    for name, X in (("PPMI, texts", whole), ("PPMI, texts, few counts discounted", discounted(whole, 1, 100))):
        score(f"{name}, SVD {k}", _svd(ppmi(X), k))
    for name, shift in (("PPMI, texts", 1), ("PPMI, texts, shifted by log 5", 5)):
        W, H, _ = nmf(ppmi(whole, shift), k, start="random", max_iter=max_iter)
        scaled = W * np.linalg.norm(H, axis=0)
        for how, E in (("", W), (", scaled", scaled), (", scaled, root", np.sqrt(scaled))):
            score(f"{name}, NMF {k}{how}", E)
    return rows, tuple(len(said) for _, _, said in lists)


def treatments(near, whole):
    """Give names and weights, one after the other, of counts within windows and of those within texts."""
    yield "raw counts of texts", whole
    for where, X in (("window 5", near), ("texts", whole)):
        yield f"PPMI, {where}", ppmi(X)
        yield f"PPMI, {where}, power 1", ppmi(X, power=1)
        yield f"PPMI, {where}, smoothed by 100", ppmi(X, smoothing=100)
        yield f"PPMI, {where}, few counts discounted", ppmi(discounted(X, 1, 100))
        yield f"PPMI, {where}, pairs seen once left out", ppmi(thresholded(X, 2))
    yield "PPMI, window 5, rare words backed off to texts", ppmi(back_off(near, whole, 100))
    yield "PPMI, texts, shifted by log 5", ppmi(whole, shift=5)


def _apart(X):
    X.setdiag(0)
    X.eliminate_zeros()
    return X


def _svd(weights, d):
    U, S, _ = randomized_svd(SparseProducts(weights), d, np.random.default_rng(0))
    return U * np.sqrt(S)


def _pairs(index, name):
    """Give the numbers of the words and what people said of each pair of a list that is in the vocabulary."""
    from gensim.test.utils import datapath

    with open(datapath(name), encoding="utf8") as lines:
        cells = [line.lower().split() for line in lines if not line.startswith("#")]
    known = [(index[a], index[b], float(score)) for a, b, score in cells if a in index and b in index]
    a, b, human = zip(*known, strict=True)
    return np.array(a), np.array(b), np.array(human)
