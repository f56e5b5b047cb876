"""What word vectors of the glosses are worth: Spearman's correlation with WordSim-353, which gensim brings along.

Each treatment of the counts and each kind of factor is one row, scored on all pairs and on those of which a word is
rare. Read next: :mod:`ptembed.bench.factors`.
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


def scores(d=300, k=300, max_iter=12, size=None):
    """Give rows (name, correlation, correlation of pairs with a rare word), and (pairs found, of which rare)."""
    index, counts, *arrays = numbered(entries(load_glosses())[:size], min_count=3)
    near, whole = (_apart(cooccurrences(arrays, len(index), window=window)) for window in (5, None))
    a, b, human = _pairs(index)
    rare = np.minimum(counts[a], counts[b]) < RARE
    rows = []

    def score(name, E):
        F = unit_rows(E)
        cosines = (F[a] * F[b]).sum(axis=1)
        rows.append((name, *(float(spearmanr(cosines[s], human[s])[0]) for s in (slice(None), rare))))

    score(f"raw counts of texts, SVD {d}", _svd(whole, d))
    treatments = {
        "PPMI, window 5": ppmi(near),
        "PPMI, window 5, rare words backed off to texts": ppmi(back_off(near, whole, 100)),
        "PPMI, texts": ppmi(whole),
        "PPMI, texts, power 1": ppmi(whole, power=1),
        "PPMI, texts, smoothed by 100": ppmi(whole, smoothing=100),
        "PPMI, texts, few counts discounted": ppmi(discounted(whole, 1, 100)),
        "PPMI, texts, pairs seen once left out": ppmi(thresholded(whole, 2)),
        "PPMI, texts, shifted by log 5": ppmi(whole, shift=5),
    }
    for name, weights in treatments.items():
        score(f"{name}, SVD {d}", _svd(weights, d))
    for name in ("PPMI, texts", "PPMI, texts, shifted by log 5"):
        W, H, _ = nmf(treatments[name], k, start="random", max_iter=max_iter)
        score(f"{name}, NMF {k}", W)
        scaled = W * np.linalg.norm(H, axis=0)
        score(f"{name}, NMF {k}, scaled", scaled)
        score(f"{name}, NMF {k}, scaled, root", np.sqrt(scaled))
    return rows, (len(human), int(rare.sum()))


def _apart(X):
    X.setdiag(0)
    X.eliminate_zeros()
    return X


def _svd(weights, d):
    U, S, _ = randomized_svd(SparseProducts(weights), d, np.random.default_rng(0))
    return U * np.sqrt(S)


def _pairs(index):
    """Give the numbers of the words and what people said of each pair of WordSim-353 that is in the vocabulary."""
    from gensim.test.utils import datapath

    with open(datapath("wordsim353.tsv"), encoding="utf8") as lines:
        cells = [line.lower().split() for line in lines if not line.startswith("#")]
    known = [(index[a], index[b], float(score)) for a, b, score in cells if a in index and b in index]
    a, b, human = zip(*known, strict=True)
    return np.array(a), np.array(b), np.array(human)
