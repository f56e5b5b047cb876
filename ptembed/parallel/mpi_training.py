"""The training of :func:`ptembed.parallel.train` in the processes that ``mpiexec`` has started.

All of them call it, on the same values. They train for some seconds, meet, tell each other their losses, and go on; the
first one saves. One that raises ends the training of all at the next meeting; one that is killed ends the program, as
MPI has it.

Read next: :mod:`ptembed.parallel.mpi_store`, :mod:`ptembed.parallel.turns`.
"""

import time
import traceback
from pathlib import Path
from typing import Any

import numpy as np

from ptembed.extras import needs
from ptembed.parallel.mpi_store import MpiRows
from ptembed.parallel.progress import WorkerError
from ptembed.parallel.turns import Turns
from ptembed.train.checkpoints import load_values, save_values

__all__ = ["train"]

TURN = 5.0  # seconds between two meetings


def train(job: Any, course: Any) -> Any:
    """Train the matrix of ``job``; see :func:`ptembed.parallel.train`."""
    comm, W = needs("mpi4py.MPI", "mpi").COMM_WORLD, job.tied[0]
    if len(course.shares) != comm.size:
        raise ValueError(f"processes must be the {comm.size} that mpiexec has started, got {len(course.shares)}")
    if job.on_error != "stop":
        raise ValueError(f"on_error must be 'stop' on MPI, got {job.on_error!r}")
    if job.resume and Path(job.checkpoint).exists():
        load_values(job.checkpoint, [W])
    course.entropy = comm.bcast(course.entropy)
    course.seeds = np.random.SeedSequence(course.entropy).spawn(comm.size)
    store = MpiRows(W.get_value(borrow=True), comm)
    try:
        return _run(job, course, store, comm)
    finally:
        store.close()


def _run(job, course, store, comm):
    turns, started = Turns(store, job.make_function, job.data), time.monotonic()
    own = (each[comm.rank] for each in (course.seeds, course.done, course.shares))
    errors = _met(course, comm, turns.begin, *own)
    _save(job, course, store)
    saved = time.monotonic()
    while not errors and not course.stopped and any(map(course.blocks_left, range(comm.size))):
        errors = _met(course, comm, turns.run, min(TURN, job.every))
        if not errors and comm.bcast(time.monotonic() - saved > job.every):
            _save(job, course, store)
            saved = time.monotonic()
    job.tied[0].set_value(store.values())
    if errors:
        raise WorkerError("\n".join(errors))
    _save(job, course, store)
    return course.trained(time.monotonic() - started)


def _met(course, comm, call, *arguments):
    """Call, meet the others, and note the losses of all; gives the errors of all."""
    losses, error = [], None
    try:
        losses = call(*arguments) or []
    except Exception:
        error = f"worker {comm.rank} of {comm.size} failed: {traceback.format_exc()}"
    told = comm.allgather((losses, error))
    for worker, (part, _) in enumerate(told):
        course.note(worker, part)
    course.stopped = comm.bcast(course.stopped)
    return [each for _, each in told if each is not None]


def _save(job, course, store):
    """Save from the first process what all have."""
    if job.checkpoint is None:
        return
    W = job.tied[0]
    W.set_value(store.values())
    if store.comm.rank == 0:
        save_values(job.checkpoint, [W], course.state())
    store.comm.Barrier()
