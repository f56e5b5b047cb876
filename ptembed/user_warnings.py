"""Warnings that show the line of the user's program, however deep in the libraries they are given."""

import sys
import warnings
from types import FrameType

__all__ = ["warn_user"]

_LIBRARIES = {"ptembed", "pytensor", "theano", "importlib", "contextlib", "functools"}


def warn_user(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the innermost line that is neither ours nor of PyTensor; at the caller's if there is none.

    Parameters
    ----------
    message : str
    category : class, optional
    """
    caller = sys._getframe(1)
    frame: FrameType | None = caller
    while frame is not None and _is_of_a_library(frame):
        frame = frame.f_back
    at = frame or caller
    module, registry = at.f_globals.get("__name__"), at.f_globals.setdefault("__warningregistry__", {})
    warnings.warn_explicit(message, category, at.f_code.co_filename, at.f_lineno, module, registry)


def _is_of_a_library(frame) -> bool:
    names = {frame.f_globals.get("__name__") or "", frame.f_globals.get("__package__") or ""}
    return not _LIBRARIES.isdisjoint(name.partition(".")[0] for name in names)
