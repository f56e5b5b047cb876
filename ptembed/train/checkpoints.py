"""Checkpoints: the values of shared variables, and where the random generators stood, in one file.

A file is NumPy's ``.npz``, or one of safetensors where its name ends so; nothing in it is pickled, and loading runs no
code of it. It is written beside its place and moved there when it is whole, so that an interrupted save leaves the old
file.
"""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from ptembed.extras import needs
from ptembed.kinds import File
from ptembed.random_states import like_state
from ptembed.whole_files import write_whole
from ptembed.zipped_arrays import DAMAGED, read_array

__all__ = ["load_values", "read_values", "save_values"]

FORMAT = "ptembed values 1"
SAFE = ".safetensors"


def save_values(path: File, variables: Any, state: Any = None) -> None:
    """Save the values of shared variables.

    Parameters
    ----------
    path : path
        A name that ends in ``.safetensors`` makes a file of that format, others one of NumPy's.
    variables : iterable of pytensor shared variables
        Their values are NumPy arrays or NumPy random generators.
    state : JSON-able object, optional
        What else is to be known when training goes on, such as the number of the epoch.

    Raises
    ------
    TypeError
        When a value is neither array nor generator, or ``state`` does not go into JSON.
    OSError
        When the file cannot be written. The old one is as it was.
    ImportError
        For safetensors where it is not installed.
    """
    path, variables = Path(path), list(variables)
    values = [_plain(var) for var in variables]
    arrays = {f"value{k}": value for k, value in enumerate(values) if isinstance(value, np.ndarray)}
    described = {
        "format": FORMAT,
        "names": [var.name for var in variables],
        "generators": {str(k): value for k, value in enumerate(values) if not isinstance(value, np.ndarray)},
        "state": state,
    }
    about = json.dumps(described)
    if path.suffix == SAFE:
        arrays = {name: np.asarray(array, order="C") for name, array in arrays.items()}
        content = needs("safetensors.numpy", "safetensors").save(arrays, {"about": about})
        write_whole(path, lambda file: file.write(content))
        return
    arrays["about"] = np.frombuffer(about.encode(), "uint8")
    write_whole(path, lambda file: np.savez(file, **arrays))  # type: ignore[arg-type]


def load_values(path: File, variables: Any) -> Any:
    """Give shared variables the values that :func:`save_values` wrote, in the same order.

    Returns
    -------
    object
        The ``state`` that was saved.

    Raises
    ------
    ValueError
        When the file is no checkpoint, was cut short, or does not fit the variables in number, name, dtype or shape.
        No variable is changed.
    OSError
        When it cannot be read.

    Notes
    -----
    Values are written into the arrays that the variables hold, so that shared memory stays shared.
    """
    variables = list(variables)
    about, values = read_values(path)
    if about["names"] != [var.name for var in variables]:
        raise ValueError(f"{path} must be of the variables {[v.name for v in variables]}, got {about['names']}")
    values = [_fitting(path, var, value) for var, value in zip(variables, values, strict=True)]
    for var, value in zip(variables, values, strict=True):
        held = var.container.storage[0]
        if isinstance(value, np.ndarray):
            held[...] = value
        else:
            held.bit_generator.state = value
    return about["state"]


def _plain(var):
    value = var.get_value(borrow=True)
    if isinstance(value, np.random.Generator):
        return json.loads(json.dumps(value.bit_generator.state, default=_listed))
    if not isinstance(value, np.ndarray) or value.dtype.hasobject:
        raise TypeError(f"{var} must hold an array of numbers or a random generator, got {type(value).__name__}")
    return value


def _listed(array):
    if isinstance(array, np.ndarray):
        return {"array": array.tolist(), "dtype": array.dtype.str}
    raise TypeError(f"a random generator's state must go into JSON, got {type(array).__name__} in it")


def read_values(path: File) -> Any:
    """Read a checkpoint for which there are no variables yet.

    Returns
    -------
    about : dict
        ``names`` of the variables, and ``state``.
    values : list
        An array, or the state of a random generator, for each.

    Raises
    ------
    ValueError
        When the file is no checkpoint, or was cut short.
    OSError
        When it cannot be read.
    """
    try:
        about, array_of = (_safe if Path(path).suffix == SAFE else _zipped)(path)
        about = json.loads(about)
        if about["format"] != FORMAT:
            raise ValueError(f"its format is {about['format']!r}, this version reads {FORMAT!r}")
        names, state = list(about["names"]), about["state"]
        generators = {int(k): dict(value) for k, value in about["generators"].items()}
        values = [generators.get(k) or array_of(f"value{k}") for k in range(len(names))]
        return {"names": names, "state": state}, values
    except (*DAMAGED, AttributeError) as error:
        raise ValueError(f"{path} must be a whole checkpoint of ptembed, and is not: {error}") from error


def _zipped(path):
    """Give the text of a file of NumPy's, and a function that gives its arrays by name."""
    with zipfile.ZipFile(path) as file:
        arrays = {name.removesuffix(".npy"): read_array(file, name) for name in file.namelist()}
    return arrays["about"].tobytes(), arrays.__getitem__


def _safe(path):
    """Give the text of a file of safetensors, and a function that gives its arrays by name."""
    safetensors = needs("safetensors", "safetensors")
    with open(path, "rb"):
        pass  # the library has no OSError of its own
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  it is no dict
            return (file.metadata() or {})["about"], arrays.__getitem__
    except safetensors.SafetensorError as error:
        raise ValueError(str(error)) from error


def _fitting(path, var, value):
    held = var.get_value(borrow=True)
    if isinstance(held, np.random.Generator) and isinstance(value, dict):
        return _state_of(path, held.bit_generator, value)
    if not isinstance(value, np.ndarray) or not isinstance(held, np.ndarray):
        raise ValueError(f"{path}: {var} must be what it was when saved, an array or a generator")
    if (value.dtype, value.shape) != (held.dtype, held.shape):
        saved = f"{value.dtype} of shape {value.shape}"
        raise ValueError(f"{path}: {var} must be {held.dtype} of shape {held.shape}, as the variable, got {saved}")
    return value


def _state_of(path, generator, value):
    try:
        state = like_state(value, generator.state)
        type(generator)().state = state
        return state
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"{path} must have a state of {type(generator).__name__}, and has not: {error}") from error
