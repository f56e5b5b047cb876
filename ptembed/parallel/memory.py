"""Shared variables whose values lie in named shared memory, so that the functions of several processes work on them.

A PyTensor function that writes in place, as those with row-wise updates do, writes into the array that its shared
variable holds. :func:`share_memory` moves that array to a segment of shared memory. When the variable is then sent to
another process, as an argument of a ``multiprocessing.Process`` or through a ``multiprocessing`` queue, it arrives as
a variable on the same segment, whether processes are started by spawn, forkserver or fork.

The process that made a segment removes it: at :meth:`Memory.close`, at its end, and, by the resource tracker of
``multiprocessing``, also after it was killed. Where the tracker was killed too, as with a whole process group, the next
program that shares memory removes what is left: a segment on which no owner holds a lock.

Read next: :mod:`ptembed.parallel.hogwild`.
"""

import contextlib
import os
import secrets
import sys
import time
from multiprocessing import resource_tracker
from multiprocessing.reduction import ForkingPickler
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np
from pytensor.compile.sharedvalue import SharedVariable

__all__ = ["Memory", "share_memory"]

FOLDER = "/dev/shm"  # where Linux keeps named segments
PREFIX = "ptembed-"
YOUNG = 60  # seconds in which a segment may be without its owner's lock
_HOMES: dict[int, tuple[SharedVariable, "_Segment", np.ndarray]] = {}


def share_memory(variables: Any) -> "Memory":
    """Move the values of shared variables to shared memory.

    Parameters
    ----------
    variables : iterable of pytensor shared variables
        Of tensors. One that is in shared memory already stays there.

    Returns
    -------
    Memory
        Owns the segments; a context manager that gives the variables values of their own again at its end.

    Raises
    ------
    TypeError
        When one is not a shared variable whose value is a NumPy array of numbers.
    OSError
        When the machine has less shared memory left than the values need. No variable is changed.

    Examples
    --------
    >>> import numpy as np, pytensor
    >>> W = pytensor.shared(np.zeros((4, 2)), name="W")
    >>> with share_memory([W]) as memory:
    ...     memory.is_shared(W)
    True
    >>> memory.is_shared(W)
    False
    """
    return Memory(variables)


class Memory:
    """Owns the segments that hold the values of ``variables``; see :func:`share_memory`.

    Attributes
    ----------
    variables : list of shared variables
    """

    def __init__(self, variables: Any) -> None:
        self.variables = [var for var in dict.fromkeys(map(checked, variables)) if not self.is_shared(var)]
        sizes = [var.get_value(borrow=True).nbytes for var in self.variables]
        for var, segment in zip(self.variables, _reserved(sizes), strict=True):
            value = var.get_value(borrow=True)
            _settle(var, segment, value.shape, value.dtype)[...] = value
            var.container.storage[0] = _HOMES[id(var)][2]

    @staticmethod
    def is_shared(variable: Any) -> bool:
        """Whether the value of ``variable`` lies in shared memory in this process."""
        return id(variable) in _HOMES

    def close(self) -> None:
        """Give each variable a copy of its value as its own, and remove the segments. A second call does nothing."""
        for var in self.variables:
            if not self.is_shared(var):
                continue
            write_back([var])
            var.container.storage[0] = np.array(var.container.storage[0])
            _HOMES.pop(id(var))[1].remove()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


def write_back(variables):
    """Copy into shared memory what a function gave its variables as new arrays instead of writing in place.

    A dense update may give a new array. The variable would then no longer be tied to those of other processes.
    """
    for var in variables:
        value, home = var.container.storage[0], _HOMES[id(var)][2]
        if value is not home:
            home[...] = value
            var.container.storage[0] = home


class _Segment(SharedMemory):
    """A segment that may go before the arrays in it: these keep the mapping alive."""

    lock = None

    def close(self):
        with contextlib.suppress(BufferError):
            super().close()

    def remove(self):
        self.close()
        self.unlink()
        if self.lock is not None:
            self.lock.close()


def _reserved(sizes):
    """Create segments, all of them or none, whose pages exist: a write into missing ones would kill the process."""
    remove_orphans()
    segments = []
    try:
        for size in sizes:
            segments.append(_Segment(f"{PREFIX}{os.getpid()}-{secrets.token_hex(4)}", create=True, size=max(size, 1)))
            segments[-1].lock = _filled(segments[-1])
    except OSError as error:
        for segment in segments:
            segment.remove()
        raise OSError(
            error.errno,
            f"shared memory must have room for {sum(sizes) / 1e9:.3g} GB, and has not: enlarge {FOLDER} or share less",
        ) from error
    return segments


def _filled(segment):
    """Allocate the pages; give the open file that holds the owner's lock, where segments are files."""
    path = os.path.join(FOLDER, segment.name)
    if not os.path.exists(path):
        return None
    import fcntl

    file = open(path, "r+b")  # noqa: SIM115  the lock is held as long as the file is open
    fcntl.flock(file, fcntl.LOCK_SH)
    os.posix_fallocate(file.fileno(), 0, segment.size)
    return file


def remove_orphans():
    """Remove segments whose owners were killed together with their resource trackers."""
    with contextlib.suppress(FileNotFoundError):
        for name in os.listdir(FOLDER):
            if name.startswith(PREFIX):
                with contextlib.suppress(OSError):  # of another user, in use, or gone meanwhile
                    _remove_orphan(os.path.join(FOLDER, name))


def _remove_orphan(path):
    import fcntl

    with open(path, "r+b") as file:
        if time.time() - os.fstat(file.fileno()).st_mtime > YOUNG:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(path)


def checked(var):
    """Give ``var`` if it is a shared variable that can lie in shared memory, else raise TypeError."""
    if not isinstance(var, SharedVariable):
        raise TypeError(f"share_memory takes pytensor shared variables, got {var!r}: make them with pytensor.shared")
    value = var.get_value(borrow=True)
    if not isinstance(value, np.ndarray) or value.dtype.hasobject:
        raise TypeError(f"{var} must hold an array of numbers to be put in shared memory, got {type(value).__name__}")
    return var


def _settle(var, segment, shape, dtype):
    home = np.ndarray(shape, dtype, buffer=segment.buf)
    _HOMES[id(var)] = var, segment, home
    ForkingPickler.register(type(var), _reduced)
    return home


def _reduced(var):
    """Pickle a variable for another process: by the name of its segment, or as any variable if it has none."""
    if id(var) not in _HOMES:
        return var.__reduce_ex__(2)
    _, segment, home = _HOMES[id(var)]
    return _attached, (type(var), var.type, var.name, segment.name, home.shape, home.dtype.str)


def _attached(kind, var_type, name, segment_name, shape, dtype):
    for var, segment, _ in _HOMES.values():
        if segment.name == segment_name:
            return var
    segment = _opened(segment_name)
    var = kind(type=var_type, value=np.ndarray(shape, dtype, buffer=segment.buf), strict=True, name=name)
    var.container.storage[0] = _settle(var, segment, shape, np.dtype(dtype))
    return var


def _opened(name):
    """Open a segment of another process, without becoming its owner."""
    if sys.version_info >= (3, 13):
        return _Segment(name, track=False)
    inherited = resource_tracker._resource_tracker._fd is not None
    segment = _Segment(name)
    if not inherited:  # a child has the owner's tracker, which forgets a segment once; any other process its own
        resource_tracker.unregister(segment._name, "shared_memory")
    return segment
