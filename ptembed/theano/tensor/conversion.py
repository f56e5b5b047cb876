"""Arrays, numbers and lists as symbolic arrays; and the constant that a symbolic array stands for."""

from collections.abc import Sequence
from contextlib import suppress

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Apply, Constant, Variable
from pytensor.scalar.basic import ScalarVariable
from pytensor.tensor.basic import get_underlying_scalar_constant_value
from pytensor.tensor.exceptions import NotScalarConstantError
from pytensor.tensor.math import _allclose, _get_atol_rtol
from pytensor.tensor.type_other import NoneConst
from pytensor.tensor.variable import TensorConstant

from ptembed.theano.compile.rebroadcast import Rebroadcast
from ptembed.theano.tensor.type import integer_dtypes
from ptembed.theano.tensor.var import AsTensorError

__all__ = [
    "EmptyConstantError",
    "NotScalarConstantError",
    "ShapeError",
    "as_tensor",
    "as_tensor_variable",
    "check_and_normalize_axes",
    "check_equal_numpy",
    "constant",
    "constant_cache",
    "extract_constant",
    "get_scalar_constant_value",
    "get_vector_length",
    "numpy_scalar",
]


class ShapeError(Exception):
    """The shape of an array cannot be computed."""


class EmptyConstantError(NotScalarConstantError):
    """The constant has no element, so it stands for no number."""


def as_tensor_variable(x, name=None, ndim=None):
    """``x`` as a symbolic array; one that is symbolic already stays the same variable.

    Parameters
    ----------
    x : array, number, variable, application of an Op, or list of these
        A bool is refused, because ``v == w`` gives one where ``eq(v, w)`` was meant.
    name : str, optional
        The name of a new variable.
    ndim : int, optional
        The number of dimensions of the result: dimensions of length 1 are added or taken away on the left.

    Raises
    ------
    AsTensorError
        If ``x`` cannot become an array.
    ValueError
        If it cannot have ``ndim`` dimensions, or comes from an Op of several outputs.
    AttributeError
        If it comes from an Op whose ``default_output`` is not the number of an output.
    """
    if hasattr(x, "_as_TensorVariable"):
        return x._as_TensorVariable()
    if isinstance(x, Apply):
        x = _default_output(x)
    if isinstance(x, Sequence) and not isinstance(x, list | tuple | str | bytes):  # a range
        x = np.asarray(x)
    if isinstance(x, list | tuple) and any(isinstance(part, Variable) for part in x):
        with suppress(TypeError, ValueError):
            return _stacked(x)
    if isinstance(x, int) and not isinstance(x, bool):
        return constant(x, name=name, ndim=ndim)
    try:
        return pt.as_tensor_variable(x, name=name, ndim=ndim)
    except (TypeError, NotImplementedError) as error:
        reason = str(error) if isinstance(x, bool) else f"Cannot convert {x} of {type(x)} to TensorType"
        raise AsTensorError(reason) from error


as_tensor = _as_tensor_variable = as_tensor_variable


def _stacked(parts):
    from ptembed.theano.tensor.joining import stack  # which needs this module

    return stack(parts)


def _default_output(node):
    default = node.op.default_output
    if default is None and len(node.outputs) != 1:
        raise ValueError(f"{node.op} has {len(node.outputs)} outputs: give one of them, not the node.")
    default = 0 if default is None else default
    if not isinstance(default, int) or not 0 <= default < len(node.outputs):
        raise AttributeError(f"{node.op}.default_output must be the number of one of its outputs, got {default}.")
    return node.outputs[default]


def constant(x, name=None, ndim=None, dtype=None):
    """``x`` as a symbolic constant.

    Parameters
    ----------
    x : array, number or list of numbers
        A Python number takes the smallest dtype that the flags allow (:class:`theano.scalar.NumpyAutocaster`).
    name : str, optional
    ndim : int, optional
        The number of dimensions: dimensions of length 1 are added on the left.
    dtype : str, optional

    Raises
    ------
    TypeError
        If ``x`` is no array of numbers.
    ValueError
        If it has more dimensions than ``ndim``.
    """
    if ndim is not None and np.ndim(x.data if isinstance(x, Constant) else x) > ndim:
        raise ValueError(f"ndarray could not be cast to constant with {ndim} dimensions")
    if isinstance(x, int) and dtype is None and x > np.iinfo("int64").max:
        dtype = "uint64"  # PyTensor lets it overflow
    try:
        return pt.constant(x, name=name, ndim=ndim, dtype=dtype)
    except (TypeError, ValueError) as error:
        raise TypeError(f"Could not convert {x} of {type(x)} to TensorType") from error


constant.enable = True  # type: ignore[attr-defined]
constant_cache: dict = {}


def _obj_is_wrappable_as_tensor(x):
    try:
        constant(x)
    except TypeError:
        return False
    return True


def numpy_scalar(data):
    """The number in an array of one element, as an array of no dimensions.

    Raises
    ------
    EmptyConstantError
        If the array is empty.
    NotScalarConstantError
        If it has several elements, or no numbers.
    """
    data = np.asarray(data)
    if data.size == 0:
        raise EmptyConstantError()
    if data.size > 1 or data.dtype.kind not in "biufc":
        raise NotScalarConstantError(f"a single number is needed, got {data}")
    return data.reshape(()).copy()


def get_scalar_constant_value(orig_v, elemwise=True, only_process_constants=False, max_recur=10):
    """The number that ``orig_v`` always is, as an array of no dimensions.

    Parameters
    ----------
    orig_v : variable, array or number
        Views, casts, fills and (unless ``elemwise`` is false) arithmetic of constants are followed.
    elemwise : bool
    only_process_constants : bool
        Follow nothing: ``orig_v`` must be a constant itself.
    max_recur : int
        How deep to follow.

    Raises
    ------
    NotScalarConstantError
        If it is not known to be one number.
    EmptyConstantError
        If it is a constant without elements.
    """
    v = orig_v
    while getattr(v, "owner", None) is not None and isinstance(v.owner.op, Rebroadcast) and not only_process_constants:
        v = v.owner.inputs[0]
    data = v.data if isinstance(v, Constant) else v
    if isinstance(data, np.ndarray) and (data.size <= 1 or not isinstance(v, Constant)):
        return numpy_scalar(data)
    return get_underlying_scalar_constant_value(
        v, elemwise=elemwise, only_process_constants=only_process_constants, max_recur=max_recur
    )


def extract_constant(x, elemwise=True, only_process_constants=False):
    """The number that ``x`` always is, or ``x`` as it is where it has no known value."""
    with suppress(NotScalarConstantError):
        x = get_scalar_constant_value(x, elemwise, only_process_constants)
    return pt.tensor_from_scalar(x) if isinstance(x, ScalarVariable) else x


def get_vector_length(v):
    """The length of a symbolic vector where the graph tells it.

    Raises
    ------
    TypeError
        If ``v`` is no vector.
    ValueError
        If its length is not known.
    """
    v = as_tensor_variable(v)
    if v.ndim != 1:
        raise TypeError(f"argument must be symbolic vector, got {v}")
    return pt.get_vector_length(v)


def check_and_normalize_axes(x, axis):
    """The dimensions that ``axis`` names as a sorted list without repeats; an empty list for ``None``.

    Parameters
    ----------
    x : array
    axis : None, int, sequence of int, array or constant

    Raises
    ------
    TypeError
        If ``axis`` is something else, or not constant.
    ValueError
        If ``x`` has no such dimension.
    """
    x = as_tensor_variable(x)
    if axis is None or NoneConst.equals(axis):
        return []
    if isinstance(axis, TensorConstant):
        if axis.dtype not in integer_dtypes:
            raise TypeError(f"an axis must be an integer, got {axis} of dtype {axis.dtype}.")
        axis = axis.data
    elif hasattr(axis, "owner"):
        raise TypeError(f"Computation needs a constant axis. Got {axis}")
    if not isinstance(axis, int | np.integer | tuple | list | np.ndarray):
        raise TypeError(f"Axis must be an integer, tuple, list of integers or a TensorVariable. Got {axis}")
    axes = [int(i) for i in np.atleast_1d(axis)]
    for i in axes:
        if not -x.ndim <= i < x.ndim:
            raise ValueError(f"Computation needs a valid axis number for {x.ndim}-D tensor. Got {i}")
    return sorted({i % x.ndim for i in axes})


def check_equal_numpy(x, y):
    """Whether two values are the same: of arrays, dtype, shape and all elements within 1e-10."""
    if isinstance(x, np.ndarray) and isinstance(y, np.ndarray):
        return x.dtype == y.dtype and x.shape == y.shape and not np.any(abs(x - y) > 1e-10)
    if isinstance(x, np.random.RandomState) and isinstance(y, np.random.RandomState):
        return all(np.all(a == b) for a, b in zip(x.get_state(), y.get_state(), strict=True))
    return x == y
