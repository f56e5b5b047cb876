r"""More outputs for a factored layer that is being trained, :math:`O(n d^2)` for :math:`n` new ones and a copy of V.

A row :math:`w` of :math:`W = V U + 1 \omega^T` has :math:`v = (w - \omega) U^{-1}`, and adds :math:`w w^T` to :math:`Q`
and :math:`w` to :math:`\bar w`.

Read next: :mod:`ptembed.graphs.factored`.
"""

from typing import Any

import numpy as np

__all__ = ["grow"]


def grow(layer: Any, W: np.ndarray, b: np.ndarray | None = None) -> Any:
    """Append outputs to a layer; those it has keep their numbers.

    Parameters
    ----------
    layer : FactoredOutput
    W : array, shape (n, d)
        The weights of the new outputs.
    b : array, shape (n,), optional
        Their biases, where the layer has a bias. Their velocity, where it has one, is zero.

    Raises
    ------
    ValueError
        When the shapes do not fit, a bias is missing or not wanted, or a number is not finite. Nothing is changed.

    Notes
    -----
    Functions that were compiled go on with all outputs. A loss that was made for a number of outputs, as all but the
    squared error are, counts but these: make it again, and the training function.

    Examples
    --------
    >>> from ptembed.graphs.factored import FactoredOutput
    >>> layer = FactoredOutput.from_dense(np.eye(3, 2))
    >>> grow(layer, [[5.0, 6.0]])
    >>> layer.D, layer.to_dense()[0][3]
    (4, array([5., 6.]))
    """
    W = _rows(layer, W, b)
    Uinv, Q, omega, w_bar = (x.get_value() for x in (layer.Uinv, layer.Q, layer.omega, layer.w_bar))
    V, stamps = layer.V.get_value(borrow=True), layer.log.stamps.get_value(borrow=True)
    v = ((W - omega) @ Uinv).astype(V.dtype)
    stamp = np.full(len(v), layer.log.now(), stamps.dtype)
    values = {
        layer.V: np.concatenate([V, v]),
        layer.log.stamps: np.concatenate([stamps, stamp]),
        layer.Q: Q + (W.T @ W).astype(Q.dtype),
        layer.w_bar: w_bar + W.sum(axis=0).astype(w_bar.dtype),
    }
    for shared, value in values.items():
        shared.set_value(value, borrow=True)


def _rows(layer, W, b):
    W = np.asarray(W, "float64")
    d = layer.d - layer.bias
    if W.ndim != 2 or W.shape[1] != d:
        raise ValueError(f"new rows must have shape (n, {d}) as those of the layer, got {W.shape}")
    if (b is not None) != layer.bias or (b is not None and np.shape(b) != W.shape[:1]):
        needed = f"one number for each of {len(W)} new outputs" if layer.bias else "None: the layer has no bias"
        raise ValueError(f"b must be {needed}, got {'None' if b is None else f'shape {np.shape(b)}'}")
    W = W if b is None else np.column_stack([W, b])
    if not np.isfinite(W).all():
        raise ValueError("new rows must be finite, got NaN or infinity: nothing was changed")
    return np.hstack([W, np.zeros_like(W)]) if layer.momentum else W
