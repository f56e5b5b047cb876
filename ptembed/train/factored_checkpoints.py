"""Checkpoints of a factored output layer: its factors, and what their rows have yet to see of its log, in one file.

So training goes on to the very bit. The file takes as much as the layer; nothing in it is pickled.

Read next: :mod:`ptembed.train.checkpoints`.
"""

from typing import Any

import pytensor

from ptembed.graphs.factored import FactoredOutput
from ptembed.kinds import File
from ptembed.train.checkpoints import read_values, save_values

__all__ = ["load_layer", "save_layer"]

KIND = "factored output layer"


def save_layer(path: File, layer: FactoredOutput) -> None:
    """Save a layer.

    Parameters
    ----------
    path : path
        Of an ``.npz`` file.
    layer : FactoredOutput

    Raises
    ------
    OSError
        When the file cannot be written. The old one is as it was.
    """
    save_values(path, layer.state, {"kind": KIND, "bias": bool(layer.bias), "momentum": bool(layer.momentum)})


def load_layer(path: File) -> Any:
    """Make a layer of what :func:`save_layer` wrote.

    Parameters
    ----------
    path : path

    Returns
    -------
    FactoredOutput
        With shared variables of its own, for functions that are yet to be compiled. Those that are compiled go on
        after ``load_values(path, layer.state)``, see :func:`ptembed.train.checkpoints.load_values`.

    Raises
    ------
    ValueError
        When the file is no whole checkpoint of a layer.
    OSError
        When it cannot be read.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> folder = tempfile.TemporaryDirectory()
    >>> save_layer(f"{folder.name}/layer.npz", FactoredOutput.from_dense(np.eye(3, 2)))
    >>> load_layer(f"{folder.name}/layer.npz").to_dense()[0][1]
    array([0., 1.])
    """
    about, values = read_values(path)
    state = about["state"]
    if not isinstance(state, dict) or state.get("kind") != KIND:
        raise ValueError(f"{path} must be a checkpoint of a {KIND}, got one of {about['names']}: see load_values")
    try:
        shared = [pytensor.shared(x, name=name, borrow=True) for name, x in zip(about["names"], values, strict=True)]
        bias, momentum = bool(state["bias"]), bool(state.get("momentum", False))
        layer = FactoredOutput(*shared[:6], bias=bias, momentum=momentum)  # type: ignore[misc]
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{path} must have the factors of a layer, and has not: {error}") from error
    log = layer.log.shared
    if [_kind(x) for x in log] != [_kind(x) for x in shared[6:]]:
        raise ValueError(f"{path} must have a log as this version's layers have, got another: load it with the old one")
    for mine, saved in zip(log, shared[6:], strict=True):
        mine.set_value(saved.get_value(borrow=True), borrow=True)
    return layer


def _kind(x):
    value = x.get_value(borrow=True)
    return x.name, value.dtype, value.shape
