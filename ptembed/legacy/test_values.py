"""``theano.config.compute_test_value``: values are computed while a graph is written.

PyTensor has no test values, and Theano's are computed where a node is made, by PyTensor's own Ops as well. So while the
flag is not ``off``, and only then, ``Op.__call__`` is another function. While PyTensor compiles, and while a test value
is computed, nothing is computed for the nodes that are made.
"""

import warnings
from collections.abc import Callable
from contextlib import contextmanager

from pytensor.compile.maker import FunctionMaker
from pytensor.graph.basic import Apply, Variable
from pytensor.graph.op import HasInnerGraph, Op
from pytensor.scalar.basic import ScalarOp
from pytensor.scan.op import Scan

from ptembed.legacy.changes import Changes
from ptembed.theano.configparser import LISTENERS, config
from ptembed.theano.gof.op import get_test_value
from ptembed.theano.gof.utils import get_variable_trace_string

__all__ = ["extend", "restore"]

FLAG = "compute_test_value"

_changes = Changes()
_paused = [0]


def extend() -> None:
    """Compute test values from now on, whenever the flag is not ``off``."""
    listeners = LISTENERS.setdefault(FLAG, [])
    if _follow_flag not in listeners:
        listeners.append(_follow_flag)
    _follow_flag(getattr(config, FLAG))


def restore() -> None:
    """Take back what :func:`extend` did."""
    if _follow_flag in LISTENERS.get(FLAG, []):
        LISTENERS[FLAG].remove(_follow_flag)
    _changes.undo()


def _follow_flag(value: str) -> None:
    if value == "off":
        _changes.undo()
        return
    _changes.set(Op, "__call__", _call)
    for owner, name in ((FunctionMaker, "__init__"), (Scan, "pullback"), (Scan, "pushforward")):
        _changes.set(owner, name, _paused_method(getattr(owner, name)))


@contextmanager
def _pause():
    _paused[0] += 1
    try:
        yield
    finally:
        _paused[0] -= 1


def _paused_method(method: Callable) -> Callable:
    """To differentiate a loop writes the graph of a step too, whose variables stand for a value in each step."""

    def paused(self, *args, **kwargs):
        with _pause():
            return method(self, *args, **kwargs)

    return paused


_CALL = Op.__call__


def _call(self, *inputs, **kwargs):
    made = _CALL(self, *inputs, **kwargs)
    if not _paused[0]:
        first = made[0] if isinstance(made, list | tuple) and made else made
        if isinstance(first, Variable) and first.owner is not None:
            _compute(first.owner)
    return made


def _compute(node: Apply) -> None:
    """Give the outputs of ``node`` their test values, if all its inputs have one.

    Raises
    ------
    ValueError
        If one has none and the flag is ``raise``.
    TypeError
        If one is no value of its variable's type.
    """
    values = {}
    for i, variable in enumerate(node.inputs):
        try:
            values[variable] = _value(variable)
        except AttributeError:
            if not isinstance(node.op, ScalarOp):  # PyTensor's elementwise gradients are made on bare scalars
                _say_missing(i, variable, node)
            return
    with _pause():
        results = _run(node, values)
    for output, value in zip(node.outputs, results, strict=True):
        output.tag.test_value = value


def _value(variable: Variable):
    """The test value of ``variable``, computed now if it was made while nothing was computed."""
    try:
        return get_test_value(variable)
    except AttributeError:
        if variable.owner is None:
            raise
        values = {v: _value(v) for v in variable.owner.inputs}
    with _pause():
        results = _run(variable.owner, values)
    for output, value in zip(variable.owner.outputs, results, strict=True):
        output.tag.test_value = value
    return get_test_value(variable)


def _say_missing(i: int, variable: Variable, node: Apply) -> None:
    message = f"Cannot compute test value: input {i} ({variable}) of Op {node} missing default value."
    action = getattr(config, FLAG)
    if action == "raise":
        raise ValueError(f"{message} {get_variable_trace_string(variable)}")
    if action == "warn":
        warnings.warn(f"Warning, {message}", stacklevel=4)
    elif action == "pdb":
        import pdb

        pdb.set_trace()


def _run(node: Apply, values: dict) -> list:
    storage = {variable: [value] for variable, value in values.items()}
    for positions in (node.op.destroy_map or {}).values():
        for i in positions:
            storage[node.inputs[i]] = [storage[node.inputs[i]][0].copy()]
    computed = {variable: [True] for variable in values}
    for output in node.outputs:
        storage[output], computed[output] = [None], [False]
    thunk = _thunk(node, storage, computed)
    thunk()
    return [storage[output][0] for output in node.outputs]


def _thunk(node: Apply, storage: dict, computed: dict):
    """``perform`` where the Op has one: a test value is not worth compiling C code for."""
    from pytensor.graph.op import _NoPythonOp

    impl = None if isinstance(node.op, _NoPythonOp) else "py"
    op = node.op.clone() if isinstance(node.op, HasInnerGraph) else node.op  # to run it rewrites its graph
    return op.make_thunk(node, storage, computed, no_recycling=[], impl=impl)
