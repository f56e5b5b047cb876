"""Real Theano in a process of its own: what must be there first, what is passed on to it, and its last words."""

import os
import sys
from pathlib import Path

__all__ = ["check_paths", "environment", "last_line"]

FOLDERS = ("PYTHONPATH", "PYTHONHOME")


def check_paths(out, python37):
    """Raise ``FileNotFoundError`` where there is no folder ``out``, or no ``python37`` although one is given."""
    for path, kind in ((out, "the folder of the table"), (python37, "the Python 3.7")):
        if path is not None and not Path(path).exists():
            raise FileNotFoundError(f"{kind} must exist, got {path}: check the path")


def environment(python, **settings):
    """Give the environment for a program of ``python``: this one's, without its folders where it is another Python."""
    ours = python == sys.executable
    return {name: value for name, value in os.environ.items() if ours or name not in FOLDERS} | settings


def last_line(errors):
    """The last line of ``errors``, which in Python says what went wrong."""
    return (errors.strip().splitlines() or ["it said nothing"])[-1]
