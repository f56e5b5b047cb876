"""The training of :func:`ptembed.parallel.train` on a cluster of Ray: rows in actors, workers as tasks.

Read next: :mod:`ptembed.parallel.ray_store`, :mod:`ptembed.parallel.store_training`.
"""

import itertools
import time

import numpy as np

from ptembed.parallel.ray_store import RayRows, connected
from ptembed.parallel.store_training import StoreTraining
from ptembed.parallel.workers import Trained, WorkerError

__all__ = ["train_on_ray"]


def train_on_ray(make_function, data, W, shares, seeds, checkpoint, every):
    """Train ``W`` with a task for each of ``shares``, its number of blocks; see :func:`ptembed.parallel.train`."""
    ray = connected()
    store = RayRows(W.get_value(borrow=True), len(shares), checkpoint=checkpoint)
    started = time.monotonic()
    task = ray.remote(_work).options(num_cpus=1, scheduling_strategy="SPREAD", max_retries=0)
    tasks = [task.remote(store, make_function, data, *each) for each in zip(seeds, shares, strict=True)]
    try:
        losses = _gathered(ray, tasks, store, checkpoint, every)
        W.set_value(store.values())
    except ray.exceptions.RayError as error:
        raise WorkerError(_ending(ray, error, store, W, checkpoint)) from error
    finally:
        for each in tasks:
            ray.cancel(each, force=True)
        store.close()
    workers = np.repeat(np.arange(len(shares)), [len(part) for part in losses])
    return Trained(np.concatenate(losses), workers, time.monotonic() - started, stopped=False)


def _work(store, make_function, data, seed, blocks):
    supply = itertools.islice(data(np.random.default_rng(seed)), blocks)
    return StoreTraining(make_function, store).run(supply)


def _gathered(ray, tasks, store, checkpoint, every):
    left = tasks
    while left:
        done, left = ray.wait(left, timeout=every)
        ray.get(done)  # raises what a worker raised, while others still work
        if checkpoint is not None:
            store.save()
    return ray.get(tasks)


def _ending(ray, error, store, W, checkpoint):
    """Leave ``W`` at the last checkpoint, if there is one, and say so."""
    if checkpoint is None:
        return f"{error}: W is as it was before"
    store.restore()
    W.set_value(store.values())
    return f"{error}: W has the values of the last checkpoint in {checkpoint}"
