"""Sides timed in turn in one process, and what the machine is and can do.

Other work on a machine comes in waves that last longer than a step. So the sides take turns, some steps each in a
round, and two sides are compared by the ratios of their medians round by round. The time of a side is the median of its
rounds.
"""

import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

__all__ = ["Side", "copy_speed", "in_turn", "machine", "ratio"]


def _as_it_is(ids):
    return (ids,)


@dataclass
class Side:
    """One way to take a training step.

    Attributes
    ----------
    name : str
    step : callable
        Takes what ``prepare`` gives.
    rows : callable
        Gives the rows of the matrix that the given numbers name, as they are now: shape (k, d).
    prepare : callable
        From ids, shape (m, 3), or (block, m, 3) for a side that takes blocks, to the arguments of ``step``; not timed.
    block : int
        How many steps one call takes; 0 for a side that takes one without an axis for it.
    versus : bool
        Whether the side does the same update as the others of its comparison.
    clock : callable
        Gives seconds; ``time.process_time`` where other work on the machine is not to count.
    """

    name: str
    step: Callable
    rows: Callable
    prepare: Callable = _as_it_is
    block: int = 0
    versus: bool = True
    clock: Callable = time.perf_counter

    def run(self, ids):
        """Take three steps on the same ids, shape (m, 3)."""
        for _ in range(1 if self.block else 3):
            self.step(*self.prepare(np.repeat(ids[None], 3, axis=0) if self.block else ids))

    def seconds(self, draw, calls, limit, before=None):
        """Seconds of a step, the median of at most ``calls`` calls that take together about ``limit`` seconds.

        ``draw(n)`` gives the ids of n steps, shape (n, m, 3); ``before()`` is called before each call, untimed.
        """
        taken = []
        for arguments in self._arguments(draw, calls):
            if before is not None:
                before()
            start = self.clock()
            self.step(*arguments)
            taken.append(self.clock() - start)
            if sum(taken) > limit:
                break
        return float(np.median(taken)) / (self.block or 1)

    def _arguments(self, draw, calls):
        if self.block:
            return (self.prepare(draw(self.block)) for _ in range(calls))
        return [self.prepare(ids) for ids in draw(calls)]

    def close(self):
        """End what the side has started."""


def in_turn(sides, draws, rounds, calls, limit, before=None):
    """Seconds of a step for each side and round, shape (len(sides), rounds); see :meth:`Side.seconds`."""
    taken = np.empty((len(sides), rounds))
    for t in range(rounds):
        for s, (side, draw) in enumerate(zip(sides, draws, strict=True)):
            taken[s, t] = side.seconds(draw, calls, limit, before)
    return taken


def ratio(a, b):
    """How many times as long ``a`` takes as ``b``, both of shape (rounds,): the median over the rounds."""
    return float(np.median(np.asarray(a) / np.asarray(b)))


def copy_speed(size=1 << 28, repeats=9):
    """Bytes a second, read and written, that a copy of ``size`` bytes moves on one core."""
    a, b = np.ones(size, np.uint8), np.zeros(size, np.uint8)
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        np.copyto(b, a)
        taken.append(time.perf_counter() - start)
    return 2 * size / float(np.median(taken))


def machine(*packages):
    """A line on the processor, the system, and the versions of Python and of those packages that are installed."""
    words = [_processor(), f"{os.cpu_count()} cores", _cache(), f"{platform.system()} {platform.machine()}"]
    versions = [f"Python {platform.python_version()}", *filter(None, map(_version, packages))]
    return ", ".join(filter(None, words)) + "; " + ", ".join(versions)


def _processor():
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _cache():
    size = Path("/sys/devices/system/cpu/cpu0/cache/index3/size")
    return f"{size.read_text().strip()} L3" if size.exists() else ""


def _version(package):
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return ""
