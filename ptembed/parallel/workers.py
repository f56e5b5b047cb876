"""What runs in a worker of :func:`ptembed.parallel.hogwild.train`, and how it talks with its parent.

A worker answers each of the parent's messages, ``"go"``, ``"pause"`` and ``"stop"``, between two blocks of steps; a
closed pipe means ``"stop"``, so that workers end when their parent does. It sends ``("ready", None)``,
``("losses", list)``, ``("paused", None)`` when all its losses are sent, and at last ``("done", None)`` or
``("error", traceback)``.
"""

import itertools
import signal
import time
import traceback
from typing import Any

import numpy as np

from ptembed.parallel.memory import write_back
from ptembed.train.block import Block

__all__ = ["compiled", "mean_loss", "step", "work"]

INTERVAL = 0.1  # seconds between two reports


def work(pipe: Any, make_function: Any, data: Any, tied: Any, seed: Any, done: Any, share: Any) -> None:
    """Run the blocks ``done`` to ``share`` in this process; see :func:`ptembed.parallel.hogwild.train`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes: the parent says what is to be done
    try:
        function = make_function(*tied)
        supply = compiled(function, itertools.islice(data(np.random.default_rng(seed)), done, max(done, share)))
        pipe.send(("ready", None))
        if pipe.recv() == "go":
            _run(pipe, function, supply, tied)
        pipe.send(("done", None))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass  # the parent has gone
    except BaseException:
        pipe.send(("error", traceback.format_exc()))


def compiled(function: Any, supply: Any) -> Any:
    """Compile what Numba compiles at the first call, by a block of no steps; give all blocks back."""
    for first in supply:
        if isinstance(function, Block):
            stacked = len(function.inputs)
            function(*(np.asarray(array)[:0] for array in first[:stacked]), *first[stacked:])
        return itertools.chain([first], supply)
    return supply


def _run(pipe, function, supply, tied):
    losses, reported = [], time.monotonic()
    try:
        for block in supply:
            losses.append(step(function, block, tied))
            asked = pipe.poll()
            if asked or time.monotonic() - reported > INTERVAL:
                pipe.send(("losses", losses))
                losses, reported = [], time.monotonic()
            if asked and not _goes_on(pipe):
                break
    finally:  # blocks that were run before an error count, too
        pipe.send(("losses", losses))


def step(function: Any, block: Any, tied: Any) -> Any:
    """Run one block; give its :func:`mean_loss`."""
    result = function(*block)
    write_back(tied)
    return mean_loss(result)


def mean_loss(result: Any) -> Any:
    """Give the mean of what a function returned first, NaN if that was nothing."""
    first = result[0] if isinstance(result, list | tuple) and result else result
    return float(np.mean(first)) if np.size(first) and first is not None else float("nan")


def _goes_on(pipe):
    message = pipe.recv()
    if message == "pause":
        pipe.send(("paused", None))
        message = pipe.recv()
    return message == "go"
