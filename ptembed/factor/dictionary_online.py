r"""Learning a dictionary from a stream of rows, a minibatch at a time.

Of what has been seen two sums are kept, :math:`A = \sum C_b^T C_b` (k, k) and :math:`B = \sum C_b^T X_b` (k, n). A
batch is coded, added to the sums, and the atoms go once to the minimum of :math:`\tfrac12 \langle A D, D \rangle -
\langle B, D \rangle` one after the other (Mairal et al. 2010). Atoms go in blocks, so that nearly all of the O(k^2 n)
operations are in products of matrices. Memory for D, A, B and the batch. The sums fade, since early codes are those of
an early D.

Read next: :mod:`ptembed.factor.dictionary`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ptembed.arguments import at_least_one
from ptembed.factor.dictionary import Learnt, rows_to_learn, starting_atoms, with_new_atoms
from ptembed.factor.omp import Codes, Pursuit
from ptembed.kinds import Matrix, Seed

__all__ = ["OnlineDictionary", "online_dictionary"]

BLOCK = 32  # atoms whose gradients are computed by one product


class OnlineDictionary:
    """A dictionary that learns from batches of rows.

    Parameters
    ----------
    k : int
        Atoms.
    n_nonzero, residual
        How many atoms a row has, see :func:`ptembed.factor.omp.omp`.
    forget : float
        What the sums are multiplied by before a batch is added, between 0 (excluded) and 1.
    start, positive, n_threads, seed
        See :func:`ptembed.factor.dictionary.ksvd`.

    Attributes
    ----------
    D : array, shape (k, n)
        None before the first batch.
    batches : int
        Seen so far.

    References
    ----------
    J. Mairal, F. Bach, J. Ponce, G. Sapiro, "Online learning for matrix factorization and sparse coding", JMLR 11,
    2010, algorithms 1 and 2; here codes are those of a pursuit, and atoms have length 1 rather than at most 1.
    """

    def __init__(
        self,
        k: int,
        n_nonzero: int | None = None,
        *,
        residual: float | None = None,
        forget: float = 0.9,
        start: Any = None,
        positive: bool = False,
        n_threads: int = 1,
        seed: Seed = 0,
    ) -> None:
        if not 0 < forget <= 1:
            raise ValueError(f"forget must lie between 0 (excluded) and 1, got {forget!r}: 1 forgets nothing")
        self.k, self.forget, self.start, self.positive = at_least_one(k, "k"), forget, start, positive
        self.options: dict[str, Any] = {
            "n_nonzero": n_nonzero,
            "residual": residual,
            "positive": positive,
            "n_threads": n_threads,
        }
        self.rng, self.batches = np.random.default_rng(seed), 0
        self.D: Any = None

    def partial_fit(self, X: Matrix) -> Codes:
        """Learn from a batch; gives its codes as they were before.

        Parameters
        ----------
        X : sparse matrix or array, shape (m, n)
            n is that of the first batch, whose dtype is that of the atoms.

        Returns
        -------
        ptembed.factor.omp.Codes

        Raises
        ------
        TypeError, ValueError
            As :func:`ptembed.factor.dictionary.ksvd` does, and for another number of columns; nothing is changed then.
        """
        X = rows_to_learn(X, self.positive)
        if self.D is None:
            D = starting_atoms(X, self.k, self.start, self.positive, self.rng)
            codes = Pursuit(D, X.dtype, **self.options).codes(X)
            self.D, self.A, self.B = D, np.zeros((self.k, self.k), X.dtype), np.zeros_like(D)
        else:
            codes = Pursuit(self.D, X.dtype, **self.options).codes(X)
        for total, more in ((self.A, codes.C.T @ codes.C), (self.B, codes.C.T @ X)):
            total *= total.dtype.type(self.forget)
            total += more.toarray()
        descend(self.D, self.A, self.B, self.positive)
        self._scale_to_one()
        self._replace(codes, X)
        self.batches += 1
        return codes

    def _scale_to_one(self):
        """Give the atoms length 1 and the sums the scale of the weights that go with it; an atom of zeros has none."""
        lengths = np.linalg.norm(self.D, axis=1)
        self.D /= np.where(lengths > 0, lengths, 1)[:, None]
        self.A *= lengths[:, None] * lengths
        self.B *= lengths[:, None]

    def _replace(self, codes, X):
        """Put rows in the place of atoms that the sums do not know, or that are nearly another; see their module."""
        before = self.D.copy()
        with_new_atoms(self.D, np.diag(self.A) <= 0, X, codes.errors)
        changed = (before != self.D).any(axis=1)
        self.A[changed], self.A[:, changed], self.B[changed] = 0, 0, 0


def online_dictionary(
    X: Matrix,
    k: int,
    n_nonzero: int | None = None,
    *,
    max_iter: int = 10,
    tol: float = 1e-3,
    batch_size: int = 1024,
    seed: Seed = 0,
    callback: Callable[[int, float], object] | None = None,
    **options: Any,
) -> Learnt:
    """Learn a dictionary from the rows of a matrix in batches drawn at random.

    Parameters
    ----------
    X : sparse matrix or array, shape (m, n)
    k, n_nonzero
        See :class:`OnlineDictionary`.
    max_iter : int
        How often all rows are gone through.
    tol : float
        Stop when going through them lowers the error by less than this share of it.
    batch_size : int
    seed, callback
        See :func:`ptembed.factor.dictionary.ksvd`.
    **options
        Of :class:`OnlineDictionary`.

    Returns
    -------
    ptembed.factor.dictionary.Learnt
        Its errors are those of the codes while D changed, and at last those of C.

    Raises
    ------
    TypeError, ValueError
        As :func:`ptembed.factor.dictionary.ksvd` does.
    """
    max_iter, batch_size = at_least_one(max_iter, "max_iter"), at_least_one(batch_size, "batch_size")
    rng, errors = np.random.default_rng(seed), list[float]()
    model = OnlineDictionary(k, n_nonzero, seed=rng, **options)
    X = rows_to_learn(X, model.positive)
    for t in range(max_iter):
        order = rng.permutation(X.shape[0])
        parts = [order[first : first + batch_size] for first in range(0, len(order), batch_size)]
        errors.append(sum(float(model.partial_fit(X[part]).errors.sum()) for part in parts))
        stopped = callback is not None and callback(t, errors[-1])
        if stopped or (t > 0 and errors[-2] - errors[-1] <= tol * errors[-2]):
            break
    codes = Pursuit(model.D, X.dtype, **model.options).codes(X)
    return Learnt(model.D, codes.C, np.array([*errors, codes.errors.sum()]))


def descend(D, A, B, positive):
    """Move each atom that the sums know to its minimum, the others being fixed, in place."""
    for start in range(0, len(D), BLOCK):
        here = slice(start, min(start + BLOCK, len(D)))
        R = B[here] - A[here] @ D
        for t, j in enumerate(range(here.start, here.stop)):
            if A[j, j] <= 0:
                continue
            d = D[j] + R[t] / A[j, j]
            if positive:
                np.maximum(d, 0, out=d)
            R[t + 1 :] -= A[j + 1 : here.stop, j, None] * (d - D[j])
            D[j] = d
