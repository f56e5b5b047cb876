"""Memory and time of clusters with pairs, each in a fresh process that imports no more than it needs.

Read next: :mod:`ptembed.bench.constrained`.
"""

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from ptembed.bench.constrained_data import planted_graph
from ptembed.bench.row_memory import STATUS, _kilobytes
from ptembed.factor.affinity import Graph, nearest_graph
from ptembed.factor.constrained import constrained
from ptembed.factor.constraints import constraint_matrix, pairs_of_labels
from ptembed.factor.propagation import Affinity

__all__ = ["costs", "large_costs"]


def costs(X, y, k, neighbours, pairs, iterations, n_threads):
    """Give peak bytes or None, wall and CPU seconds, and iterations of a fit from sparse rows on."""
    return _fresh(_costs, X, y, k, neighbours, pairs, iterations, n_threads)


def large_costs(n, k, neighbours, iterations):
    """Give peak bytes or None, and wall seconds of a start and some iterations on a large graph, with two threads."""
    return _fresh(_large_costs, n, k, neighbours, iterations)


def _costs(X, y, k, neighbours, pairs, iterations, n_threads):
    _warm(n_threads)
    before = np.array([time.perf_counter(), time.process_time()])
    W = constraint_matrix(len(y), *pairs_of_labels(y, pairs))
    A = Affinity(Graph(nearest_graph(X, neighbours, n_threads), n_threads), W, n_threads=n_threads)
    found = constrained(A, k, max_iter=iterations, n_threads=n_threads)
    taken = np.array([time.perf_counter(), time.process_time()]) - before
    return _peak(), *taken, len(found.objectives)


def _large_costs(n, k, neighbours, iterations):
    S, y = planted_graph(n, k, neighbours)
    W = constraint_matrix(len(y), *pairs_of_labels(y, n // 2))
    A = Affinity(Graph(S, 2), W, n_threads=2)
    del S, W
    before = time.perf_counter()
    constrained(A, k, max_iter=iterations, tol=0, n_threads=2)
    return _peak(), time.perf_counter() - before


def _warm(n_threads):
    """Load what is compiled."""
    S, y = planted_graph(60, 3, 5)
    A = Affinity(Graph(S, n_threads), constraint_matrix(60, *pairs_of_labels(y, 20)), n_threads=n_threads)
    constrained(A, 3, max_iter=2, n_threads=n_threads)
    nearest_graph(S, 3, n_threads)


def _fresh(work, *arguments):
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
        return fresh.submit(work, *arguments).result()


def _peak():
    return 1024 * _kilobytes("VmHWM") if STATUS.exists() else None
