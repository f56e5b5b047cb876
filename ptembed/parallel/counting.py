"""Counts of words that occur together, by the threads of this process or the machines of a cluster.

Read next: :mod:`ptembed.factor.counts`, :mod:`ptembed.parallel.factoring`.
"""

from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

from ptembed.arguments import at_least_one
from ptembed.factor.counts import cooccurrences as counts
from ptembed.kinds import Matrix
from ptembed.parallel.ray_cluster import connected

__all__ = ["RayExecutor", "check_place", "cooccurrences"]


def cooccurrences(stream: Any, n_words: int, *, workers: int = 1, on: str = "threads", **options: Any) -> Matrix:
    """Count the words that occur near each other; the counts are the same, to the bit, wherever they are counted.

    Parameters
    ----------
    stream, n_words, **options
        Of :func:`ptembed.factor.counts.cooccurrences`. A block is what a worker counts at once, ``block`` tokens.
    workers : int
        How many blocks are counted at once.
    on : {"threads", "ray"}
        "ray": on the cluster that ``ray.init`` or :func:`ptembed.parallel.connect` has connected to. Blocks and counts
        travel; the sum is taken here, on disk.

    Returns
    -------
    csr_array

    Raises
    ------
    TypeError, ValueError
        As the function above does, and for another place.
    RuntimeError
        When there is no connection to a cluster.

    Examples
    --------
    >>> import numpy as np
    >>> tokens, offsets = np.array([0, 1, 2, 0, 1]), np.array([0, 3, 5])
    >>> cooccurrences((tokens, offsets), 3, window=1, workers=2, block=2).toarray()
    array([[0., 2., 0.],
           [2., 0., 1.],
           [0., 1., 0.]], dtype=float32)
    """
    check_place(on)
    with (RayExecutor if on == "ray" else ThreadPoolExecutor)(at_least_one(workers, "workers")) as executor:
        return counts(stream, n_words, executor=executor, **options)


def check_place(on: Any) -> None:
    """Refuse a place that is not known."""
    if on not in ("threads", "ray"):
        raise ValueError(f"on must be 'threads' or 'ray', got {on!r}")


class RayExecutor(Executor):
    """Runs functions as tasks of Ray.

    Parameters
    ----------
    at_once : int
        How many calls whoever uses it should have under way.
    """

    shares_disk = False

    def __init__(self, at_once: Any) -> None:
        self.at_once, ray = at_once, connected()
        self.task = ray.remote(_call).options(num_cpus=1, scheduling_strategy="SPREAD")

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Start a call; gives its future."""
        return self.task.remote(fn, args, kwargs).future()


def _call(fn, args, kwargs):
    return fn(*args, **kwargs)
