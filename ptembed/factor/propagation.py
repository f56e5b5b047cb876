r"""Affinities and pairs as one operator A, which is signed; only its products with (n, k) matrices are ever taken.

Pairs W (:mod:`ptembed.factor.constraints`) are added in one of two ways:

.. math:: A = S + \omega W \qquad\text{or}\qquad A = S + \omega\, T W T, \quad
    T = (1 - \alpha) \sum_{s < p} (\alpha S)^s + (\alpha S)^p

The first is the published form. It fits the pairs, and tells nothing about samples that are in none. The second lets a
pair speak for the neighbours of its samples: the propagation of Lu & Ip (2010), whose n x n matrix is here a chain of p
products. With p = 0 it is the first one.

``Affinity.halves`` gives the products with :math:`A_+` and :math:`A_-`, which are both from 0 on and whose
difference is A.

Read next: :mod:`ptembed.factor.constrained`.
"""

from typing import Any

import numpy as np
import scipy.sparse as sp

from ptembed.arguments import at_least_one
from ptembed.factor.affinity import Rows, positive_part
from ptembed.kinds import Matrix

__all__ = ["Affinity"]


class Affinity:
    """A = S + ω W, or S + ω T W T.

    Parameters
    ----------
    S : Graph or Features
    W : sparse matrix, shape (n, n), optional
        See :func:`ptembed.factor.constraints.constraint_matrix`.
    weight : float
        What W weighs, where S weighs 1, both by the mean over the samples of the absolute numbers in a row, W by those
        samples alone that are in a pair.
    alpha : float
        How far a pair speaks, from 0 to below 1.
    steps : int
        p, from 0 on.
    n_threads : int

    Attributes
    ----------
    shape : tuple of int
    dtype : dtype

    Raises
    ------
    TypeError, ValueError
        When W does not fit, or a number is out of range.
    """

    def __init__(
        self,
        S: Matrix,
        W: Matrix = None,
        *,
        weight: float = 30.0,
        alpha: float = 0.5,
        steps: int = 2,
        n_threads: int = 1,
    ) -> None:
        _check_numbers(weight, alpha, steps)
        self.S, self.shape, self.dtype = S, S.shape, S.dtype
        self.alpha, self.steps = S.dtype.type(alpha), steps
        self.W: Any = None
        if W is not None and weight > 0 and W.nnz:
            if W.shape != S.shape:
                raise ValueError(f"W must have shape {S.shape} as S has, got {W.shape}: give a pair of these samples")
            W = sp.csr_array(W, dtype=S.dtype)
            in_pairs = np.count_nonzero(np.diff(W.indptr))
            self.W = Rows(W * S.dtype.type(weight * in_pairs / np.abs(W.data).sum(dtype=np.float64)), n_threads)

    def dot(self, B: Matrix, out: np.ndarray) -> np.ndarray:
        """Write :math:`A B` into ``out``; B (n, k) and out (n, k), C-contiguous, in the dtype of A."""
        self.S.dot(B, out)
        if self.W is not None:
            out += self.constrained(B)
        return out

    transposed_dot = dot

    def constrained(self, B: Matrix) -> np.ndarray:
        """Give :math:`\\omega T W T B`."""
        spread = self._spread(B)
        return self._spread(self.W.dot(spread, np.empty_like(spread)))

    def halves(self, B: Matrix) -> Any:
        """Give :math:`A_+ B` and :math:`A_- B`."""
        plus, minus = self.S.halves(B)
        minus = np.zeros_like(B) if minus is None else minus
        if self.W is not None:
            spread = self._spread_halves(_both(self._weighed, self._spread_halves((B, None))))
            plus, minus = plus + spread[0], minus if spread[1] is None else minus + spread[1]
        return plus, minus

    def of_new(self, new: Matrix, UC: Matrix) -> np.ndarray:
        """Give the products of the affinities of further samples with :math:`U C`, shape (m, k).

        They are in no pair, but their neighbours may be: the last step of T leads to them.
        """
        product = new @ UC
        if self.W is not None and self.steps:
            product += self.alpha * (new @ self.constrained(UC))
        return np.ascontiguousarray(product, self.dtype)

    def _spread(self, V):
        if not self.steps:
            return V
        Y, rest = V, (1 - self.alpha) * V
        for _ in range(self.steps):
            Y = self.S.dot(Y, np.empty_like(V))
            Y *= self.alpha
            Y += rest
        return Y

    def _spread_halves(self, V):
        Y = V
        for _ in range(self.steps):
            Y = tuple(_mixed(self.alpha, y, v) for y, v in zip(_both(self.S.halves, Y), V, strict=True))
        return Y

    def _weighed(self, B):
        W = self.W.X
        plus, minus = (positive_part(V, W) for V in (W.data, -W.data))
        return plus @ B, minus @ B


def _check_numbers(weight, alpha, steps):
    if not 0 <= weight < np.inf:
        raise ValueError(f"weight must be a number from 0 on, got {weight!r}")
    if not 0 <= alpha < 1:
        raise ValueError(f"alpha must be at least 0 and below 1, got {alpha!r}")
    if steps != 0:
        at_least_one(steps, "steps")


def _both(halves, V):
    """Multiply by M, of which ``halves`` gives the parts, what has the parts V = (plus, minus) itself."""
    plus, minus = halves(V[0])
    if V[1] is not None:
        other = halves(V[1])
        plus, minus = _sum(plus, other[1]), _sum(minus, other[0])
    return plus, minus


def _sum(a, b):
    return b if a is None else a if b is None else a + b


def _mixed(alpha, y, v):
    return _sum(None if y is None else alpha * y, None if v is None else (1 - alpha) * v)
