"""The training of :func:`ptembed.parallel.train` on a cluster of Ray: rows in actors, and workers that are actors.

Read next: :mod:`ptembed.parallel.ray_store`, :mod:`ptembed.parallel.turns`.
"""

import contextlib
import time
import warnings
from typing import Any

from ptembed.parallel.arguments import advise, check_sendable
from ptembed.parallel.progress import WorkerError
from ptembed.parallel.ray_cluster import connected, place
from ptembed.parallel.ray_store import RayRows
from ptembed.parallel.turns import Turns

__all__ = ["train"]

TURN = 1.0  # seconds between two reports of a worker
ACTORS = 64  # with rows, at most: each block calls each of them, see docs/scaling.md


def train(job: Any, course: Any) -> Any:
    """Train the matrix of ``job``; see :func:`ptembed.parallel.train`."""
    ray, processes = connected(), len(course.shares)
    check_sendable(ray.cloudpickle.dumps, make_function=job.make_function, data=job.data)
    W = job.tied[0]
    rows = len(W.get_value(borrow=True))
    advise(processes, cores=int(ray.cluster_resources().get("CPU", 0)), rows=rows)
    store = RayRows(
        W.get_value(borrow=True), min(processes, rows, ACTORS), checkpoint=job.checkpoint, resume=job.resume
    )  # fmt: skip
    run = None
    try:
        run = _Run(job, course, store)
        return run.gather()
    finally:
        if run is not None:
            run.end()
        with contextlib.suppress(ray.exceptions.RayError):
            store.close()


class _Run:
    """The driver's side: the workers, what they are asked, and when to save."""

    def __init__(self, job, course, store):
        self.ray, self.job, self.course, self.store = connected(), job, course, store
        each = (store, job.make_function, job.data)
        self.workers = dict(enumerate(place(Turns, [each] * len(course.shares), max_restarts=0)))
        self.asked, self.failures, self.saved = {}, [], time.monotonic()

    def gather(self):
        for k, worker in self.workers.items():
            call = worker.begin.remote(self.course.seeds[k], self.course.done[k], self.course.shares[k])
            self.asked[call] = k
        while self.asked:
            self.receive()
        started = time.monotonic()
        while self.go_on():
            self.receive()
        if not self.workers:
            self.fail()
        self.save()
        self.job.tied[0].set_value(self.store.values())
        return self.course.trained(time.monotonic() - started)

    def go_on(self):
        """Ask the workers that rest; but when a checkpoint is due, wait for all and save."""
        if self.due() and not self.asked:
            self.save()
        if not self.due() and not self.course.stopped:
            resting = self.workers.keys() - self.asked.values()
            turn = min(TURN, self.job.every)
            self.asked |= {self.workers[k].run.remote(turn): k for k in resting if self.course.blocks_left(k)}
        return bool(self.asked)

    def due(self):
        return self.job.checkpoint is not None and time.monotonic() - self.saved > self.job.every

    def save(self):
        if self.store.lost():
            self.fail()
        if self.job.checkpoint is not None:
            self.store.save(**self.course.state())
        self.saved = time.monotonic()

    def receive(self):
        (call,), _ = self.ray.wait(list(self.asked))
        worker = self.asked.pop(call)
        try:
            self.course.note(worker, self.ray.get(call) or [])
        except self.ray.exceptions.RayError as error:
            self.leave(worker, error)

    def leave(self, worker, error):
        del self.workers[worker]
        self.failures.append(f"worker {worker} of {len(self.course.shares)} failed: {error}")
        if self.job.on_error == "stop" or self.store.lost():
            self.fail()
        warnings.warn(self.failures[-1], RuntimeWarning, stacklevel=2)

    def fail(self):
        """Give the matrix what was trained, or after the loss of rows the last checkpoint, and say so."""
        self.end()
        W, texts, lost = self.job.tied[0], list(self.failures), self.store.lost()
        if not lost:
            W.set_value(self.store.values())
        elif self.job.checkpoint is not None:
            self.store.restore()
            W.set_value(self.store.values())
            texts.append(f"rows were lost: W has the values of the last checkpoint in {self.job.checkpoint}")
        else:
            texts.append("rows were lost: W is as it was before")
        raise WorkerError("\n".join(texts))

    def end(self):
        for worker in self.workers.values():
            self.ray.kill(worker)
        self.workers = {}
