"""A block of training steps as one node: the same graph run again and again on the state that it changes.

The inputs of many steps lie stacked along a leading axis. Each step takes its own, sees what the step before has
written, and its results are stacked again. The state (shared variables, in the end) is changed in place and never
copied, whether it is a matrix of a million rows or a count of steps. Under Numba the whole block is one compiled
loop.

``pytensor.scan`` has the same purpose and more: it keeps what gradients through time need. Here nothing is kept, and no
gradient exists.

Read next: :mod:`ptembed.train.block`.
"""

from hashlib import sha256

import numpy as np
from pytensor.compile.io import In, Out
from pytensor.compile.maker import FunctionMaker
from pytensor.graph.basic import Apply, clone
from pytensor.graph.op import Op
from pytensor.link.numba.cache import compile_numba_function_src
from pytensor.link.numba.dispatch.basic import numba_funcify_and_cache_key, numba_njit, register_funcify_and_cache_key
from pytensor.tensor.type import TensorType

from ptembed.ops.prefetch import prefetch_row

__all__ = ["Steps"]

VERSION = 2  # of the generated text and of what it calls
AHEAD = 2  # steps between asking for rows and reading them
FEW = 64  # row numbers in a step; rows of a larger one are asked for while it runs


class Steps(Op):
    """Run a graph of one step for each place along the leading axis of its inputs.

    Parameters
    ----------
    each : list of tensors
        Inputs of one step.
    state : list of variables
        What steps change. Their arrays are changed in place.
    fixed : list of variables
        Inputs that hold for all steps.
    outputs : list of tensors
        Results of one step.
    new_state : list of variables
        The state after one step, each of the type of its ``state``.
    reads : list of (int, int)
        Pairs of a place in ``each`` and one in ``state``: integers that are row numbers of that matrix, so that its
        rows are asked for in time. A wrong pair costs time only.
    mode : str or Mode
        How a step is compiled.
    """

    def __init__(self, each, state, fixed, outputs, new_state, reads=(), mode=None):
        self.each, self.state, self.fixed = list(each), list(state), list(fixed)
        self.outputs, self.new_state = list(outputs), list(new_state)
        self.reads, self.mode = list(reads), mode
        n = len(self.outputs)
        self.destroy_map = {n + k: [len(self.each) + k] for k in range(len(self.state))}
        self.compiled = None

    def make_node(self, *inputs):
        wanted = [stacked(v.type) for v in self.each] + [v.type for v in (*self.state, *self.fixed)]
        inputs = [kind.filter_variable(v) for kind, v in zip(wanted, inputs, strict=True)]
        return Apply(self, inputs, [stacked(v.type)() for v in self.outputs] + [v.type() for v in self.state])

    def maker(self):
        """Compile the graph of one step, as far as PyTensor does it before linking."""
        # a copy, since compiling changes the graph
        variables, results = clone([*self.each, *self.state, *self.fixed], [*self.outputs, *self.new_state])
        states = range(len(self.each), len(self.each) + len(self.state))
        inputs = [In(v, borrow=True, mutable=k in states) for k, v in enumerate(variables)]
        return FunctionMaker(inputs, [Out(v) for v in results], mode=self.mode, on_unused_input="ignore")

    def perform(self, node, inputs, output_storage):
        """Call the function of one step for each step."""
        if self.compiled is None:
            self.compiled = self.maker().create()
            self.compiled.trust_input = True
        each, rest = inputs[: len(self.each)], list(inputs[len(self.each) :])
        state, fixed = rest[: len(self.state)], rest[len(self.state) :]
        results = []
        for step in zip(*each, strict=True):
            values = self.compiled(*(np.asarray(x) for x in step), *state, *fixed)
            results.append(values[: len(self.outputs)])
            state = values[len(self.outputs) :]
        stacks = zip(*results, strict=True) if results else [()] * len(self.outputs)
        for storage, var, stack in zip(output_storage, self.outputs, stacks, strict=False):
            empty = np.empty((0,) * (var.type.ndim + 1), var.type.dtype)
            storage[0] = np.stack(stack) if stack else empty
        for storage, value in zip(output_storage[len(self.outputs) :], state, strict=True):
            storage[0] = value


def stacked(kind):
    """Give the type of many tensors of type ``kind`` along a leading axis."""
    return TensorType(kind.dtype, shape=(None, *kind.shape))


@register_funcify_and_cache_key(Steps)
def steps_kernel(op, node=None, **kwargs):
    step, key = numba_funcify_and_cache_key(op.maker().fgraph, fgraph_name="step")
    text = steps_source(op)
    function = compile_numba_function_src(text, "steps", {"np": np, "step": step, "prefetch_row": prefetch_row})
    cache_key = None if key is None else sha256(repr((VERSION, text, key)).encode()).hexdigest()
    return numba_njit(function, boundscheck=False), cache_key


def steps_source(op):
    """Write the loop over steps as Python source."""
    each = [f"x{k}" for k in range(len(op.each))]
    state = [f"s{k}" for k in range(len(op.state))]
    fixed = [f"u{k}" for k in range(len(op.fixed))]
    outputs = [f"o{k}" for k in range(len(op.outputs))]
    cells = {name: var for name, var in zip(each, op.each, strict=True) if var.type.ndim == 0}
    taken = [f"c{name}" if name in cells else f"{name}[t]" for name in each]
    results = [f"r{name}" for name in outputs]
    lines = [f"def steps({', '.join([*each, *state, *fixed])}):", "    n = x0.shape[0]"]
    for name in each[1:]:
        lines += [f"    if {name}.shape[0] != n:", "        raise ValueError('all inputs must have as many steps')"]
    lines += [f"    c{name} = np.empty((), np.{var.type.dtype})" for name, var in cells.items()]
    lines += [f"    {_empty(name, var)}" for name, var in zip(outputs, op.outputs, strict=True)]
    lines.append("    for t in range(n):")
    lines += [f"        {line}" for line in _prefetches(op)]
    lines += [f"        c{name}[()] = {name}[t]" for name in cells]
    lines.append(f"        {', '.join([*results, *state])}, = step({', '.join([*taken, *state, *fixed])})")
    for name, result, var in zip(outputs, results, op.outputs, strict=True):
        if var.type.ndim:
            lines += ["        if t == 0:", f"            {name} = np.empty((n, *{result}.shape), np.{var.type.dtype})"]
        lines.append(f"        {name}[t] = {result}{'' if var.type.ndim else '.item()'}")
    return "\n".join([*lines, f"    return {', '.join([*outputs, *state])}"]) + "\n"


def _empty(name, var):
    return f"{name} = np.empty(({', '.join(['n'] + ['0'] * var.type.ndim)},), np.{var.type.dtype})"


def _prefetches(op):
    lines = []
    for k, j in op.reads:
        if op.state[j].type.ndim < 2:
            continue
        if op.each[k].type.ndim == 0:
            lines += [f"if t + {AHEAD} < n:", f"    prefetch_row(s{j}, np.int64(x{k}[t + {AHEAD}]))"]
        else:
            lines += [f"if t + {AHEAD} < n and x{k}[t].size <= {FEW}:", f"    for i in x{k}[t + {AHEAD}].flat:"]
            lines.append(f"        prefetch_row(s{j}, np.int64(i))")
    return lines
