"""The mode that shows each node as it runs."""

import numpy as np
from pytensor.compile.debug import monitormode
from pytensor.link.basic import PerformLinker, WrapLinkerMany
from pytensor.link.c.basic import OpWiseCLinker

from ptembed.theano.compile.mode import Mode
from ptembed.theano.configparser import config

__all__ = ["MonitorMode", "detect_nan"]


class MonitorMode(monitormode.MonitorMode):
    """Calls functions of the user before and after each node of a graph.

    The nodes run in Python, or in C where the flag ``linker`` is ``c|py``.

    Parameters
    ----------
    pre_func, post_func : callable, optional
        Called with the node's number, the node, and what runs it: ``fn.inputs`` and ``fn.outputs`` are lists of cells,
        each a list with the value in it.
    optimizer : str or query
    linker : None
        The mode has its own.
    """

    def __init__(self, pre_func=None, post_func=None, optimizer="default", linker=None):
        if linker is not None:
            raise TypeError(f"MonitorMode has its own linker, got {linker}: leave it out.")
        nodes = OpWiseCLinker() if config.linker.startswith("c|py") else PerformLinker()
        optimizer = config.optimizer if optimizer == "default" else optimizer
        super(monitormode.MonitorMode, self).__init__(WrapLinkerMany([nodes], [self.eval]), optimizer)
        self.pre_func = pre_func
        self.post_func = post_func

    def eval(self, fgraph, i, node, fn):
        if self.pre_func is not None:
            self.pre_func(i, node, fn)
        fn()
        if self.post_func is not None:
            self.post_func(i, node, fn)


def detect_nan(i, node, fn):
    """A ``post_func``: print the node that gives NaN."""
    from ptembed.theano.printing import debugprint

    for (output,) in fn.outputs:
        if np.issubdtype(getattr(output, "dtype", object), np.inexact) and np.isnan(output).any():
            print("*** NaN detected ***")
            debugprint(node)
            print(f"Inputs : {[value for (value,) in fn.inputs]}")
            print(f"Outputs: {[value for (value,) in fn.outputs]}")
            return
