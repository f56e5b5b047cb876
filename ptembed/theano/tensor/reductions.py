"""Sums, products, means, maxima and the like over dimensions of an array."""

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import DisconnectedType, disconnected_type
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.tensor.math import Argmax as _Argmax
from pytensor.tensor.math import Max as _Max

from ptembed import _pytensor
from ptembed.theano._faces import Face
from ptembed.theano.tensor.conversion import as_tensor_variable, check_and_normalize_axes
from ptembed.theano.tensor.type import discrete_dtypes

__all__ = [
    "Argmax",
    "MaxAndArgmax",
    "Mean",
    "all",
    "any",
    "argmax",
    "argmin",
    "largest",
    "makeKeepDims",
    "max",
    "max_and_argmax",
    "mean",
    "min",
    "prod",
    "ptp",
    "smallest",
    "std",
    "sum",
    "var",
]


class Argmax(_Argmax, metaclass=Face):
    """Where the largest element is over some dimensions, ``Argmax(axis)(x)``."""

    @staticmethod
    def _is(op):
        return isinstance(op, _Argmax)

    @staticmethod
    def _make(axis):
        return _Argmax(axis)


class MaxAndArgmax(Op, metaclass=Face):
    """The largest element and where it is over some dimensions, ``MaxAndArgmax(axis)(x)``.

    :func:`max_and_argmax` gives the same in PyTensor's two Ops, which are what runs fast.

    Parameters
    ----------
    axis : sequence of int
    """

    __props__ = ("axis",)

    @staticmethod
    def _is(op):
        return isinstance(op, _Argmax | _Max)

    def __init__(self, axis):
        self.axis = tuple(sorted(int(i) for i in axis))

    def make_node(self, x):
        x = as_tensor_variable(x)
        shape = [n for i, n in enumerate(x.type.shape) if i not in self.axis]
        outputs = [
            pt.tensor(dtype=x.dtype, shape=shape, name="max"),
            pt.tensor(dtype="int64", shape=shape, name="argmax"),
        ]
        return Apply(self, [x], outputs)

    def perform(self, node, inputs, output_storage):
        (x,) = inputs
        kept = [i for i in range(x.ndim) if i not in self.axis]
        rows = x.transpose(*kept, *self.axis).reshape(*(x.shape[i] for i in kept), -1)
        output_storage[0][0] = np.asarray(rows.max(axis=-1))
        output_storage[1][0] = np.asarray(rows.argmax(axis=-1), dtype="int64")

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        shape = tuple(n for i, n in enumerate(shapes[0]) if i not in self.axis)
        return [shape, shape]

    def connection_pattern(self, node):
        return [[True, False]]

    def pullback(self, inputs, outputs, cotangents):
        (x,), (gz, _) = inputs, cotangents
        if isinstance(gz.type, DisconnectedType):
            return [x.zeros_like(dtype="float64" if x.dtype in discrete_dtypes else x.dtype)]
        at_max = pt.eq(makeKeepDims(x, outputs[0], self.axis), x)
        return [at_max * makeKeepDims(x, gz, self.axis)]

    def pushforward(self, inputs, outputs, tangents):
        (x,), (dx,) = inputs, tangents
        if isinstance(dx.type, DisconnectedType):
            return [dx, disconnected_type()]
        where = makeKeepDims(x, outputs[1], self.axis)
        if len(self.axis) != 1:
            raise NotImplementedError("the R operator of max is known for one axis: take the maxima one after another.")
        along = pt.squeeze(pt.take_along_axis(dx, where, self.axis[0]), axis=self.axis[0])
        return [along, disconnected_type()]


class Mean(Op):
    """The mean in float64 as one Op, ``Mean(axis)(x)``; :func:`mean` makes it of a sum.

    Parameters
    ----------
    axis : None, int or sequence of one int

    Raises
    ------
    AssertionError
        If there are several axes.
    """

    __props__ = ("axis",)

    def __init__(self, axis=None):
        axes = None if axis is None else tuple(int(i) for i in np.atleast_1d(axis))
        if axes is not None and len(axes) != 1:
            raise AssertionError(f"Mean takes one axis or none, got {axis}: use theano.tensor.mean.")
        self.axis = axes

    def __str__(self):
        return "Mean" if self.axis is None else f"Mean{{{self.axis[0]}}}"

    def _axes(self, x):
        return list(range(x.ndim)) if self.axis is None else check_and_normalize_axes(x, list(self.axis))

    def make_node(self, x):
        x = as_tensor_variable(x)
        shape = [n for i, n in enumerate(x.type.shape) if i not in self._axes(x)]
        return Apply(self, [x], [pt.tensor(dtype="float64", shape=shape)])

    def perform(self, node, inputs, output_storage):
        axis = None if self.axis is None else self.axis[0]
        output_storage[0][0] = np.asarray(np.mean(inputs[0], axis=axis, dtype="float64"))

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        axes = self._axes(node.inputs[0])
        return [tuple(n for i, n in enumerate(shapes[0]) if i not in axes)]

    def pullback(self, inputs, outputs, cotangents):
        (x,), (gz,) = inputs, cotangents
        if x.dtype in discrete_dtypes:
            return [x.zeros_like(dtype="float64")]
        axes = self._axes(x)
        count = pt.prod([x.shape[i] for i in axes])
        return [pt.second(x, makeKeepDims(x, gz / count, axes))]


def makeKeepDims(x, y, axis):
    """``y``, which reduces ``x`` over ``axis``, with these dimensions of length 1 again."""
    x, y = as_tensor_variable(x), as_tensor_variable(y)
    axes = range(x.ndim) if axis is None else check_and_normalize_axes(x, axis)
    kept = iter(range(y.ndim))
    return y.dimshuffle(["x" if i in axes else next(kept) for i in range(x.ndim)])


def _reduced(x, axis):
    """The array, and the dimensions to reduce as a tuple; all of them for ``None`` and for an empty list."""
    x = as_tensor_variable(x)
    return x, tuple(check_and_normalize_axes(x, axis)) or tuple(range(x.ndim))


def max_and_argmax(a, axis=None, keepdims=False):
    """The largest element over ``axis``, and its index along it (in the flattened dimensions if there are several).

    Parameters
    ----------
    a : array
    axis : None, int or sequence of int
        All dimensions if None.
    keepdims : bool
        Whether the reduced dimensions stay, with length 1.

    Returns
    -------
    list of two arrays
        The second is int64.
    """
    return [max(a, axis, keepdims), argmax(a, axis, keepdims)]


def max(x, axis=None, keepdims=False):
    """The largest element over ``axis``; see :func:`max_and_argmax`."""
    x, axes = _reduced(x, axis)
    return _named("max", _Max(axes)(x), x, axes, keepdims)


def argmax(x, axis=None, keepdims=False):
    """The index of the largest element over ``axis``, int64; see :func:`max_and_argmax`."""
    x, axes = _reduced(x, axis)
    return _named("argmax", _Argmax(axes)(x), x, axes, keepdims)


def _named(name, result, x, axes, keepdims):
    result.name = name
    return makeKeepDims(x, result, axes) if keepdims else result


def min(x, axis=None, keepdims=False):
    """The smallest element over ``axis``; see :func:`max_and_argmax`."""
    x = as_tensor_variable(x)
    return _mirrored(x, max(_mirrored(x, x), axis, keepdims))


def argmin(x, axis=None, keepdims=False):
    """The index of the smallest element over ``axis``; see :func:`max_and_argmax`."""
    x = as_tensor_variable(x)
    return argmax(_mirrored(x, x), axis, keepdims)


def _mirrored(x, y):
    """``y`` with its order reversed, in a way that its dtype (that of ``x``) can hold."""
    if x.dtype == "bool":
        return pt.invert(y)
    if x.dtype.startswith("uint"):
        return np.asarray(np.iinfo(x.dtype).max, dtype=x.dtype) - y
    if x.dtype.startswith(("int", "float")):
        return -y
    raise NotImplementedError(f"min and argmin need real numbers, got dtype {x.dtype}.")


def smallest(*args):
    """The smallest of several arrays, element by element."""
    if len(args) == 2:
        a, b = args
        return pt.switch(pt.lt(a, b), a, b)
    return min(pt.stack(args), axis=0)


def largest(*args):
    """The largest of several arrays, element by element."""
    if len(args) == 2:
        a, b = args
        return pt.switch(pt.gt(a, b), a, b)
    return max(pt.stack(args), axis=0)


def sum(input, axis=None, dtype=None, keepdims=False, acc_dtype=None):
    """The sum over ``axis``.

    Parameters
    ----------
    input : array
    axis : None, int or sequence of int
    dtype : str, optional
        Of the result; by default that of ``input``, of integers and bools the 64-bit one.
    keepdims : bool
    acc_dtype : str, optional
        Of the sum while it grows; by default the 64-bit one.
    """
    return pt.sum(as_tensor_variable(input), axis=axis, dtype=dtype, keepdims=keepdims, acc_dtype=acc_dtype)


def prod(input, axis=None, dtype=None, keepdims=False, acc_dtype=None, no_zeros_in_input=False):
    """The product over ``axis``; see :func:`sum`.

    Parameters
    ----------
    no_zeros_in_input : bool
        Promise that no element is zero: the gradient is cheaper then.
    """
    x = as_tensor_variable(input)
    return pt.prod(
        x, axis=axis, dtype=dtype, keepdims=keepdims, acc_dtype=acc_dtype, no_zeros_in_input=no_zeros_in_input
    )


def any(x, axis=None, keepdims=False):
    """Whether some element over ``axis`` is not zero."""
    return pt.any(as_tensor_variable(x), axis=axis, keepdims=keepdims)


def all(x, axis=None, keepdims=False):
    """Whether all elements over ``axis`` are not zero."""
    return pt.all(as_tensor_variable(x), axis=axis, keepdims=keepdims)


def mean(input, axis=None, dtype=None, op=False, keepdims=False, acc_dtype=None):
    """The mean over ``axis``.

    Parameters
    ----------
    input : array
    axis : None, int or sequence of int
    dtype : str, optional
        Of the sum inside; of integers the mean is a float all the same.
    op : bool
        Make one Op of it, :class:`Mean`, in float64.
    keepdims : bool
    acc_dtype : str, optional
        See :func:`sum`.

    Raises
    ------
    NotImplementedError
        If ``op`` is true and another dtype than float64 is asked for.
    """
    input = as_tensor_variable(input)
    if op:
        for asked in (dtype, acc_dtype):
            if asked not in (None, "float64"):
                raise NotImplementedError(f"mean(op=True) computes in float64, got {asked}: use op=False.")
        out = Mean(axis)(input)
        return makeKeepDims(input, out, axis) if keepdims else out
    result = pt.mean(input, axis=axis, dtype=dtype, keepdims=keepdims, acc_dtype=acc_dtype)
    result.name = "mean"
    return result


def var(input, axis=None, ddof=0, keepdims=False, corrected=False):
    """The variance over ``axis``.

    Parameters
    ----------
    input : array
    axis : None, int or sequence of int
    ddof : int
        The sum of squares is divided by ``n - ddof``.
    keepdims : bool
    corrected : bool
        Take the rounding of the mean into account.
    """
    result = pt.var(as_tensor_variable(input), axis=axis, ddof=ddof, keepdims=keepdims, corrected=corrected)
    result.name = "var"
    return result


def std(input, axis=None, ddof=0, keepdims=False, corrected=False):
    """The standard deviation over ``axis``; see :func:`var`."""
    result = pt.sqrt(var(input, axis=axis, ddof=ddof, keepdims=keepdims, corrected=corrected))
    result.name = "std"
    return result


def ptp(a, axis=None):
    """The largest element less the smallest over ``axis``."""
    a = as_tensor_variable(a)
    return max(a, axis) - min(a, axis)
