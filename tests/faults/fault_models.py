"""What the workers of the tests run that fail on purpose: workers import it by name."""

import os
import resource

import numpy as np
import pytensor.tensor as pt
from pytensor.compile import Mode

from ptembed import graphs, train


def guarded(W):
    """Descend along data that may be anything, and check the gradient."""
    i, x = pt.lvector("i"), pt.dvector("x")
    read = graphs.rows(W, i)
    loss = (read.values.sum(axis=1) * x).sum()
    mode = Mode("py", "fast_run")  # in place, without compiling
    return train.block([i, x], loss, graphs.sgd(loss, read, 1.0, guard=True), mode=mode)


class Data:
    """Blocks of three steps, each of one row; the block numbered ``wrong`` has ``i`` and ``x`` in its middle."""

    def __init__(self, wrong, i=1, x=1.0):
        self.wrong, self.i, self.x = wrong, i, x

    def __call__(self, rng):
        k = 0
        while True:
            i, x = np.ones((3, 1), "int64"), np.ones((3, 1))
            if k == self.wrong:
                i[1], x[1] = self.i, self.x
            yield i, x
            k += 1


class Hungry:
    """Blocks of :class:`Data`, but the worker that comes first gets a limit of memory, and asks for more."""

    def __init__(self, path, after):
        self.path, self.after = path, after

    def __call__(self, rng):
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            yield from Data(-1)(rng)
        blocks = Data(-1)(rng)
        for _ in range(self.after):
            yield next(blocks)
        held = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()  # noqa: SIM115
        resource.setrlimit(resource.RLIMIT_AS, (held + 2**26,) * 2)
        while True:
            yield np.ones((2**30, 1), "int64"), np.ones((2**30, 1))
