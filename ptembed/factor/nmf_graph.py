r"""The update of non-negative factors as symbols, for graphs of one's own and as one compiled function.

A sweep of HALS goes over the coordinates of each row one after the other. As a loop of symbols that is k steps of
``scan``, twelve times as slow and a minute to compile; here it is one Op with a compiled kernel. It is differentiable:
a coordinate that a sweep sets to :math:`(p_t - \lambda - \sum_{s \ne t} G_{ts} w_s) / G_{tt}` passes its gradient on to
:math:`P`, to :math:`G` and to the coordinates around it, one that it sets to zero passes nothing. So sweeps can be the
layers of a network (unrolled or "deep" factorisation).

Read next: :mod:`ptembed.factor.nmf_updates`, :mod:`ptembed.ops.sparse_products`.
"""

from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from numba import njit
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.tensor.type import float_dtypes

from ptembed import _pytensor
from ptembed.factor.matrices import nonnegative
from ptembed.kinds import Matrix, Symbol
from ptembed.ops.sparse_arrays import compressed

__all__ = ["compiled_step", "hals_sweep", "nmf_updates"]


def hals_sweep(F: Matrix, P: Matrix, G: Matrix, l1: float = 0.0) -> Symbol:
    r"""Go once over the coordinates of each row, each to its minimum over the numbers from 0 on.

    Parameters
    ----------
    F, P : matrix, shape (m, k)
        The factor, and the product of the data with the other factor.
    G : matrix, shape (k, k)
        The Gram matrix of the other factor, symmetric.
    l1 : scalar
        :math:`\lambda`.

    Returns
    -------
    matrix, shape (m, k)
        A coordinate whose :math:`G_{tt}` is 0 stays as it is.

    Raises
    ------
    TypeError
        When an argument is no matrix of floats.

    Examples
    --------
    >>> P, G = np.array([[4.0, 1.0]]), np.array([[2.0, 1.0], [1.0, 2.0]])
    >>> hals_sweep(np.zeros((1, 2)), P, G).eval()
    array([[2., 0.]])
    """
    return HalsSweep()(F, P, G, l1)


def nmf_updates(X: Matrix, W: Matrix, H: Matrix, l1: Any = (0.0, 0.0), sweeps: int = 1) -> tuple[Any, dict[Any, Any]]:
    r"""Give the updates of one iteration of :math:`X \approx W H^T`, and the objective after it.

    Parameters
    ----------
    X : sparse matrix, shape (m, n)
        A variable in CSR or CSC form.
    W, H : shared variables, shapes (m, k) and (n, k)
    l1 : pair of scalars
        :math:`\lambda_W, \lambda_H`.
    sweeps : int
        Of each factor.

    Returns
    -------
    objective : scalar
    updates : dict of shared variables and their new values
    """
    x = compressed(X)
    new_W, P, G = W, x.dot(H), H.T @ H
    for _ in range(sweeps):
        new_W = hals_sweep(new_W, P, G, l1[0])
    new_H, Q, G = H, x.transposed().dot(new_W), new_W.T @ new_W
    for _ in range(sweeps):
        new_H = hals_sweep(new_H, Q, G, l1[1])
    squares = (x.data.astype("float64") ** 2).sum()
    fitted = (Q * new_H).sum(dtype="float64") - 0.5 * (G * (new_H.T @ new_H)).sum(dtype="float64")
    penalty = l1[0] * new_W.sum(dtype="float64") + l1[1] * new_H.sum(dtype="float64")
    return 0.5 * squares - fitted + penalty, {W: new_W, H: new_H}


def compiled_step(X: Matrix, W: Matrix, H: Matrix, l1: Any = (0.0, 0.0), sweeps: int = 1, mode: Any = None) -> Any:
    """Compile an iteration on a matrix.

    Parameters
    ----------
    X : sparse matrix, shape (m, n)
        Data; see :func:`ptembed.factor.matrices.nonnegative`.
    W, H : shared variables of the dtype of X, shapes (m, k) and (n, k)
    l1, sweeps
        As for :func:`nmf_updates`.
    mode : str or Mode, optional

    Returns
    -------
    callable
        Takes nothing, updates W and H, and gives the objective.
    """
    X = pytensor.shared(nonnegative(X), name="X")
    objective, updates = nmf_updates(X, W, H, l1, sweeps)
    return pytensor.function([], objective, updates=updates, mode=mode)


class HalsSweep(Op):
    """See :func:`hals_sweep`."""

    __props__ = ()

    def make_node(self, F, P, G, l1):
        F, P, G = (pt.as_tensor(v) for v in (F, P, G))
        for name, v in (("F", F), ("P", P), ("G", G)):
            if v.type.ndim != 2 or v.type.dtype not in float_dtypes:
                raise TypeError(f"{name} must be a matrix of floats, got {v.type}: cast it")
        return Apply(self, [F, P, G, pt.as_tensor(l1).astype(F.type.dtype)], [F.type()])

    def perform(self, node, inputs, output_storage):
        F, P, G, l1 = inputs
        _check_shapes(F, P, G)
        W = F.copy()
        for t in np.flatnonzero(np.diag(G) > 0):
            best = W[:, t] + (P[:, t] - l1 - W @ G[t]) / G[t, t]
            W[:, t] = np.maximum(best, 0)
        output_storage[0][0] = W

    def pullback(self, inputs, outputs, cotangents):
        F, _, G, _ = inputs
        return HalsSweepGrad()(F, G, outputs[0], cotangents[0])

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [shapes[0]]


class HalsSweepGrad(Op):
    """The gradients of a sweep by the factor before it, by P, by G and by the penalty."""

    __props__ = ()

    def make_node(self, F, G, W, A):
        inputs = [pt.as_tensor(v) for v in (F, G, W, A)]
        return Apply(self, inputs, [F.type(), F.type(), G.type(), pt.scalar(dtype=F.type.dtype)])

    def perform(self, node, inputs, output_storage):
        F, G, W, A = inputs
        current, by_F, by_P, by_G = W.copy(), A.copy(), np.zeros_like(F), np.zeros_like(G)
        for t in np.flatnonzero(np.diag(G) > 0)[::-1]:
            share = np.where(W[:, t] > 0, by_F[:, t] / G[t, t], 0)
            by_P[:, t] = share
            by_G[t] -= share @ current
            by_F -= share[:, None] * G[t]
            by_F[:, t], current[:, t] = 0, F[:, t]
        results = by_F, by_P, by_G, np.asarray(-by_P.sum(), F.dtype)
        for storage, result in zip(output_storage, results, strict=True):
            storage[0] = result

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [shapes[0], shapes[0], shapes[1], ()]


def _check_shapes(F, P, G):
    if F.shape != P.shape or G.shape != (F.shape[1], F.shape[1]):
        raise ValueError(OTHER_SHAPES)


OTHER_SHAPES = "F and P must have the same shape (m, k) and G shape (k, k)"


@njit
def sweep_rows(W, P, G, l1):
    """Kernel of :class:`HalsSweep`; overwrites ``W``."""
    k = W.shape[1]
    for i in range(len(W)):
        w = W[i]
        for t in range(k):
            if G[t, t] > 0:
                g = P[i, t] - l1
                for s in range(k):
                    g -= G[t, s] * w[s]
                w[t] = max(w[t] + g / G[t, t], W.dtype.type(0))
    return W


@njit
def gradients_of_rows(F, G, W, A):
    """Kernel of :class:`HalsSweepGrad`."""
    m, k = F.shape
    by_F, by_P, by_G, w = A.copy(), np.zeros_like(F), np.zeros_like(G), np.empty(k, F.dtype)
    for i in range(m):
        w[:] = W[i]
        for t in range(k - 1, -1, -1):
            if G[t, t] > 0:
                share = by_F[i, t] / G[t, t] if W[i, t] > 0 else F.dtype.type(0)
                by_P[i, t] = share
                for s in range(k):
                    by_G[t, s] -= share * w[s]
                    by_F[i, s] -= share * G[t, s]
                by_F[i, t], w[t] = 0, F[i, t]
    return by_F, by_P, by_G


@_pytensor.numba_kernel(HalsSweep)
def sweep_kernel(op, node):
    @njit
    def sweep(F, P, G, l1):
        if F.shape != P.shape or G.shape != (F.shape[1], F.shape[1]):
            raise ValueError(OTHER_SHAPES)
        return sweep_rows(F.copy(), P, G, l1.item())

    return sweep


@_pytensor.numba_kernel(HalsSweepGrad)
def gradient_kernel(op, node):
    @njit
    def gradients(F, G, W, A):
        by_F, by_P, by_G = gradients_of_rows(F, G, W, A)
        return by_F, by_P, by_G, np.asarray(-by_P.sum())

    return gradients
