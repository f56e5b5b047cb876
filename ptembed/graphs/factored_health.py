"""How well the factors of an output layer still stand for its weights."""

from typing import Any, NamedTuple

import numpy as np

from ptembed.ops.factored_log import MOVED_WHOLE

__all__ = ["Health", "health"]


class Health(NamedTuple):
    r"""What to look at when a factored layer is in doubt.

    Attributes
    ----------
    condition : float
        :math:`\kappa(U)`; the error of W is about as many roundings.
    inverse : float
        The largest entry of :math:`\lvert U U^{-1} - I \rvert`.
    Q, w_bar : float
        How far :math:`x^T Q x` and :math:`x \cdot \bar w` are from the sums over the rows of W for random :math:`x`,
        relative to the mean of the former and to that of :math:`\lVert x \rVert \lVert \bar w \rVert`.
    behind : float
        The share of rows that do not have all entries of the log.
    entries, corrections, deflated, moved : int
        Of the log, so far; and how often directions of U were logged, a step was deflated, U was moved as a whole.
    """

    condition: float
    inverse: float
    Q: float
    w_bar: float
    behind: float
    entries: int
    corrections: int
    deflated: int
    moved: int


def health(layer: Any, probes: int = 4) -> Any:
    """Compare the factors with each other, :math:`O(D d^2)` at most and :math:`O(D d)` mostly; nothing is changed.

    Parameters
    ----------
    layer : FactoredOutput
    probes : int
        Random vectors with which :math:`Q` and the sum of rows are checked.

    Returns
    -------
    Health
    """
    UT, Uinv, Q, w_bar = (x.get_value(borrow=True) for x in (layer.UT, layer.Uinv, layer.Q, layer.w_bar))
    now, _, *happened = layer.log.arrays[5].get_value()[: MOVED_WHOLE + 1]
    x = np.random.default_rng(0).normal(size=(layer.d, probes))
    Q, w_bar = Q[: layer.d, : layer.d], w_bar[: layer.d]
    squares, total = np.zeros(probes), np.zeros(probes)
    for W in layer.blocks():
        y = W @ x
        squares, total = squares + (y**2).sum(axis=0), total + y.sum(axis=0)
    by_Q = (x * (Q @ x)).sum(axis=0)
    return Health(
        condition=float(np.linalg.cond(UT)),
        inverse=float(abs(UT.T @ Uinv - np.eye(len(UT))).max()),
        Q=float(abs(by_Q - squares).max() / abs(squares).mean()),
        w_bar=float(abs(w_bar @ x - total).max() / np.linalg.norm(w_bar) / np.sqrt(layer.d)) if w_bar.any() else 0.0,
        behind=float((layer.log.stamps.get_value(borrow=True) < now).mean()),
        entries=int(now),
        **dict(zip(("corrections", "deflated", "moved"), map(int, happened), strict=True)),
    )
