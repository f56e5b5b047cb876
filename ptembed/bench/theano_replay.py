"""A program written for Theano, run to its end; then its training functions are called again, and timed.

usage: theano_replay.py SECONDS PROGRAM [ARGUMENT ...]

A training function is one that updates shared variables of floats. Its last call is repeated, at first untimed, then
SECONDS seconds in blocks of calls; before each block the shared variables are what they were before that call.
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
        self.function, self.calls, self.given, self.first, self.shared = function, 0, None, None, []
        self.trains = any(given.update is not None and _has_floats(given) for given in function.maker.inputs)

    def note(self, args, kwargs):
        """Keep what a call is given, which the program may write into later; of several calls, the last."""
        self.given = copy.deepcopy((args, kwargs))
        inputs = zip(self.function.maker.inputs, self.function.input_storage)  # noqa: B905, Python 2 has no strict
        cells = [(cell, copy.deepcopy if given.update is not None else _same) for given, cell in inputs if given.shared]
        self.shared = [(cell, kept, kept(cell.storage[0])) for cell, kept in cells]

    def replay(self, call, seconds):
        """Seconds of a call, with the inputs of the last one."""
        taken = []
        while len(taken) < WARM and sum(taken) - max(taken + [0]) < WARM_SECONDS:  # the longest is a compilation
            taken += self.block(call)
        medians, start = [], clock()
        while not medians or clock() - start < seconds:
            medians.append(float(np.median(self.block(call))))
        return min(medians)

    def block(self, call):
        """Seconds of each of some calls, the first of which is the noted one."""
        for cell, kept, value in self.shared:
            cell.storage[0] = kept(value)
        args, kwargs = self.given
        return [timed(call, self.function, args, kwargs)[1] for _ in range(BLOCK)]


def _same(value):
    return value


def _has_floats(given):
    return str(getattr(given.variable, "dtype", "")).startswith("float")  # a random state has not


def timed(call, function, args, kwargs):
    """What a call gives, and the seconds that it took."""
    start = clock()
    result = call(function, *args, **kwargs)
    return result, clock() - start


def watch(function_type, seen):
    """Note each function that is called from now on in ``seen``; gives the call as it was."""
    call = function_type.__call__

    def watched(self, *args, **kwargs):
        called = seen.setdefault(id(self), Called(self))
        if called.trains:
            called.note(args, kwargs)
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
