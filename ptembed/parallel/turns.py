"""A worker on a store: it makes its training, and runs turns, blocks for some seconds, until its share is done.

Between two turns all that it has pushed is in, so that a checkpoint can be taken.

Read next: :mod:`ptembed.parallel.store_training`, :mod:`ptembed.parallel.ray_training`.
"""

import itertools
import time
from typing import Any

import numpy as np

from ptembed.parallel.store_training import StoreTraining
from ptembed.parallel.workers import compiled

__all__ = ["Turns"]


class Turns:
    """The blocks ``done`` to ``share`` of a worker, in turns.

    Parameters
    ----------
    store : RowStore
    make_function, data : callables
        See :func:`ptembed.parallel.train`.
    """

    def __init__(self, store: Any, make_function: Any, data: Any) -> None:
        self.store, self.make_function, self.data = store, make_function, data

    def begin(self, seed: Any, done: Any, share: Any) -> Any:
        """Compile."""
        supply = itertools.islice(self.data(np.random.default_rng(seed)), done, max(done, share))
        training = StoreTraining(self.make_function, self.store)
        self.losses = training.losses(compiled(training.function, supply))

    def run(self, seconds: Any) -> Any:
        """Run blocks until ``seconds`` have passed or none is left; give their losses."""
        end, losses = time.monotonic() + seconds, []
        for loss in self.losses:
            losses.append(loss)
            if time.monotonic() > end:
                break
        self.store.sync()
        return losses
