"""How far a training has come: the blocks and losses of all workers, and what of this a checkpoint keeps.

Read next: :mod:`ptembed.parallel.hogwild`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ptembed.train.checkpoints import read_values

__all__ = ["Job", "Progress", "Trained", "WorkerError", "saved_state"]

IN_FOLDER = "checkpoint.npz"  # what a checkpoint of several files has beside them


class WorkerError(RuntimeError):
    """A worker raised, or died; the message has its traceback or how it ended."""


@dataclass
class Trained:
    """What :func:`ptembed.parallel.train` has done.

    Attributes
    ----------
    losses : array, shape (blocks,)
        The mean loss of each block, in the order in which they were reported; those of this call alone.
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


@dataclass(frozen=True)
class Job:
    """What is trained, and what is done about failures; see :func:`ptembed.parallel.train`."""

    make_function: Callable
    data: Callable
    tied: list
    on_error: str = "stop"
    checkpoint: Any = None
    every: float = 60.0
    resume: bool = False


def saved_state(checkpoint: Any) -> Any:
    """Give what a checkpoint, a file or a folder, says of its training; None if there is no such checkpoint."""
    path = Path(checkpoint)
    path = path / IN_FOLDER if path.is_dir() else path
    return read_values(path)[0]["state"] if path.exists() else None


class Progress:
    """The blocks of all workers, those that were run and those that are left.

    Parameters
    ----------
    blocks, processes, seed, until
        See :func:`ptembed.parallel.train`.
    saved : dict, optional
        The :meth:`state` of the training that goes on.

    Attributes
    ----------
    shares, done : lists of int
        How many blocks each worker has to run in all, and has run.
    seeds : list of numpy.random.SeedSequence

    Raises
    ------
    ValueError
        When ``saved`` is of another number of workers.
    """

    def __init__(self, blocks: Any, processes: Any, seed: Any = None, until: Any = None, saved: Any = None) -> None:
        if saved is not None and len(saved["done"]) != processes:
            raise ValueError(f"processes must be as many as before, {len(saved['done'])}, to resume, got {processes}")
        self.shares = [blocks // processes + (k < blocks % processes) for k in range(processes)]
        self.entropy = np.random.SeedSequence(seed).entropy if saved is None else saved["entropy"]
        self.done = [0] * processes if saved is None else list(saved["done"])
        self.seeds = np.random.SeedSequence(self.entropy).spawn(processes)
        self.until, self.bar, self.stopped = until, None, False
        self.losses: list[Any] = []
        self.workers: list[Any] = []

    def state(self) -> Any:
        """What a checkpoint keeps, for JSON."""
        return {"entropy": self.entropy, "done": self.done}

    def blocks_left(self, worker: Any) -> Any:
        return max(0, self.shares[worker] - self.done[worker])

    def note(self, worker: Any, losses: Any) -> Any:
        """Take what a worker reports; gives whether training is to end now."""
        self.losses += losses
        self.workers += [worker] * len(losses)
        self.done[worker] += len(losses)
        if self.bar is not None:
            self.bar.update(len(losses))
            self.bar.set_postfix(loss=f"{np.mean(self.losses[-100:]):.4g}")
        ends = bool(losses) and self.until is not None and not self.stopped and bool(self.until(self.losses))
        self.stopped |= ends
        return ends

    def trained(self, seconds: Any) -> Any:
        """Give the :class:`Trained`."""
        return Trained(np.array(self.losses), np.array(self.workers, int), seconds, self.stopped)
