"""What runs in a worker of :func:`ptembed.parallel.hogwild.train`, and how it talks with its parent.

A worker answers each of the parent's messages, ``"go"``, ``"pause"`` and ``"stop"``, between two blocks of steps; a
closed pipe means ``"stop"``, so that workers end when their parent does. It sends ``("ready", None)``,
``("losses", list)``, ``("paused", None)``, and at last ``("done", None)`` or ``("error", traceback)``.
"""

import itertools
import signal
import time
import traceback
from dataclasses import dataclass

import numpy as np

from ptembed.parallel.memory import write_back
from ptembed.train.block import Block

__all__ = ["Trained", "WorkerError", "work"]

INTERVAL = 0.1  # seconds between two reports


class WorkerError(RuntimeError):
    """A worker raised, or died; the message has its traceback or how it ended."""


@dataclass
class Trained:
    """What :func:`train` has done.

    Attributes
    ----------
    losses : array, shape (blocks,)
        The mean loss of each block, in the order in which they were reported.
    workers : int array, shape (blocks,)
        Which worker ran the block.
    seconds : float
        From the moment that all workers had compiled.
    stopped : bool
        Whether ``until`` ended it.
    """

    losses: np.ndarray
    workers: np.ndarray
    seconds: float
    stopped: bool


def work(pipe, make_function, data, tied, seed, blocks):
    """Run ``blocks`` blocks of steps in this process; see :func:`ptembed.parallel.hogwild.train`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes: the parent says what is to be done
    try:
        function = make_function(*tied)
        supply = _compiled(function, itertools.islice(data(np.random.default_rng(seed)), blocks))
        pipe.send(("ready", None))
        if pipe.recv() == "go":
            _run(pipe, function, supply, tied)
        pipe.send(("done", None))
    except (EOFError, BrokenPipeError):
        pass  # the parent has gone
    except BaseException:
        pipe.send(("error", traceback.format_exc()))


def _compiled(function, supply):
    """Compile what Numba compiles at the first call, by a block of no steps; give all blocks back."""
    for first in supply:
        if isinstance(function, Block):
            stacked = len(function.inputs)
            function(*(np.asarray(array)[:0] for array in first[:stacked]), *first[stacked:])
        return itertools.chain([first], supply)
    return supply


def _run(pipe, function, supply, tied):
    losses, reported = [], time.monotonic()
    for block in supply:
        losses.append(step(function, block, tied))
        if time.monotonic() - reported > INTERVAL:
            pipe.send(("losses", losses))
            losses, reported = [], time.monotonic()
        if pipe.poll() and not _goes_on(pipe):
            break
    pipe.send(("losses", losses))


def step(function, block, tied):
    """Run one block; give the mean of what it returned, NaN if that was nothing."""
    result = function(*block)
    write_back(tied)
    first = result[0] if isinstance(result, list | tuple) and result else result
    return float(np.mean(first)) if np.size(first) and first is not None else float("nan")


def _goes_on(pipe):
    message = pipe.recv()
    if message == "pause":
        pipe.send(("paused", None))
        message = pipe.recv()
    return message == "go"
