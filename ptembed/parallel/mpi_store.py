"""Rows that lie in one-sided windows of MPI: each process holds a part, all read and add without the others' help.

Started by ``mpiexec -n 4 python train.py``. Row i is row i // K of process i mod K. Adding is MPI's accumulate, which
is atomic for each number, so sums are exact.

Read next: :mod:`ptembed.parallel.store`.
"""

from typing import Any

import numpy as np

from ptembed.extras import needs
from ptembed.parallel.store import checked_ids, checked_push, shards_of

__all__ = ["MpiRows"]


class MpiRows:
    """A store of rows in windows of MPI; made by all processes of ``comm`` together.

    Parameters
    ----------
    values : array, shape (N, d)
        The first values; each process takes its part. Of float32 or float64, the same shape in all processes.
    comm : mpi4py communicator, optional
        ``COMM_WORLD`` if not given.

    Raises
    ------
    ImportError
        When mpi4py is not installed.
    ValueError
        When the processes do not agree on shape and dtype. It is raised in all of them.
    """

    def __init__(self, values: np.ndarray, comm: Any = None) -> None:
        self.mpi = needs("mpi4py.MPI", "mpi")
        self.comm = self.mpi.COMM_WORLD if comm is None else comm
        values = np.asarray(values)
        self._agree(values)
        self.shape, self.dtype = values.shape, values.dtype
        self.number = self.mpi.FLOAT if self.dtype == "float32" else self.mpi.DOUBLE
        self.row = self.number.Create_contiguous(self.shape[1])
        part = values[self.comm.rank :: self.comm.size]
        self.window = self.mpi.Win.Allocate(part.nbytes, disp_unit=self.dtype.itemsize, comm=self.comm)
        self.local = np.frombuffer(self.window.tomemory(), self.dtype).reshape(part.shape)
        self.local[...] = part
        self.window.Lock_all()
        self.comm.Barrier()

    def _agree(self, values):
        seen = self.comm.allgather((values.shape, values.dtype.str))
        if len(set(seen)) > 1 or values.ndim != 2 or values.dtype not in ("float32", "float64"):
            raise ValueError(
                f"values must be the same float32 or float64 matrix in all processes, got {sorted(set(seen))}"
            )

    def pull(self, ids: np.ndarray) -> np.ndarray:
        ids = checked_ids(ids, self.shape)
        rows = np.empty((len(ids), self.shape[1]), self.dtype)
        parts = []
        for shard, (places, numbers) in enumerate(shards_of(ids, self.comm.size)):
            part = np.empty((len(places), self.shape[1]), self.dtype)
            self._each(self.window.Get, shard, numbers, part)
            parts.append((places, part))
        self.window.Flush_all()
        for places, part in parts:
            rows[places] = part
        return rows

    def push(self, ids: np.ndarray, delta: np.ndarray) -> None:
        ids, delta = checked_push(ids, delta, self.shape, self.dtype)
        parts = []
        for shard, (places, numbers) in enumerate(shards_of(ids, self.comm.size)):
            parts.append(np.ascontiguousarray(delta[places]))
            self._each(self.window.Accumulate, shard, numbers, parts[-1], op=self.mpi.SUM)
        self.window.Flush_all()

    def _each(self, transfer, shard, numbers, part, **how):
        """Transfer the rows ``numbers`` of a shard in one call."""
        if not len(numbers):
            return
        kind = self.row.Create_indexed_block(1, numbers.astype("int32")).Commit()
        try:
            transfer([part, self.number], shard, [0, 1, kind], **how)
        finally:
            kind.Free()

    def sync(self) -> None:
        self.window.Flush_all()

    def _meet(self):
        self.sync()
        self.comm.Barrier()

    def values(self) -> np.ndarray:
        """Give all rows in all processes, shape (N, d), when all have synced; called by all together."""
        self._meet()
        values = np.empty(self.shape, self.dtype)
        for shard, part in enumerate(self.comm.allgather(self.local)):
            values[shard :: self.comm.size] = part
        self.comm.Barrier()  # nobody pushes before all have read
        return values

    def close(self) -> None:
        """Sync and free the windows; called by all together."""
        self._meet()
        self.window.Unlock_all()
        self.window.Free()
        self.row.Free()
