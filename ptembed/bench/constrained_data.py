"""A large graph with classes, for what clusters with pairs cost.

Read next: :mod:`ptembed.bench.constrained`.
"""

import numpy as np
import scipy.sparse as sp

__all__ = ["planted_graph"]


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
