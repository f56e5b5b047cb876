"""Real Theano in a process of its own: what must be there first, what is passed on to it, and its last words."""

import os
import subprocess
import sys
from pathlib import Path

__all__ = ["blas_of_numpy", "check_paths", "environment", "last_line"]

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


def blas_of_numpy(python37):
    """Give the flags and the environment with which Theano links the OpenBLAS that its NumPy brings along, if any."""
    ask = "import numpy; print(numpy.__path__[0])"
    done = subprocess.run([python37, "-c", ask], env=environment(python37), capture_output=True, text=True, check=True)
    for library in Path(done.stdout.strip(), ".libs").glob("libopenblas*"):
        return f"blas.ldflags=-L{library.parent} -l:{library.name}", {"LD_LIBRARY_PATH": str(library.parent)}
    return "", {}
