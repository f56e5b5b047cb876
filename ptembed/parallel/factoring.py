r"""Non-negative factors of a sparse matrix, by the threads of this process or the machines of a cluster.

Each actor holds some rows of X and some columns, with as many non-zeros as the others. For an update of W all get H,
and each its rows of W: it multiplies, goes over its rows, and gives them back. Rows do not meet in an update, so the
numbers are those of one process. An iteration moves O((m + n) k) numbers to each machine; X never moves again.

Read next: :mod:`ptembed.factor.nmf`, :mod:`ptembed.factor.nmf_updates`.
"""

import itertools
from typing import Any

import numpy as np
import scipy.sparse as sp

from ptembed.arguments import at_least_one
from ptembed.factor import nmf as room
from ptembed.factor.nmf_updates import hals, multiplicative
from ptembed.factor.products import Panels, Parts, sum_of_squares
from ptembed.kinds import Matrix
from ptembed.parallel.counting import check_place
from ptembed.parallel.ray_cluster import connected, place

__all__ = ["nmf"]


def nmf(X: Matrix, k: int, *, workers: int = 1, on: str = "threads", **options: Any) -> Any:
    """Factor a sparse matrix into two non-negative ones.

    Parameters
    ----------
    X, k, **options
        Of :func:`ptembed.factor.nmf.nmf`; on Ray without ``hoyer`` and ``zero_weight``.
    workers : int
        How many threads, or actors.
    on : {"threads", "ray"}
        "ray": on the cluster that ``ray.init`` or :func:`ptembed.parallel.connect` has connected to.

    Returns
    -------
    ptembed.factor.nmf.Factors
        The same wherever they are computed, but for the rounding of the objectives.

    Raises
    ------
    TypeError, ValueError
        As the function above does, for another place, and for options that Ray does not take.
    RuntimeError
        When there is no connection to a cluster, or no room on it.

    Examples
    --------
    >>> X = sp.csr_array([[2.0, 4, 0, 0], [1, 2, 0, 0], [0, 0, 3, 1]])
    >>> W, H, objectives = nmf(X, 2, workers=2)
    >>> (W @ H.T).round(3) + 0.0
    array([[2., 4., 0., 0.],
           [1., 2., 0., 0.],
           [0., 0., 3., 1.]])
    """
    check_place(on)
    workers = at_least_one(workers, "workers")
    if on == "threads":
        return room.nmf(X, k, n_threads=workers, **options)
    ray, made = connected(), list[RayHalves]()

    def begun(X, options):
        made.append(RayHalves(X, options, workers))
        return made[0]

    try:
        return room.nmf(X, k, halves=begun, **options)
    finally:
        for halves in made:
            for actor in halves.actors:
                ray.kill(actor)


class RayHalves:
    """The two half problems on Ray; see :class:`ptembed.factor.nmf.Halves`.

    Parameters
    ----------
    X : csr_array or csc_array, shape (m, n)
    options : ptembed.factor.nmf.Options
    workers : int

    Attributes
    ----------
    products : RayHalves
        Itself: it also has the products that a start needs.
    """

    def __init__(self, X, options, workers):
        if options.zero_weight < 1 or options.hoyer != (None, None):
            raise ValueError("on Ray there must be no hoyer and a zero_weight of 1: factor on threads")
        self.products, self.options, self.shape, self.dtype = self, options, X.shape, X.dtype
        self.squares = sum_of_squares(X.data)
        sides = sp.csr_array(X), sp.csr_array(X.T)
        self.cuts = [_cuts(side, workers) for side in sides]
        parts = zip(*([side[a:b] for a, b in cuts] for side, cuts in zip(sides, self.cuts, strict=True)), strict=True)
        self.ray, self.actors = connected(), place(Part, [(*part, options) for part in parts])

    def update_W(self, W, H):
        return self._update(0, W, H)

    def update_H(self, W, H):
        return self._update(1, H, W)

    def dot(self, B, out):
        return self._dot(0, B, out)

    def transposed_dot(self, B, out):
        return self._dot(1, B, out)

    def _update(self, side, F, other):
        G = other.T @ other
        B = self.ray.put(other)
        asked = [
            actor.update.remote(side, F[a:b], B, G)
            for actor, (a, b) in zip(self.actors, self.cuts[side], strict=True)
        ]  # fmt: skip
        fitted = 0.0
        for (a, b), (part, value) in zip(self.cuts[side], self.ray.get(asked), strict=True):
            F[a:b] = part
            fitted += value
        inner = float(np.einsum("ij,ij->", G, F.T @ F, dtype=np.float64))
        return 0.5 * self.squares - fitted + 0.5 * inner

    def _dot(self, side, B, out):
        B = self.ray.put(B)
        parts = self.ray.get([actor.dot.remote(side, B) for actor in self.actors])
        return np.concatenate(parts, out=out)


def _cuts(A, workers):
    """Cut the rows of a CSR matrix into ranges of about as many non-zeros."""
    goals = np.linspace(0, A.nnz, workers + 1)[1:-1]
    bounds = [0, *np.searchsorted(A.indptr[1:], goals).tolist(), A.shape[0]]
    return list(itertools.pairwise(bounds))


class Part:
    """What an actor has: some rows of X, and of its transpose, and the updates of these rows."""

    def __init__(self, rows, columns, options):
        self.panels = [Panels.of_rows(rows), Panels.of_rows(columns)]
        self.parts = [Parts(panels.lengths()) for panels in self.panels]
        self.options = options

    def dot(self, side, B):
        panels = self.panels[side]
        return panels.dot(B, np.empty((len(panels.lengths()), B.shape[1]), B.dtype), self.parts[side])

    def update(self, side, F, other, G):
        """Give the updated rows, and their inner product with those of the product."""
        F, P, l1 = F.copy(), self.dot(side, other), self.options.l1[side]
        if self.options.update == "hals":
            return F, hals(F, P, G, l1, self.parts[side], self.options.sweeps)
        return F, multiplicative(F, P, G, l1)
