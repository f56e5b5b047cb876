"""A program written for Theano, run to its end; then its training functions are called again, and timed.

usage: theano_replay.py SECONDS PROGRAM [ARGUMENT ...]

A training function is one that updates shared variables. It is called with the inputs it had last, at first untimed,
then SECONDS seconds in blocks of calls; the shared variables are what they were at the program's end before each block.
The last line printed is one JSON object: {"versions": ..., "functions": [{"calls": of the program, "call": seconds of a
call: the least of the medians of the blocks, "first": seconds of the first one}]}, in the order of the first calls. It
knows nothing of ptembed, and runs under Python 2 too.
"""

import builtins
import copy
import json
import os
import runpy
import sys
from collections import OrderedDict
from timeit import default_timer as clock

import numpy as np

WARM, WARM_SECONDS, BLOCK = 1000, 60, 20


class Called:
    """A function with updates that the program has called."""

    def __init__(self, function):
        self.function, self.calls, self.given, self.first = function, 0, None, None

    def updated(self):
        """The cells of the shared variables that a call updates."""
        inputs = zip(self.function.maker.inputs, self.function.input_storage)  # noqa: B905, Python 2 has no strict
        return [cell for given, cell in inputs if given.update is not None]

    def replay(self, call, seconds):
        """Seconds of a call, with the inputs of the last one."""
        values = [copy.deepcopy(cell.storage[0]) for cell in self.updated()]
        taken = []
        while len(taken) < WARM and sum(taken) - max(taken + [0]) < WARM_SECONDS:  # the longest is a compilation
            taken += self.block(call, values)
        medians, start = [], clock()
        while not medians or clock() - start < seconds:
            medians.append(float(np.median(self.block(call, values))))
        return min(medians)

    def block(self, call, values):
        """Seconds of each of some calls that start from those values of the shared variables."""
        for cell, value in zip(self.updated(), values):  # noqa: B905
            cell.storage[0] = copy.deepcopy(value)
        args, kwargs = self.given
        return [timed(call, self.function, args, kwargs)[1] for _ in range(BLOCK)]


def timed(call, function, args, kwargs):
    """What a call gives, and the seconds that it took."""
    start = clock()
    result = call(function, *args, **kwargs)
    return result, clock() - start


def watch(function_type, seen):
    """Note each function with updates that is called from now on in ``seen``; gives the call as it was."""
    call = function_type.__call__

    def watched(self, *args, **kwargs):
        called = seen.setdefault(id(self), Called(self))
        if called.updated():
            called.given = copy.deepcopy((args, kwargs))  # the program may write into them later
        result, taken = timed(call, self, args, kwargs)
        called.calls, called.first = called.calls + 1, called.first or taken
        return result

    function_type.__call__ = watched
    return call


def versions():
    """Those of Python and of what trained, in a line."""
    modules = [(name, sys.modules.get(name.lower())) for name in ("Theano", "NumPy")]
    named = ["%s %s" % (name, module.__version__) for name, module in modules if module is not None]  # noqa: UP031
    return ", ".join(["Python " + sys.version.split()[0]] + named)


def main(seconds, program, *arguments):
    """Run the program, and print the times of its training functions."""
    seen, calls, plain_import = OrderedDict(), [], builtins.__import__

    def importing(*args, **kwargs):
        module = plain_import(*args, **kwargs)
        function_type = getattr(sys.modules.get("theano.compile.function_module"), "Function", None)
        if function_type is not None and not calls:  # not before the program does: it may set Theano's flags
            calls.append(watch(function_type, seen))
            builtins.__import__ = plain_import
        return module

    builtins.__import__ = importing
    sys.argv = [program] + list(arguments)
    sys.path.insert(0, os.path.dirname(os.path.abspath(program)))
    try:
        runpy.run_module(os.path.splitext(os.path.basename(program))[0], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code:
            raise
    training = [called for called in seen.values() if called.given is not None]
    times = [{"calls": c.calls, "first": c.first, "call": c.replay(calls[0], float(seconds))} for c in training]
    print("\n" + json.dumps({"versions": versions(), "functions": times}))


if __name__ == "__main__":
    main(*sys.argv[1:])
