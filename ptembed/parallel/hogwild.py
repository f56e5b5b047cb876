r"""Asynchronous training: several processes, one set of parameters in shared memory, no locks.

Each worker compiles the function, draws its own data and updates the tied parameters whenever it is ready; where two
write one row at once, one write may be lost. With sparse updates this happens seldom enough that training converges
as in one process (F. Niu, B. Recht, C. Ré, S. Wright, "Hogwild!", NIPS 2011).

Read next: :mod:`ptembed.parallel.workers`, :mod:`ptembed.parallel.memory`, :mod:`ptembed.train.block`.
"""

import contextlib
import importlib
import multiprocessing
import time
import warnings
from collections.abc import Callable
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from ptembed.extras import needs
from ptembed.kinds import Seed
from ptembed.parallel.arguments import advise, check, check_sendable, cores, rows_of
from ptembed.parallel.memory import share_memory
from ptembed.parallel.progress import Job, Progress, WorkerError, saved_state
from ptembed.parallel.workers import work
from ptembed.threads import one_thread_each
from ptembed.train.checkpoints import load_values, save_values

__all__ = ["train"]

PATIENCE = 30  # seconds that a worker has to end its block when it is told to stop


def train(
    make_function: Callable[..., Any],
    data: Any,
    *,
    tied: Any,
    blocks: int,
    processes: int = 1,
    seed: Seed = None,
    until: Any = None,
    on_error: str = "stop",
    checkpoint: Any = None,
    every: float = 60.0,
    resume: bool = False,
    progress: bool = False,
    start_method: str = "spawn",
    on: str = "processes",
) -> Any:
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
        File to which the values of ``tied``, and how many blocks each worker has run, are saved, at first, every
        ``every`` seconds and at the end; the workers rest between two blocks meanwhile.
    resume : bool
        Go on from ``checkpoint``, if there is one: with its values, and each worker behind the blocks that it had run,
        which it draws again. With one worker, whose state is all in ``tied``, each step is then what it would have
        been, to the bit.
    progress : bool
        Show one bar for all (needs tqdm).
    start_method : {"spawn", "forkserver"}
    on : {"processes", "ray", "mpi"}
        Where the workers are. "ray": on the cluster that ``ray.init`` or :func:`ptembed.parallel.connect` has connected
        to. The rows of the one matrix in ``tied`` lie in actors, and a worker pulls the rows of a block and pushes what
        has changed. The training function must be a :func:`ptembed.train.block` with plain SGD on that matrix.
        ``checkpoint`` is then a folder, which all machines must share. "mpi": the same in the processes that
        ``mpiexec`` has started, ``processes`` in number, each of which calls this; see ``docs/scaling.md``.

    Returns
    -------
    Trained

    Raises
    ------
    WorkerError
        When a worker failed and ``on_error`` is "stop", or all failed. ``tied`` has what was trained until then; but
        after a worker of "processes" that was *killed*, maybe in the middle of a row, or after the loss of an actor
        that holds rows, the values of the last checkpoint, if there is one (else, on Ray, what it was before).
    TypeError
        When ``make_function`` or ``data`` cannot be sent to a worker: which part of it, and why.
    ValueError
        When an argument is out of range, or what is to be resumed does not fit.
    OSError
        When there is not enough shared memory.
    RuntimeError
        When there is no connection to a cluster, or no room on it.

    Notes
    -----
    Workers use one thread each. Ctrl-C lets them end their blocks and raises KeyboardInterrupt; ``tied`` has what was
    trained until then. With ``on_error="continue"`` and a checkpoint, a killed worker takes all back to the checkpoint,
    from which the others go on with what blocks they have left. Nothing stays in shared memory. As with all
    ``multiprocessing``, a script calls this below ``if __name__ == "__main__":``.

    Every function that does not write in place is followed by a copy of the whole matrix: use row-wise updates.
    """
    tied = list(tied)
    check(blocks, processes, on_error, start_method, on, tied, checkpoint, resume)
    job = Job(make_function, data, tied, on_error, checkpoint, every, resume)
    course = Progress(blocks, processes, seed, until, saved_state(checkpoint) if resume else None)
    with contextlib.ExitStack() as stack:
        if progress:
            course.bar = stack.enter_context(needs("tqdm", "learn").tqdm(total=blocks, initial=sum(course.done)))
        if on == "processes":
            return _train_here(job, course, start_method)
        room = importlib.import_module(f"ptembed.parallel.{on}_training")
        return room.train(job, course)


def _train_here(job, course, start_method):
    check_sendable(make_function=job.make_function, data=job.data)
    advise(len(course.shares), cores=cores(), rows=rows_of(job.tied))
    with share_memory(job.tied), contextlib.ExitStack() as stack:
        run = _Run(job, course)
        stack.callback(run.end)
        context = multiprocessing.get_context(start_method)
        with one_thread_each():
            for own in zip(course.seeds, course.done, course.shares, strict=True):
                run.start(context, (job.make_function, job.data, job.tied, *own))
        return run.gather()


class _Run:
    """The parent's side: its workers, what they reported, and when to save."""

    def __init__(self, job, course):
        self.job, self.course, self.saved = job, course, time.monotonic()
        self.processes, self.pipes, self.failures = [], {}, []
        self.torn = False  # whether a row may be half-written
        if job.resume and Path(job.checkpoint).exists():
            load_values(job.checkpoint, job.tied)
        self.save_values()

    def save_values(self):
        if self.job.checkpoint is not None:
            save_values(self.job.checkpoint, self.job.tied, self.course.state())
        self.saved = time.monotonic()

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
            if self.job.checkpoint is not None and (self.torn or time.monotonic() - self.saved > self.job.every):
                self.rest()
        if self.failures and (self.job.on_error == "stop" or len(self.failures) == len(self.processes)):
            raise WorkerError("\n".join(self.failures))
        self.save_values()
        return self.course.trained(time.monotonic() - started)

    def until_all(self, wanted):
        """Receive until each worker that is left has sent ``wanted``."""
        said = set()
        while self.pipes.keys() - said:
            said |= {pipe for pipe, kind in self.receive() if kind == wanted}

    def receive(self):
        kinds = []
        for pipe in wait(list(self.pipes), timeout=self.job.every):
            kind, what = self.message(pipe)
            kinds.append((pipe, kind))
            if kind == "losses" and self.course.note(self.pipes[pipe], what):
                self.tell("stop")
            elif kind in ("done", "error", "died"):
                self.leave(pipe, kind, what)
        return kinds

    def message(self, pipe):
        try:
            return pipe.recv()
        except (EOFError, ConnectionResetError):
            return "died", None

    def leave(self, pipe, kind, what):
        worker = self.pipes.pop(pipe)
        pipe.close()
        process = self.processes[worker]
        if kind == "done":
            return
        process.join(PATIENCE)
        if kind == "died":
            self.torn = True
            what = f"it ended with exit code {process.exitcode}{self.after_death()}"
        self.failures.append(f"worker {worker} of {len(self.processes)} failed: {what}")
        if self.job.on_error == "stop":
            self.tell("stop")
        else:
            warnings.warn(self.failures[-1], RuntimeWarning, stacklevel=2)

    def after_death(self):
        if self.job.checkpoint is None:
            return "; the rows that it wrote last may be half-written"
        return f"; the values of {self.job.checkpoint} are back"

    def tell(self, message):
        for pipe in self.pipes:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                pipe.send(message)

    def rest(self):
        """Save while the workers rest, or take the last checkpoint back if one was killed."""
        self.tell("pause")
        self.until_all("paused")
        if not self.torn:
            self.save_values()
        elif self.pipes:
            self.take_back()
        self.tell("stop" if self.course.stopped or (self.failures and self.job.on_error == "stop") else "go")

    def take_back(self):
        """Give ``tied`` the values of the last checkpoint, as a killed worker may have left a row half-written."""
        if self.job.checkpoint is not None:
            load_values(self.job.checkpoint, self.job.tied)
        self.torn = False

    def end(self):
        """Stop the workers that are left, as after Ctrl-C, and wait until all have ended."""
        self.tell("stop")
        for pipe in self.pipes:
            pipe.close()
        deadline = time.monotonic() + PATIENCE
        for process in self.processes:
            process.join(max(0, deadline - time.monotonic()))
            if process.is_alive():
                text = f"a worker did not end its block within {PATIENCE} s and was killed{self.after_death()}"
                warnings.warn(text, RuntimeWarning, stacklevel=2)
                self.torn = True
                process.kill()
                process.join()
        if self.torn:
            self.take_back()
