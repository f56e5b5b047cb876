"""Tracebacks of a user's program that begin and end in the user's own files."""

import itertools
import os
import runpy
from pathlib import Path
from types import TracebackType

__all__ = ["leave_user_frames"]

_HERE = str(Path(__file__).parent) + os.sep
_OURS = ("python2" + os.sep, "children.py", "runner.py", "notebook.py")


def leave_user_frames(error: BaseException) -> None:
    """Take the frames of the runner and of the translation out of an error's traceback, and of those that led to it."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        error_ = waiting.pop()
        if error_ is not None and id(error_) not in seen:
            seen.add(id(error_))
            error_.__traceback__ = _without_ours(error_.__traceback__)
            waiting += [error_.__cause__, error_.__context__]


def _without_ours(trace: TracebackType | None) -> TracebackType | None:
    frames = []
    while trace is not None:
        if not _is_ours(trace.tb_frame.f_code.co_filename):
            frames.append(trace)
        trace = trace.tb_next
    for frame, following in itertools.pairwise([*frames, None]):
        if frame is not None:
            frame.tb_next = following
    return frames[0] if frames else None


def _is_ours(file: str) -> bool:
    ours = file.startswith(_HERE) and file.removeprefix(_HERE).startswith(_OURS)
    return ours or file in (runpy.__file__, "<frozen runpy>")
