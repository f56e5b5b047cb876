r"""Asynchronous training: several processes, one set of parameters in shared memory, no locks.

Each worker compiles the function, draws its own data and updates the tied parameters whenever it is ready; where two
write one row at once, one write may be lost. With sparse updates this happens seldom enough that training converges
as in one process (F. Niu, B. Recht, C. Ré, S. Wright, "Hogwild!", NIPS 2011).

Read next: :mod:`ptembed.parallel.memory`, :mod:`ptembed.train.block`.
"""

import contextlib
import math
import multiprocessing
import os
import time
import warnings
from multiprocessing.connection import wait
from multiprocessing.reduction import ForkingPickler

import numpy as np

from ptembed.extras import needs
from ptembed.parallel.memory import checked, share_memory
from ptembed.parallel.workers import Trained, WorkerError, work
from ptembed.threads import one_thread_each
from ptembed.train.checkpoints import load_values, save_values

__all__ = ["train"]

PATIENCE = 30  # seconds that a worker has to end its block when it is told to stop


def train(
    make_function,
    data,
    *,
    tied,
    blocks,
    processes=1,
    seed=None,
    until=None,
    on_error="stop",
    checkpoint=None,
    every=60.0,
    progress=False,
    start_method="spawn",
    on="processes",
):
    r"""Train with several processes on one set of parameters.

    Parameters
    ----------
    make_function : callable
        ``make_function(*tied)`` gives a training function, such as :func:`ptembed.train.block`, that takes the arrays
        of a block and returns losses or nothing. It is called in each worker, so it must be importable there: a
        function at the top of a module. Called by yourself, it gives the function for this process alone. What it
        makes beside ``tied``, such as the histories of an optimizer, is the worker's own.
    data : callable
        ``data(rng)`` gives an iterable of blocks, each a tuple of the function's arrays; called in each worker with a
        NumPy generator of its own.
    tied : list of pytensor shared variables
        What all workers train; histories of an optimizer too, where all shall share them.
    blocks : int
        How many blocks all workers run together.
    processes : int
        How many workers.
    seed : int, optional
        Of the workers' generators.
    until : callable, optional
        ``until(losses)`` is called with the losses of all blocks so far at each report; a true answer ends training.
    on_error : {"stop", "continue"}
        What the other workers do when one fails; "continue" warns, and the blocks of the one that failed are left out.
    checkpoint : path, optional
        File to which the values of ``tied`` are saved, at first, every ``every`` seconds and at the end; the workers
        rest between two blocks meanwhile.
    progress : bool
        Show one bar for all (needs tqdm).
    start_method : {"spawn", "forkserver"}
    on : {"processes", "ray"}
        "ray" trains on the cluster that ``ray.init`` has connected to: the rows of the one matrix in ``tied`` lie in
        actors, and each worker is a task, which pulls the rows of a block and pushes what has changed. The training
        function must be a :func:`ptembed.train.block` with plain SGD on that matrix. ``checkpoint`` is then a folder.
        ``until``, ``on_error``, ``progress`` and ``start_method`` are for processes alone.

    Returns
    -------
    Trained

    Raises
    ------
    WorkerError
        When a worker failed and ``on_error`` is "stop", or all failed. ``tied`` has what was trained until then; but
        after a worker that was *killed*, maybe in the middle of a row, the values of the last checkpoint, if there is
        one.
    TypeError
        When ``make_function`` or ``data`` cannot be sent to a worker.
    OSError
        When there is not enough shared memory.

    Notes
    -----
    Workers use one thread each. Ctrl-C lets them end their blocks and raises KeyboardInterrupt; ``tied`` has what was
    trained until then. Nothing stays in shared memory. As with all ``multiprocessing``, a script calls this below
    ``if __name__ == "__main__":``.

    Every function that does not write in place is followed by a copy of the whole matrix: use row-wise updates.
    """
    tied = list(tied)
    if on == "ray":
        _check_for_ray(tied, until, on_error, progress, start_method)
    _check(make_function, data, tied, blocks, processes, on_error, start_method, on)
    shares = [blocks // processes + (k < blocks % processes) for k in range(processes)]
    seeds = np.random.SeedSequence(seed).spawn(processes)
    if on == "ray":
        from ptembed.parallel.ray_training import train_on_ray

        return train_on_ray(make_function, data, tied[0], shares, seeds, checkpoint, every)
    with share_memory(tied), contextlib.ExitStack() as stack:
        bar = stack.enter_context(needs("tqdm", "learn").tqdm(total=blocks)) if progress else None
        run = _Run(tied, until, on_error, checkpoint, every, bar)
        stack.callback(run.end)
        context = multiprocessing.get_context(start_method)
        with one_thread_each():
            for share, own_seed in zip(shares, seeds, strict=True):
                run.start(context, (make_function, data, tied, own_seed, share))
        return run.gather()


class _Run:
    """The parent's side: its workers, what they reported, and when to save."""

    def __init__(self, tied, until, on_error, checkpoint, every, bar):
        self.tied, self.until, self.on_error, self.bar = tied, until, on_error, bar
        self.checkpoint, self.every, self.saved = checkpoint, every, time.monotonic()
        self.processes, self.pipes, self.losses, self.workers = [], {}, [], []
        self.seconds, self.stopped, self.failures = 0.0, False, []
        if checkpoint is not None:
            save_values(checkpoint, tied)

    def start(self, context, arguments):
        here, there = context.Pipe()
        process = context.Process(target=work, args=(there, *arguments), daemon=True)
        process.start()
        there.close()
        self.pipes[here] = len(self.processes)
        self.processes.append(process)

    def gather(self):
        self.until_all("ready")
        started = time.monotonic()
        self.tell("go")
        while self.pipes:
            self.receive()
            if self.checkpoint is not None and time.monotonic() - self.saved > self.every:
                self.save()
        self.seconds = time.monotonic() - started
        if self.failures and (self.on_error == "stop" or len(self.failures) == len(self.processes)):
            raise WorkerError("\n".join(self.failures))
        if self.checkpoint is not None:
            save_values(self.checkpoint, self.tied)
        return Trained(np.array(self.losses), np.array(self.workers, int), self.seconds, self.stopped)

    def until_all(self, wanted):
        """Receive until each worker that is left has sent ``wanted``."""
        said = set()
        while self.pipes.keys() - said:
            said |= {pipe for pipe, kind in self.receive() if kind == wanted}

    def receive(self):
        kinds = []
        for pipe in wait(list(self.pipes), timeout=self.every):
            kind, what = self.message(pipe)
            kinds.append((pipe, kind))
            if kind == "losses":
                self.note(self.pipes[pipe], what)
            elif kind in ("done", "error", "died"):
                self.leave(pipe, kind, what)
        return kinds

    def message(self, pipe):
        try:
            return pipe.recv()
        except (EOFError, ConnectionResetError):
            return "died", None

    def note(self, worker, losses):
        self.losses += losses
        self.workers += [worker] * len(losses)
        if self.bar is not None:
            self.bar.update(len(losses))
            self.bar.set_postfix(loss=f"{np.mean(self.losses[-100:]):.4g}")
        if losses and self.until is not None and not self.stopped and self.until(self.losses):
            self.stopped = True
            self.tell("stop")

    def leave(self, pipe, kind, what):
        worker = self.pipes.pop(pipe)
        pipe.close()
        process = self.processes[worker]
        if kind == "done":
            return
        process.join(PATIENCE)
        if kind == "died":
            what = f"it ended with exit code {process.exitcode}{self.restored()}"
        self.failures.append(f"worker {worker} of {len(self.processes)} failed: {what}")
        if self.on_error == "stop":
            self.tell("stop")
        else:
            warnings.warn(self.failures[-1], RuntimeWarning, stacklevel=2)

    def restored(self):
        """Take back the last checkpoint, as a killed worker may have left a row half-written."""
        if self.checkpoint is None:
            return "; the rows that it wrote last may be half-written"
        load_values(self.checkpoint, self.tied)
        return f"; the values of {self.checkpoint} are back"

    def tell(self, message):
        for pipe in self.pipes:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                pipe.send(message)

    def save(self):
        self.tell("pause")
        self.until_all("paused")
        save_values(self.checkpoint, self.tied)
        self.saved = time.monotonic()
        self.tell("go")

    def end(self):
        """Stop the workers that are left, as after Ctrl-C, and wait until all have ended."""
        self.tell("stop")
        for pipe in self.pipes:
            pipe.close()
        deadline = time.monotonic() + PATIENCE
        for process in self.processes:
            process.join(max(0, deadline - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()


def _check(make_function, data, tied, blocks, processes, on_error, start_method, on):
    for name, value in {"blocks": blocks, "processes": processes}.items():
        if not isinstance(value, int) or value < 1:
            raise ValueError(f"{name} must be a positive integer, got {value!r}")
    if on_error not in ("stop", "continue"):
        raise ValueError(f"on_error must be 'stop' or 'continue', got {on_error!r}")
    if start_method not in ("spawn", "forkserver"):
        raise ValueError(
            f"start_method must be 'spawn' or 'forkserver', got {start_method!r}: compiled code has threads"
        )
    if on not in ("processes", "ray"):
        raise ValueError(f"on must be 'processes' or 'ray', got {on!r}")
    if not tied:
        raise ValueError("tied must name the shared variables that the workers train together, got none")
    if on == "processes":
        _check_sendable(make_function=make_function, data=data)
    shapes = [checked(var).get_value(borrow=True).shape for var in tied]
    _advise(processes, min((shape[0] for shape in shapes if shape), default=math.inf))


def _advise(processes, rows):
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for what, number in {"cores": cores, "rows": rows}.items():
        if processes > number:
            text = f"{processes} processes on {number} {what}: more will not be faster"
            warnings.warn(text, RuntimeWarning, stacklevel=4)


def _check_for_ray(tied, until, on_error, progress, start_method):
    if len(tied) != 1:
        raise ValueError(f"tied must be one matrix on Ray, got {len(tied)} variables")
    if until is not None or progress or (on_error, start_method) != ("stop", "spawn"):
        raise ValueError("until, on_error, progress and start_method must be left as they are on Ray")


def _check_sendable(**named):
    for name, value in named.items():
        if not callable(value):
            raise TypeError(f"{name} must be callable, got {value!r}")
        try:
            ForkingPickler.dumps(value)
        except Exception as error:
            raise TypeError(
                f"{name} must be a function at the top of a module, or an object that can be pickled, to be sent to a "
                f"worker, got {value!r}: {error}"
            ) from error
