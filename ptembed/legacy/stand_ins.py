"""Functions in place of those that a library has dropped: the one of today, or one that says what to use."""

import importlib

__all__ = ["gone", "lazily"]

_LIBRARIES = {"numpy": "NumPy", "scipy": "SciPy", "sklearn": "scikit-learn"}


def lazily(module: str, name: str):
    """The function ``module.name`` by a function, so that the module is imported when it is called."""

    def call(*args, **kwargs):
        return getattr(importlib.import_module(module), name)(*args, **kwargs)

    call.__name__ = name
    call.__doc__ = f"See ``{module}.{name}``."
    return call


def gone(name: str, instead: str):
    """A function that raises ``NotImplementedError``: ``name`` is gone, ``instead`` is what to use.

    Examples
    --------
    >>> gone("numpy.npv", "the package numpy_financial")(0.1, [1, 2])
    Traceback (most recent call last):
        ...
    NotImplementedError: numpy.npv is gone: NumPy dropped it; use the package numpy_financial.
    """
    reason = f"{_LIBRARIES[name.partition('.')[0]]} dropped it; use {instead}."

    def refuse(*args, **kwargs):
        raise NotImplementedError(f"{name} is gone: {reason}")

    refuse.gone = reason  # type: ignore[attr-defined]  # the census says it
    refuse.__name__ = name.rpartition(".")[2]
    return refuse
