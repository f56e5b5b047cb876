r"""Norms of rows: gradients clipped by them, values kept within them, and the penalty on them.

Clipping takes gradients and gives gradients, so it stands between :func:`~ptembed.graphs.lazy.gradients` and an
optimizer::

    grads = clip_global(gradients(loss, params), 5.0)
    updates = adam(grads, params)

A constraint takes new values and gives those that are written: ``sgd(loss, r, 0.1, constraint=max_norm(1.0))``.
A row is everything that belongs to one index of the first axis. All of this is :math:`O(k d)`.

Read next: :mod:`ptembed.graphs.schedules`.
"""

from collections.abc import Callable
from typing import Any

import pytensor.tensor as pt

from ptembed.graphs.rows import Rows, listed
from ptembed.kinds import Symbol

__all__ = ["clip_global", "clip_rows", "l2", "max_norm"]


def row_norms(x):
    """Give the Euclidean norm of each row of ``x``, shape (k, ...), as shape (k, 1, ...)."""
    inner = tuple(range(1, x.type.ndim))
    return pt.sqrt(pt.sum(x**2, axis=inner, keepdims=True)) if inner else abs(x)


def _shrink(x, norm, limit):
    """Scale ``x`` so that ``norm``, which is its norm now, becomes at most ``limit``."""
    limit = pt.cast(limit, x.type.dtype)
    return x * pt.cast(limit / pt.maximum(norm, limit), x.type.dtype)


def clip_rows(grads: Symbol, limit: Symbol) -> list[Any]:
    r"""Clip each row of each gradient: :math:`g \leftarrow g \min(1, c / \lVert g \rVert_2)`.

    Parameters
    ----------
    grads : list of tensors, shape (k, ...)
        What :func:`ptembed.graphs.lazy.gradients` gives. A row that was read twice has one gradient, the sum.
    limit : float or symbolic scalar
        :math:`c > 0`

    Returns
    -------
    list of tensors
        In the shapes and dtypes of ``grads``.

    Raises
    ------
    ValueError
        When ``limit`` is a number and not positive.

    Examples
    --------
    >>> clip_rows([pt.constant([[3.0, 4.0], [0.3, 0.4]])], 1.0)[0].eval()
    array([[0.6, 0.8],
           [0.3, 0.4]])
    """
    _check_limit(limit)
    return [_shrink(g, row_norms(g) if g.type.ndim else abs(g), limit) for g in grads]


def clip_global(grads: Symbol, limit: Symbol) -> list[Any]:
    r"""Clip all gradients by their common norm (Pascanu, Mikolov & Bengio, 2013, algorithm 1).

    With :math:`n = \sqrt{\sum_i \lVert g_i \rVert_2^2}` over all gradients, :math:`g_i \leftarrow g_i \min(1, c / n)`.

    Parameters
    ----------
    grads : list of tensors
        What :func:`ptembed.graphs.lazy.gradients` gives.
    limit : float or symbolic scalar
        :math:`c > 0`

    Returns
    -------
    list of tensors
        In the shapes and dtypes of ``grads``.

    Raises
    ------
    ValueError
        When ``limit`` is a number and not positive.

    Examples
    --------
    >>> [g.eval() for g in clip_global([pt.constant([3.0]), pt.constant([4.0])], 1.0)]
    [array([0.6]), array([0.8])]
    """
    _check_limit(limit)
    norm = pt.sqrt(sum(pt.sum(g**2) for g in grads))
    return [_shrink(g, norm, limit) for g in grads]


def max_norm(limit: Symbol) -> Callable[..., Any]:
    r"""Make the constraint that no row is longer than ``limit``: :math:`w \leftarrow w \min(1, c / \lVert w \rVert_2)`.

    Parameters
    ----------
    limit : float or symbolic scalar
        :math:`c > 0`

    Returns
    -------
    callable
        For ``constraint=`` of any optimizer. It holds for the rows that are written; the others are left as they are.

    Raises
    ------
    ValueError
        When ``limit`` is a number and not positive.

    Examples
    --------
    >>> max_norm(1.0)(pt.constant([[3.0, 4.0]])).eval()
    array([[0.6, 0.8]])
    """
    _check_limit(limit)
    return lambda w: _shrink(w, row_norms(w) if w.type.ndim else abs(w), limit)


def l2(params: Symbol) -> Symbol:
    r"""Give the penalty :math:`\tfrac12 \sum w^2` over the distinct rows read and over dense parameters.

    Parameters
    ----------
    params : Rows, tensor, or list of both

    Returns
    -------
    scalar expression
        To be scaled and added to a loss. A row that is read twice counts once.

    Examples
    --------
    >>> import numpy as np, pytensor
    >>> from ptembed.graphs import rows
    >>> W = pytensor.shared(np.full((9, 2), 2.0), name="W")
    >>> float(l2(rows(W, [4, 4, 7])).eval())
    8.0
    """
    return sum(pt.sum((p.part if isinstance(p, Rows) else p) ** 2) for p in listed(params)) / 2


def _check_limit(limit):
    if not isinstance(limit, pt.TensorVariable) and not limit > 0:
        raise ValueError(f"limit must be positive, got {limit}")
