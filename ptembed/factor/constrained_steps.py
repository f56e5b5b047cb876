r"""The steps that lower :math:`f(U, C) = \tfrac12 \lVert U C U^T \rVert^2 - \langle A U C, U \rangle`.

All keep P = A U beside U, so that the value of f takes traces of k x k matrices alone. Since A is linear, P follows U
along a line without a product. Sums over samples are taken by blocks and added up in float64.

Read next: :mod:`ptembed.factor.constrained`.
"""

from typing import Any

import numpy as np

from ptembed.factor.nmf_updates import hals

__all__ = ["centres", "descend", "multiply", "objective", "to_unit_columns"]

PROXIMITY = 0.3  # μ, as a share of the mean of the Gram matrix's diagonal
BLOCK = 8192
CENTRE_STEPS = 30


def descend(A: Any, U: Any, P: Any, C: Any, buffers: Any, parts: Any, sweeps: int = 4) -> None:
    """Move U, and P with it, in place; f never rises.

    Parameters
    ----------
    A : operator
        With a method ``dot(B, out)``.
    U, P : array, shape (n, k)
        C-contiguous; ``P`` is A U.
    C : array, shape (k, k), or None
        The centres; None stands for the identity.
    buffers : pair of arrays, shape (n, k)
        Overwritten.
    parts : ptembed.factor.products.Parts
    sweeps : int

    Returns
    -------
    float
        How far along the line from U to the minimum of one side.
    """
    V, Q = buffers
    G, right = gram(U, U), np.eye(U.shape[1]) if C is None else C.astype(np.float64)
    one_side = right @ G @ right
    mu = PROXIMITY * np.trace(one_side) / len(one_side)
    np.multiply(U, U.dtype.type(mu), out=V)
    Q[:] = P if C is None else P @ C
    Q += V
    np.copyto(V, U)
    hals(V, Q, (one_side + mu * np.eye(len(one_side))).astype(U.dtype), 0.0, parts, sweeps)
    A.dot(V, Q)
    V -= U
    Q -= P
    t = lowest(along(U, P, V, Q, G, right))
    for start, step in ((U, V), (P, Q)):
        step *= U.dtype.type(t)
        start += step
    np.maximum(U, 0, out=U)
    return t


def along(U, P, D, R, G, C):
    """Give the coefficients of f(U + t D), from that of t on, shape (4,); R is A D, and G is UᵀU."""
    first, second = gram(U, D), gram(D, D)
    E0, E1, E2 = G @ C, (first + first.T) @ C, second @ C
    fitted = _dot(gram(P, D) + gram(U, R), C), _dot(gram(R, D), C)
    return np.array([
        _dot(E0, E1.T) - fitted[0],
        0.5 * _dot(E1, E1.T) + _dot(E0, E2.T) - fitted[1],
        _dot(E1, E2.T),
        0.5 * _dot(E2, E2.T),
    ])  # fmt: skip


def lowest(coefficients):
    """Give the t from 0 to 1 at which the polynomial, of degree four and 0 at 0, is lowest.

    Examples
    --------
    >>> lowest(np.array([-2.0, 2.0, 0.0, 0.0]))
    0.5
    """
    polynomial = np.polynomial.Polynomial([0, *coefficients])
    roots = polynomial.deriv().roots() if np.any(coefficients[1:]) else np.zeros(0)
    roots = roots.real[np.abs(roots.imag) <= 1e-9]
    at = np.array([0.0, *roots[(roots > 0) & (roots < 1)], 1.0])
    return float(at[np.argmin(polynomial(at))])


def multiply(A: Any, U: Any, P: Any, C: Any) -> None:
    """Move U, and P with it, in place, to the minimum of a bound of f that touches it.

    With :math:`x = \\sqrt{y}` the ratio of a number of U after and before, the bound is
    :math:`-2 p \\log x + q x^2 + \\tfrac12 r x^4`; its minimum is where :math:`r y^2 + q y = p`.
    """
    UC = U @ C
    p, q = A.halves(UC)
    r = UC @ (U.T @ UC)
    bottom = np.sqrt(q * q + 4 * r * p)
    bottom += q
    U *= np.sqrt(2 * p / np.maximum(bottom, np.finfo(U.dtype).tiny))
    A.dot(U, P)


def centres(U: Any, P: Any, C: Any) -> np.ndarray:
    """Give C moved down :math:`\\tfrac12 \\langle G C G, C \\rangle - \\langle U^T P, C \\rangle`, kept from 0 on.

    Projected gradients with a step of one over the greatest curvature never raise a convex quadratic.
    """
    G, M, C = gram(U, U), gram(U, P), C.astype(np.float64)
    M = (M + M.T) / 2
    curvature = max(np.linalg.eigvalsh(G)[-1] ** 2, np.finfo(np.float64).tiny)
    for _ in range(CENTRE_STEPS):
        C = np.maximum(C - (G @ C @ G - M) / curvature, 0)
    return ((C + C.T) / 2).astype(U.dtype)


def to_unit_columns(U: Any, P: Any, C: Any) -> np.ndarray:
    """Divide the columns of U, and of P, by their lengths, in place; gives C times these lengths."""
    lengths = np.sqrt(np.diag(gram(U, U)))
    lengths[lengths == 0] = 1
    for F in (U, P):
        F /= lengths.astype(F.dtype)
    return (C * np.outer(lengths, lengths)).astype(U.dtype)


def objective(U: Any, P: Any, C: Any) -> float:
    """Give f, from P = A U."""
    C = C.astype(np.float64)
    E = gram(U, U) @ C
    return 0.5 * _dot(E, E.T) - _dot(gram(U, P), C)


def gram(A, B):
    """Give AᵀB in float64, block by block."""
    return sum((A[i : i + BLOCK].T @ B[i : i + BLOCK]).astype(np.float64) for i in range(0, len(A), BLOCK))


def _dot(A, B):
    return float(np.einsum("ij,ij->", A, B))
