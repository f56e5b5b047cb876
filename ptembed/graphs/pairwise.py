r"""Affinities with pairs, A = S + W_like - W_dislike, as an expression: its products are symbols, it is never n x n.

S, shape (n, n), is a sparse matrix of s non-zeros, or :math:`F F^T` of features F (n, d); W is p pairs (i, j) with
their weights, each standing at (i, j) and (j, i). A product with B (n, k) takes O(s k + p k), or O(n d k + p k), and
so does its gradient, by B, by the features, by the non-zeros of S and by the weights of the pairs. Spread over the
graph as in :mod:`ptembed.factor.propagation` it is :math:`S + T W T`.

The loss of :math:`A \approx U C U^T` is taken by traces. With U the exponential or the softplus of free numbers any
optimizer of :mod:`ptembed.graphs.updates` finds clusters; coordinate descent, :mod:`ptembed.factor.constrained`, finds
better ones sooner. It is for models in which U or the features come from a network.

Read next: :mod:`ptembed.factor.constrained`.
"""

from typing import NamedTuple

import pytensor.tensor as pt
from pytensor.graph.basic import Variable

from ptembed.kinds import Symbol
from ptembed.ops.sparse_arrays import compressed, is_sparse

__all__ = ["PairwiseAffinity", "pairwise_affinity", "pairwise_loss"]


class PairwiseAffinity(NamedTuple):
    """A = S + W_like - W_dislike, or S + T (W_like - W_dislike) T.

    Attributes
    ----------
    S : sparse variable, shape (n, n), or matrix, shape (n, d)
        Symmetric affinities, or features.
    pairs : int matrix, shape (p, 2)
    weights : vector, shape (p,)
        Negative for pairs that do not belong together.
    alpha : float
    steps : int
        See :class:`ptembed.factor.propagation.Affinity`.
    """

    S: Variable
    pairs: Variable
    weights: Variable
    alpha: float = 0.0
    steps: int = 0

    def dot(self, B: Symbol) -> Symbol:
        """Multiply by a matrix, shape (n, k)."""
        B = pt.as_tensor(B)
        return self.unconstrained(B) + self._spread(self._paired(self._spread(B)))

    def unconstrained(self, B: Symbol) -> Symbol:
        """Multiply S by a matrix, shape (n, k)."""
        if is_sparse(self.S):
            return compressed(self.S).dot(B)
        S: Symbol = self.S
        return S @ (S.T @ B)

    def _paired(self, B):
        (i, j), weights = (self.pairs[:, 0], self.pairs[:, 1]), self.weights[:, None]
        zeros = pt.zeros_like(B)
        return pt.inc_subtensor(pt.inc_subtensor(zeros[i], weights * B[j])[j], weights * B[i])

    def _spread(self, V):
        Y = V
        for _ in range(self.steps):
            Y = self.alpha * self.unconstrained(Y) + (1 - self.alpha) * V
        return Y


def pairwise_affinity(
    S: Symbol,
    like: Symbol,
    dislike: Symbol,
    like_weights: Symbol = None,
    dislike_weights: Symbol = None,
    alpha: Symbol = 0.0,
    steps: int = 0,
) -> PairwiseAffinity:
    r"""Give the affinities S with pairs.

    Parameters
    ----------
    S : sparse variable, shape (n, n), or matrix, shape (n, d)
        Symmetric affinities in CSR or CSC form, or features F, which stand for :math:`F F^T`.
    like, dislike : int matrix, shape (p, 2)
        Pairs of row numbers; one given twice adds up.
    like_weights, dislike_weights : vector, shape (p,), optional
        From 0 on; 1 each by default.
    alpha : float
        How far a pair speaks, from 0 to below 1.
    steps : int
        Over how many neighbours; 0 for the published form.

    Returns
    -------
    PairwiseAffinity

    Raises
    ------
    TypeError
        When S is no matrix of floats, or pairs are no matrix of integers.
    ValueError
        When ``alpha`` or ``steps`` is out of range.

    References
    ----------
    Y. Chen, M. Rege, M. Dong, J. Hua, Knowledge and Information Systems 17, 2008. Z. Lu, H. Ip, "Constrained spectral
    clustering via exhaustive and efficient constraint propagation", 2010 (the spread pairs).

    Examples
    --------
    >>> A = pairwise_affinity([[1.0], [2.0], [0.0]], like=[[0, 2]], dislike=[[0, 1]])
    >>> A.dot(pt.eye(3)).eval()
    array([[1., 1., 1.],
           [1., 4., 0.],
           [1., 0., 0.]])
    """
    S = S if isinstance(S, Variable) and is_sparse(S) else pt.as_tensor(S)
    if S.type.ndim != 2 or not S.type.dtype.startswith("float"):
        raise TypeError(f"S must be a matrix of floats, got {S.type}: affinities as a sparse one, or features")
    if not 0 <= alpha < 1 or steps < 0:
        raise ValueError(f"alpha must be at least 0 and below 1, steps 0 or more, got {alpha} and {steps}")
    like, dislike = _pairs(like, "like"), _pairs(dislike, "dislike")
    weights = [_weights(like_weights, like, S.type.dtype), -_weights(dislike_weights, dislike, S.type.dtype)]
    return PairwiseAffinity(S, pt.concatenate([like, dislike]), pt.concatenate(weights), alpha, steps)


def pairwise_loss(A: Symbol, U: Symbol, C: Symbol = None) -> Symbol:
    r"""Give :math:`\tfrac12 \lVert A - U C U^T \rVert_F^2` less its constant :math:`\tfrac12 \lVert A \rVert_F^2`.

    Parameters
    ----------
    A : PairwiseAffinity
    U : matrix, shape (n, k)
    C : matrix, shape (k, k), optional
        Symmetric; the identity by default.

    Returns
    -------
    scalar
        :math:`\tfrac12 \mathrm{tr}((U^T U C)^2) - \langle A U C, U \rangle`: no part has n x n numbers.

    Examples
    --------
    >>> A = pairwise_affinity([[1.0], [2.0], [0.0]], like=[[0, 2]], dislike=[[0, 1]])
    >>> float(pairwise_loss(A, pt.as_tensor([[1.0], [1.0], [0.0]])).eval())
    -5.0
    """
    U = pt.as_tensor(U)
    UC = U if C is None else U @ C
    E = U.T @ UC
    return 0.5 * (E * E.T).sum() - (A.dot(UC) * U).sum()


def _pairs(pairs, name):
    pairs = pt.as_tensor(pairs)
    if pairs.type.ndim != 2 or "int" not in pairs.type.dtype:
        raise TypeError(f"{name} must be a matrix of integers, two in a row, got {pairs.type}")
    return pairs.astype("int64")


def _weights(weights, pairs, dtype):
    return pt.ones(pairs.shape[:1], dtype) if weights is None else pt.as_tensor(weights).astype(dtype)
