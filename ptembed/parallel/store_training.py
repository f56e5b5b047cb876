"""Training on the rows of a store: pull the rows of a block, train on them here, push what has changed.

The model is the one of :func:`ptembed.parallel.train`, ``make_function(W)``, and does not know of the store: W is a
small matrix of the rows that a block reads, and the row numbers in the block are renumbered to it.

Read next: :mod:`ptembed.parallel.store`, :mod:`ptembed.parallel.ray_training`.
"""

from typing import Any

import numpy as np
import pytensor

from ptembed.parallel.workers import mean_loss
from ptembed.train.block import Block

__all__ = ["StoreTraining"]


class StoreTraining:
    """A training function whose matrix lies in a store.

    Parameters
    ----------
    make_function : callable
        ``make_function(W)`` gives a :func:`ptembed.train.block`, which knows which of its inputs are row numbers of W.
    store : RowStore

    Raises
    ------
    TypeError
        When ``make_function`` gives anything but a block.
    ValueError
        When no input of the block is known to hold row numbers of W; or another matrix is read by row numbers, such as
        the history of an optimizer: it would have to be in the store (see ``rule`` of
        :class:`ptembed.parallel.ray_store.RayRows`).
    """

    def __init__(self, make_function: Any, store: Any) -> None:
        self.store = store
        self.W = pytensor.shared(np.zeros((1, store.shape[1]), store.dtype), name="W")
        self.function = make_function(self.W)
        if not isinstance(self.function, Block):
            raise TypeError(f"make_function must give a block of ptembed.train for a store, got {self.function!r}")
        self._refuse_others()
        self.reads = list(dict.fromkeys((f.place, f.cut) for f in self.function.row_numbers if f.matrix is self.W))
        if not self.reads:
            raise ValueError("an input of the block must hold the row numbers of W, got none that is read as such")

    def _refuse_others(self):
        others = {str(f.matrix) for f in self.function.row_numbers if f.matrix is not self.W}
        if others:
            raise ValueError(
                f"W must be the only matrix that is read by row numbers, got {', '.join(sorted(others))} too: "
                "train with plain SGD and let the store keep the history of an optimizer"
            )

    def __call__(self, *arrays: Any) -> Any:
        """Run a block; give its losses."""
        ids, arrays = self.renumbered(arrays)
        return self._run(ids, arrays, self.store.pull(ids))

    def renumbered(self, arrays: Any) -> Any:
        """Give the rows that a block reads, and the block with numbers in these instead."""
        arrays = [np.array(array) for array in arrays]
        places = [(arrays[place], (slice(None), *cut)) for place, cut in self.reads]
        ids, numbers = np.unique(np.concatenate([array[cut].ravel() for array, cut in places]), return_inverse=True)
        start = 0
        for array, cut in places:
            part = array[cut]
            array[cut] = numbers[start : start + part.size].reshape(part.shape)
            start += part.size
        return ids, arrays

    def _run(self, ids, arrays, before):
        self.W.set_value(before)
        result = self.function(*arrays)
        self.change = self.W.get_value(borrow=True) - before
        self.store.push(ids, self.change)
        return result

    def losses(self, blocks: Any) -> Any:
        """Run blocks one after the other, and give the mean loss of each.

        Where the store can prefetch, the rows of the next block are asked for before a block is run, and what the block
        changes in them is added when they have come: a process always sees what it has pushed.
        """
        if not hasattr(self.store, "prefetch") or self.store.rule != "add":
            yield from (mean_loss(self(*block)) for block in blocks)
            return
        ahead = map(self.renumbered, blocks)
        now: Any = next(ahead, None)
        rows: Any = now and self.store.pull(now[0])
        while now is not None:
            following = next(ahead, None)
            if following is not None:
                self.store.prefetch(following[0])
            loss = mean_loss(self._run(now[0], now[1], rows))
            rows = following and self._with_change(now[0], following[0])
            now = following
            yield loss

    def _with_change(self, ids, following):
        rows = self.store.pull(following)
        _, here, there = np.intersect1d(ids, following, assume_unique=True, return_indices=True)
        rows[there] += self.change[here]
        return rows

    def run(self, blocks: Any) -> Any:
        """Run all ``blocks``, sync, and give the mean loss of each."""
        losses = list(self.losses(blocks))
        self.store.sync()
        return losses
