"""Ops that belong to no kind of variable, and Ops made of Python functions."""

import functools

from pytensor.compile.ops import (
    DeepCopyOp,
    FromFunctionOp,
    ViewOp,
    deep_copy_op,
    load_back,
    register_deep_copy_op_c_code,
    register_view_op_c_code,
    view_op,
)
from pytensor.graph.type import Type
from pytensor.tensor.shape import (
    Shape,
    Shape_i,
    SpecifyShape,
    _shape,
    register_shape_c_code,
    register_shape_i_c_code,
    shape,
    shape_i,
    specify_shape,
)

from ptembed.theano import _gone
from ptembed.theano.compile.rebroadcast import Rebroadcast

expandable_types = (list, tuple)
shape_i_op = functools.cache(Shape_i)


def as_op(itypes, otypes, infer_shape=None):
    """Make an Op of a Python function; a decorator.

    Parameters
    ----------
    itypes, otypes : Type or list of Type
        What the function takes and gives.
    infer_shape : callable, optional
        ``infer_shape(node, shapes)``: the shapes of the outputs, of those of the inputs.

    Returns
    -------
    callable
        Makes the Op of a function. It has no gradient, and runs in Python.

    Raises
    ------
    TypeError
        If a type is none, or ``infer_shape`` is not callable.

    Examples
    --------
    >>> import ptembed.theano.tensor as T
    >>> @as_op(T.dvector, T.dscalar)
    ... def longest(x):
    ...     return abs(x).max()
    >>> float(longest(T.constant([1.0, -3.0])).eval())
    3.0
    """
    itypes, otypes = _types("itypes", itypes), _types("otypes", otypes)
    if infer_shape is not None:
        if not callable(infer_shape):
            raise TypeError("infer_shape needs to be a callable")
        given = infer_shape

        def infer_shape(*args):
            return given(*args[-2:])

    return lambda function: FromFunctionOp(function, itypes, otypes, infer_shape)


def _types(what, types) -> list:
    types = list(types) if isinstance(types, list | tuple) else [types]
    if not all(isinstance(kind, Type) for kind in types):
        raise TypeError(f"{what} has to be a list of Theano types, got {types}")
    return types


C_CODE = ("PyTensor's Op has its C code with it", "a subclass of the Op with its own c_code")
__getattr__ = _gone.getattr_of(
    __name__,
    {"register_rebroadcast_c_code": C_CODE, "register_specify_shape_c_code": C_CODE},
    {
        "OutputGuard": "pytensor.compile.debug.debugmode:OutputGuard",
        "_output_guard": "pytensor.compile.debug.debugmode:output_guard",
    },
)
