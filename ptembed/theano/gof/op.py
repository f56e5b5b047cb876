"""Ops in Theano's protocol: ``make_node``, ``perform`` or ``c_code``, ``grad``, ``R_op``, ``infer_shape``.

How a method of Theano's reaches PyTensor is in :mod:`ptembed.theano.gof._protocol`. An Op with C code runs as C where
there is a compiler, as in Theano, and by ``perform`` otherwise.
"""

import weakref
from collections.abc import Sequence

import pytensor.graph.op
import pytensor.link.c.op
from pytensor.graph.basic import Constant, Variable
from pytensor.graph.utils import MethodNotDefined
from pytensor.link.c.interface import CLinkerObject, CLinkerOp

from ptembed.theano.configparser import config
from ptembed.theano.gof import graph, utils
from ptembed.theano.gof._protocol import TheanoOp, in_theanos_protocol, kind_of

__all__ = [
    "CLinkerObject",
    "CLinkerOp",
    "COp",
    "Op",
    "OpenMPOp",
    "PureOp",
    "apply_meth",
    "debug_assert",
    "debug_error_message",
    "get_debug_values",
    "get_test_value",
    "missing_test_message",
    "ops_with_inner_function",
    "simple_meth",
]

_PyTensorOp, _PyTensorCOp = pytensor.graph.op.Op, pytensor.link.c.op.COp


class Op(TheanoOp, _PyTensorCOp, metaclass=kind_of(_PyTensorOp)):
    """The base of all Ops; every Op of PyTensor's is an instance, too.

    A subclass defines ``make_node(self, *inputs)`` (or ``itypes`` and ``otypes``) and ``perform(self, node, inputs,
    output_storage)`` or ``c_code(self, node, name, inputs, outputs, sub)``; as far as they are needed ``grad(self,
    inputs, output_grads)``, ``R_op(self, inputs, eval_points)``, ``infer_shape(self, node, shapes)``,
    ``connection_pattern(self, node)``, ``view_map``, ``destroy_map`` and ``__props__``.
    """

    _stands_for = _PyTensorOp

    def make_node(self, *inputs):
        if self.itypes is None or self.otypes is None:
            raise MethodNotDefined("make_node", type(self), type(self).__name__)
        return super().make_node(*inputs)

    def perform(self, node, inputs, output_storage, params=None):
        """Run the C code, or the thunk, of an Op that has no other way to run."""
        if not (_runs_by_thunk(self) and isinstance(inputs, Sequence)):
            raise MethodNotDefined("perform", type(self), type(self).__name__)
        _perform_by_thunk(self, node, inputs, output_storage)

    def make_thunk(self, node, storage_map, compute_map, no_recycling, impl=None):
        if impl is None and not _has_c_code(self):
            impl = "py"
        return super().make_thunk(node, storage_map, compute_map, no_recycling, impl=impl)


class PureOp(TheanoOp, _PyTensorOp, metaclass=kind_of(_PyTensorOp)):
    """An Op without C code."""

    _stands_for = _PyTensorOp

    def perform(self, node, inputs, output_storage, params=None):
        raise MethodNotDefined("perform", type(self), type(self).__name__)


OpenMPOp = in_theanos_protocol(pytensor.link.c.op.OpenMPOp, module=__name__)


class COp(TheanoOp, pytensor.link.c.op.ExternalCOp):
    """An Op whose C code is in files next to the module that defines it."""

    make_node = Op.make_node
    perform = Op.perform


def _has_c_code(op) -> bool:
    return type(op).c_code is not CLinkerOp.c_code


def _runs_by_thunk(op) -> bool:
    from pytensor import config as pytensor_config

    own_thunk = type(op).make_thunk not in (Op.make_thunk, _PyTensorCOp.make_thunk, _PyTensorOp.make_thunk)
    return own_thunk or (_has_c_code(op) and bool(pytensor_config.cxx))


_thunks: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def _perform_by_thunk(op, node, inputs, output_storage) -> None:
    if node not in _thunks:
        storage = {v: [None] for v in [*node.inputs, *node.outputs]}
        computed = {v: [v in node.inputs] for v in storage}
        _thunks[node] = op.make_thunk(node, storage, computed, no_recycling=list(node.outputs)), storage
    thunk, storage = _thunks[node]
    for variable, value in zip(node.inputs, inputs, strict=True):
        storage[variable][0] = variable.type.filter(value)  # Numba hands over Python's numbers
    thunk()
    for variable, cell in zip(node.outputs, output_storage, strict=True):
        cell[0] = storage[variable][0]
    for cell in storage.values():
        cell[0] = None


def _value_for_test(v):
    from pytensor.compile.sharedvalue import SharedVariable

    if isinstance(v, Constant):
        return v.data
    if isinstance(v, SharedVariable):
        return v.get_value(borrow=True)
    if not hasattr(v.tag, "test_value"):
        raise AttributeError(f"{v} has no test value {utils.get_variable_trace_string(v)}")
    try:
        return v.type.filter(v.tag.test_value)
    except Exception as error:
        trace = utils.get_variable_trace_string(v)
        text = f"For compute_test_value, the test value of {v} must be of its type {v.type}.\n{trace}\n{error}"
        error.args = (text,)
        raise


def get_test_value(v):
    """Give the test value of a variable: of a constant or shared variable its value, otherwise ``v.tag.test_value``.

    Parameters
    ----------
    v : Variable, array or number

    Raises
    ------
    AttributeError
        If ``v`` is a variable that has none.
    """
    if not isinstance(v, graph.Variable):
        from ptembed.theano.tensor import as_tensor_variable

        v = as_tensor_variable(v)
    return _value_for_test(v)


def missing_test_message(msg: str) -> None:
    """Say that a test value is missing, as the flag ``compute_test_value`` wants it said.

    Raises
    ------
    AttributeError
        If the flag is ``raise``.
    """
    action = config.compute_test_value
    if action == "raise":
        raise AttributeError(msg)
    if action == "warn":
        import warnings

        warnings.warn(msg, stacklevel=2)
    elif action not in ("ignore", "off"):
        raise ValueError(f"compute_test_value must be off, ignore, warn or raise here, got {action!r}.")


def debug_error_message(msg: str) -> None:
    """Report an error in test values: raise ``ValueError``, or warn if the flag ``compute_test_value`` is ``warn``."""
    action = config.compute_test_value
    if action in ("off", "raise", "ignore"):
        raise ValueError(f"DEBUG: {msg}")
    import warnings

    warnings.warn(msg, stacklevel=2)


def debug_assert(condition, msg: str | None = None) -> None:
    """Report an error with :func:`debug_error_message` unless ``condition`` is true."""
    if not condition:
        debug_error_message("debug_assert failed" if msg is None else msg)


def get_debug_values(*args) -> list:
    """Give the test values of all ``args`` as the one element of a list, for use in a ``for`` loop.

    Returns
    -------
    list
        Empty if the flag ``compute_test_value`` is ``off``, or one of ``args`` has no test value and the flag is
        ``ignore`` or ``warn``.

    Raises
    ------
    AttributeError
        If one has none and the flag is ``raise``.
    """
    if config.compute_test_value == "off":
        return []
    values = []
    for i, arg in enumerate(args):
        try:
            values.append(get_test_value(arg))
        except AttributeError:
            trace = utils.get_variable_trace_string(arg) if isinstance(arg, Variable) else ""
            missing_test_message(f"Argument {i} ('{arg}') has no test value {trace}")
            return []
    return [tuple(values)] if len(values) > 1 else values


#: Ops with a compiled function in an attribute, and the attribute's name.
ops_with_inner_function: dict = {}


def simple_meth(tag: str):
    """Make the method of a :class:`COp` that gives the code section ``tag``."""

    def section(self):
        if tag in self.code_sections:
            return self.code_sections[tag]
        raise MethodNotDefined("c_" + tag, type(self), type(self).__name__)

    section.__name__ = "c_" + tag
    return section


def apply_meth(tag: str):
    """Make the method of a :class:`COp` that gives the code section ``tag`` for one node."""

    def section(self, node, name):
        if tag not in self.code_sections:
            raise MethodNotDefined("c_" + tag, type(self), type(self).__name__)
        define, undefine = self.get_c_macros(node, name)
        return "\n".join(["", define, self.code_sections[tag], undefine])

    section.__name__ = "c_" + tag
    return section
