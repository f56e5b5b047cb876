r"""Non-negative factors from a stream of rows, a minibatch at a time.

Of what has been seen two sums are kept: :math:`A = \sum W_b^T W_b` (k, k) and :math:`B = \sum X_b^T W_b` (n, k). A
batch is coded with H fixed, added to the sums, and H takes an update from them as it would from the whole matrix
(Mairal et al. 2010). O(s k + n k^2) a batch, memory for H, A, B and the batch. The sums fade, since the codes of early
batches are those of an early H.

Read next: :mod:`ptembed.factor.nmf`.
"""

from typing import Any

import numpy as np

from ptembed.arguments import at_least_one
from ptembed.factor.matrices import nonnegative
from ptembed.factor.nmf import Options, transform
from ptembed.factor.nmf_updates import hals
from ptembed.factor.products import Panels, Parts
from ptembed.kinds import Matrix

__all__ = ["OnlineFactors"]


class OnlineFactors:
    """Factors that learn from batches of rows.

    Parameters
    ----------
    k : int
        Components.
    l1 : pair of float
        The penalties of W and H, see :func:`ptembed.factor.nmf.nmf`.
    forget : float
        What the sums are multiplied by before a batch is added, between 0 (excluded) and 1.
    sweeps : int
        At most as often a row of H is gone over after a batch.
    n_threads, seed : int

    Attributes
    ----------
    H : array, shape (n, k)
        None before the first batch.
    batches : int
        Seen so far.

    References
    ----------
    J. Mairal, F. Bach, J. Ponce, G. Sapiro, "Online learning for matrix factorization and sparse coding", JMLR 11,
    2010.
    """

    def __init__(
        self, k: int, *, l1: Any = (0.0, 0.0), forget: float = 0.7, sweeps: int = 4, n_threads: int = 1, seed: int = 0
    ) -> None:
        if not 0 < forget <= 1:
            raise ValueError(f"forget must lie between 0 (excluded) and 1, got {forget!r}: 1 forgets nothing")
        Options(l1=l1, sweeps=sweeps, n_threads=n_threads).check()
        self.k, self.l1, self.forget, self.sweeps = at_least_one(k, "k"), l1, forget, sweeps
        self.n_threads, self.rng, self.batches = n_threads, np.random.default_rng(seed), 0
        self.H: Any = None

    def partial_fit(self, X: Matrix) -> np.ndarray:
        """Learn from a batch; gives its codes, shape (m, k), as they were when H was updated.

        Parameters
        ----------
        X : sparse matrix, shape (m, n)
            n is that of the first batch.

        Raises
        ------
        TypeError, ValueError
            As :func:`ptembed.factor.nmf.nmf` does, and for another number of columns; nothing is changed then.
        """
        X = nonnegative(X)
        if self.H is None:
            self._start(X)
        X = X.astype(self.H.dtype, copy=False)
        W = transform(X, self.H, l1=self.l1[0], n_threads=self.n_threads)
        self.A *= self.forget
        self.B *= self.forget
        self.A += W.T @ W
        parts = Parts(np.ones(len(self.H), np.int64), self.n_threads)
        panels = Panels.of_rows(X.T) if X.format == "csc" else Panels.of_columns(X)
        self.B += panels.dot(W, np.empty_like(self.B), parts)
        hals(self.H, self.B, self.A, self.l1[1], parts, self.sweeps)
        self.batches += 1
        return W

    def _start(self, X):
        n = X.shape[1]
        scale = np.sqrt(X.data.sum(dtype=np.float64) / X.shape[0] / n / self.k)
        self.H = (max(scale, 1e-6) * np.abs(self.rng.standard_normal((n, self.k)))).astype(X.dtype)
        self.A, self.B = np.zeros((self.k, self.k), X.dtype), np.zeros((n, self.k), X.dtype)
