"""What :func:`ptembed.parallel.train` refuses, and what it warns of, before anything is started.

Read next: :mod:`ptembed.parallel.hogwild`.
"""

import functools
import inspect
import math
import os
import sys
import warnings
from multiprocessing.reduction import ForkingPickler
from typing import Any

from ptembed.arguments import at_least_one
from ptembed.parallel.memory import checked

__all__ = ["PLACES", "advise", "check", "check_sendable"]

PLACES = ("processes", "ray", "mpi")


def check(
    blocks: int, processes: int, on_error: Any, start_method: Any, on: Any, tied: Any, checkpoint: Any, resume: Any
) -> None:
    """Refuse what is out of range or does not go together."""
    for name, value in {"blocks": blocks, "processes": processes}.items():
        at_least_one(value, name)
    if on_error not in ("stop", "continue"):
        raise ValueError(f"on_error must be 'stop' or 'continue', got {on_error!r}")
    if start_method not in ("spawn", "forkserver"):
        raise ValueError(
            f"start_method must be 'spawn' or 'forkserver', got {start_method!r}: compiled code has threads"
        )
    if on not in PLACES:
        raise ValueError(f"on must be one of {PLACES}, got {on!r}")
    if not tied:
        raise ValueError("tied must name the shared variables that the workers train together, got none")
    if on != "processes" and len(tied) != 1:
        raise ValueError(f"tied must be one matrix on {on!r}, got {len(tied)} variables")
    if resume and checkpoint is None:
        raise ValueError("checkpoint must name what resume=True is to go on from, got None")


def rows_of(tied):
    """Give how many rows the smallest of the variables has, once all can be shared."""
    shapes = [checked(var).get_value(borrow=True).shape for var in tied]
    return min((shape[0] for shape in shapes if shape), default=math.inf)


def cores():
    """Give how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def advise(processes: int, **most: Any) -> None:
    """Warn when there are more processes than there are cores, or rows."""
    for what, number in most.items():
        if processes > number:
            text = f"{processes} processes on {number} {what}: more will not be faster"
            warnings.warn(text, RuntimeWarning, stacklevel=4)


def check_sendable(dumps: Any = ForkingPickler.dumps, **named: Any) -> None:
    """Refuse what cannot be sent to a worker, naming the part of it that cannot.

    Parameters
    ----------
    dumps : callable
        Pickles; the pickler of Ray takes more than that of ``multiprocessing``.
    **named : callables
    """
    for name, value in named.items():
        if not callable(value):
            raise TypeError(f"{name} must be callable, got {value!r}")
        if dumps is ForkingPickler.dumps and _typed_in(value):
            raise TypeError(
                f"{name} must be a function of a file, which a worker can import, got {value!r}, which was typed in: "
                "write it into a module"
            )
        error = _refusal(dumps, value)
        if error is not None:
            path, part, why = _culprit(dumps, name, value, error)
            raise TypeError(
                f"{name} must be a function at the top of a module, or an object that can be pickled, to be sent to a "
                f"worker, got {path} = {part!r}: {why}"
            ) from error


def _typed_in(value):
    """Whether ``value`` is of a program that is no file, such as a notebook, where spawned workers do not find it."""
    kind = value if hasattr(value, "__qualname__") else type(value)
    main = sys.modules["__main__"]
    return (
        getattr(kind, "__module__", None) == "__main__"
        and not hasattr(main, "__file__")
        and getattr(main, "__spec__", None) is None
    )


def _refusal(dumps, value):
    try:
        dumps(value)
    except Exception as error:
        return error
    return None


def _culprit(dumps, path, value, error):
    """Give path, value and error of the innermost part of ``value`` that cannot be pickled."""
    for name, part in _parts(value):
        inner = _refusal(dumps, part)
        if inner is not None:
            return _culprit(dumps, f"{path}{name}", part, inner)
    return path, value, error


def _parts(value):
    if isinstance(value, functools.partial):
        yield from ((f".args[{k}]", part) for k, part in enumerate(value.args))
        yield from ((f".keywords[{name!r}]", part) for name, part in value.keywords.items())
        yield ".func", value.func
    elif inspect.isfunction(value):
        yield from ((f", its {name}", part) for name, part in inspect.getclosurevars(value).nonlocals.items())
    elif isinstance(value, dict):
        yield from ((f"[{name!r}]", part) for name, part in value.items())
    elif isinstance(value, list | tuple):
        yield from ((f"[{k}]", part) for k, part in enumerate(value))
    elif not isinstance(value, type):
        yield from ((f".{name}", part) for name, part in getattr(value, "__dict__", {}).items())
