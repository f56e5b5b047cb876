r"""Pooling: the largest number, the sum or the mean of each window of an array.

A window of :math:`w` numbers in each of the last ``ndim`` dimensions moves by steps of :math:`s` over an array with
:math:`p` places of padding before and behind. Of a length :math:`D`, with the border ignored, it finds room

.. math:: Z = \max(0, \lfloor (D + 2 p - w) / s \rfloor + 1)

times; else it may reach over the end, and moves on until each number has been in one (if :math:`s \le w`). Padding
holds no numbers: it is never the largest, adds nothing, and counts in the mean of ``average_inc_pad`` alone. The
largest number of a window is the first that no later one exceeds, so a NaN is passed over unless it comes first.

The gradient by the largest goes to each number that is as large, the whole of it to each. In a window that is as large
as the stride, :math:`O(D)` in all; otherwise each number is read :math:`w / s` times in each dimension.

Read next: :mod:`ptembed.ops.pooling_loops`.
"""

import math

import numpy as np
import pytensor.tensor as pt
from numba import njit
from numba.cpython.unsafe.tuple import tuple_setitem
from pytensor.gradient import DisconnectedType, disconnected_type
from pytensor.graph.basic import Apply, Constant, Variable
from pytensor.graph.op import Op
from pytensor.tensor.type import integer_dtypes

from ptembed import _pytensor
from ptembed.ops import pooling_loops, pooling_passes
from ptembed.ops.pooling_loops import description

__all__ = ["AveragePoolGrad", "MaxPoolGrad", "MaxPoolGradGrad", "MaxPoolRop", "Pool", "pooled_shape"]

MODES = {"max": "max", "sum": "sum", "average_inc_pad": "mean_padded", "average_exc_pad": "mean"}
ARRAY, RESULT = 0, 1  # rows of the description that have the lengths of either
SHAPE = "arrays that are pooled together must have one shape, their maxima and gradients that of the result"
LARGE = 1 << 20  # numbers that are read, from which on loops in Python are worth compiling


def pooled_shape(shape, window, ignore_border=False, stride=None, pad=None, ndim=2):
    """Give the shape of a pooling's result, of ints or of symbols.

    Parameters
    ----------
    shape : sequence of int or int scalar
        Of the array.
    window, stride, pad : sequence or vector of int, length ndim
        ``stride`` is the window, ``pad`` 0 by default.
    ignore_border : bool, optional
    ndim : int, optional
        How many dimensions are pooled, the last ones.

    Returns
    -------
    list of int or int scalar

    Raises
    ------
    TypeError
        When ``shape`` has fewer than ``ndim`` lengths.

    Examples
    --------
    >>> pooled_shape((9, 8, 7), (2, 2)), pooled_shape((9, 8, 7), (2, 2), ignore_border=True)
    ([9, 4, 4], [9, 4, 3])
    """
    if len(shape) < ndim:
        raise TypeError(f"imgshape must have at least {ndim} dimensions, one for each that is pooled, got {len(shape)}")
    window, stride, pad = (
        _numbers(v, ndim) for v in (window, window if stride is None else stride, (0,) * ndim if pad is None else pad)
    )
    lead, lengths = list(shape)[: len(shape) - ndim], list(shape)[len(shape) - ndim :]
    return lead + [
        _length(D + 2 * p, w, s, ignore_border) for D, w, s, p in zip(lengths, window, stride, pad, strict=True)
    ]


def _length(D, w, s, ignore_border):
    if ignore_border:
        return _at_least_0((D - w) // s + 1)
    if isinstance(w, Variable) or isinstance(s, Variable):
        return pt.switch(pt.ge(s, w), (D - 1) // s + 1, pt.maximum((D - 1 - w) // s + 1, 0) + 1)
    return (D - 1) // s + 1 if s >= w else _at_least_0((D - 1 - w) // s + 1) + 1


def _at_least_0(n):
    return pt.maximum(n, 0) if isinstance(n, Variable) else max(n, 0)


def _numbers(v, n):
    """The entries of a vector: ints where they are known."""
    if isinstance(v, Constant):
        return v.data.tolist()
    return [v[i] for i in range(n)]


class Pooling(Op):
    """What the Ops of pooling share: inputs are arrays, then window, stride and padding.

    Parameters
    ----------
    ignore_border : bool
        Whether windows that reach over the end are left out.
    mode : {"max", "sum", "average_inc_pad", "average_exc_pad"}
        ``"max_deterministic"`` is ``"max"``.
    ndim : int
        How many dimensions are pooled, the last ones.

    Raises
    ------
    ValueError
        For another mode.
    """

    __props__ = ("ignore_border", "mode", "ndim")
    modes = tuple(MODES)
    verb = ""
    kinds: tuple = ()  # of the arrays, and of what the Op gives

    def __init__(self, ignore_border=False, mode="max", ndim=2):
        mode = "max" if mode == "max_deterministic" else mode
        if mode not in self.modes:
            raise ValueError(f"Pool mode parameter only support {', '.join(map(repr, self.modes))}. Got {mode!r}")
        if ndim < 1:
            raise ValueError(f"at least one dimension must be pooled, got ndim={ndim}")
        self.ignore_border, self.mode, self.ndim = bool(ignore_border), mode, ndim

    @property
    def routine(self):
        """What the Op computes: a name in :mod:`.pooling_loops` and in :mod:`.pooling_passes`."""
        padding_counts = self.ignore_border or self.mode != "average_inc_pad"
        return f"{self.verb}_{MODES[self.mode if padding_counts else 'average_exc_pad']}"

    @property
    def empty(self):
        """Whether a window may hold nothing but padding, as a sum and a mean that counts it may."""
        return self.routine.endswith(("_sum", "_padded"))

    def inputs(self, arrays, ws, stride, pad, strict=False):
        """Check all inputs and give them as variables.

        Parameters
        ----------
        arrays : list of arrays
        ws, stride, pad : int vectors
        strict : bool, optional
            Whether each window must hold a number, even if a sum of none is 0.

        Raises
        ------
        TypeError
            For arrays of too few or different dimensions; windows that are no vectors of integers.
        ValueError
            For windows that have not a number for each dimension; windows or strides below 1, negative padding.
        NotImplementedError
            For padding without ``ignore_border``, or as large as the window.
        """
        arrays = [pt.as_tensor(a) for a in arrays]
        ndims = {a.type.ndim for a in arrays}
        if len(ndims) > 1 or min(ndims) < self.ndim:
            got = " and ".join(str(a.type.ndim) for a in arrays)
            raise TypeError(
                f"pooling needs arrays of one rank, {self.ndim} dimensions or more, got {got}: reshape them"
            )
        stride = ws if stride is None else stride
        pad = (0,) * self.ndim if pad is None else pad
        named = {"window": ws, "stride": stride, "padding": pad}
        windows = [_integers(name, v, self.ndim) for name, v in named.items()]
        self._check(*(v.data if isinstance(v, Constant) else None for v in windows), strict or not self.empty)
        return arrays + windows

    def _check(self, ws, stride, pad, strict):
        for name, v, least in (("window", ws, 1), ("stride", stride, 1), ("padding", pad, 0)):
            if v is not None and v.min() < least:
                raise ValueError(f"the {name} must be {least} or more in each dimension, got {v.tolist()}")
        if pad is not None and pad.any() and not self.ignore_border:
            raise NotImplementedError(f"padding works only with ignore_border=True, got {pad.tolist()}")
        if pad is not None and ws is not None and strict and (pad >= ws).any():
            raise NotImplementedError(
                f"padding must be smaller than the window, got {pad.tolist()} for windows of {ws.tolist()}"
            )

    def pooled_type(self, x, dtype):
        return pt.tensor(dtype=dtype, shape=(*x.type.shape[: x.type.ndim - self.ndim], *(None,) * self.ndim))

    def like(self, op_type):
        """Give the Op of another class for the same windows."""
        return op_type(self.ignore_border, self.mode, self.ndim)

    def perform(self, node, inputs, output_storage):
        *arrays, ws, stride, pad = inputs
        x, lead = arrays[0], arrays[0].ndim - self.ndim
        spec = description.py_func(x.shape[lead:], ws, stride, pad, self.ignore_border, self.empty)
        few = self.ndim > 3 or x.dtype.itemsize < 4 or x.size * np.prod(spec[2] / spec[3]) < LARGE
        y = getattr(pooling_passes if few else pooling_loops, self.routine)(spec, *_three(self._samples(spec, arrays)))
        shape = (*x.shape[:lead], *spec[self.kinds[-1], -self.ndim :])
        output_storage[0][0] = y.reshape(shape).astype(node.outputs[0].type.dtype, copy=False)

    def _samples(self, spec, arrays):
        lead = arrays[0].shape[: arrays[0].ndim - self.ndim]
        for a, kind in zip(arrays, self.kinds, strict=False):
            if a.shape != (*lead, *spec[kind, -self.ndim :]):
                raise ValueError(SHAPE)
            yield np.ascontiguousarray(a).reshape((math.prod(lead), *spec[kind]))

    def connection_pattern(self, node):
        return [[True]] * (len(node.inputs) - 3) + [[False]] * 3


class Pool(Pooling):
    """The largest number, the sum or the mean of each window; see :class:`Pooling`."""

    verb = "pool"
    kinds = (ARRAY, RESULT)

    def make_node(self, x, ws, stride=None, pad=None):
        inputs = self.inputs([x], ws, stride, pad, strict=not isinstance(pad, Variable))
        return Apply(self, inputs, [self.pooled_type(inputs[0], inputs[0].type.dtype)])

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        ws, stride, pad = node.inputs[1:]
        return [tuple(pooled_shape(shapes[0], ws, self.ignore_border, stride, pad, self.ndim))]

    def pullback(self, inputs, outputs, cotangents):
        x, *windows = inputs
        if self.mode == "max":
            gx = self.like(MaxPoolGrad)(x, outputs[0], cotangents[0], *windows)
        else:
            gx = self.like(AveragePoolGrad)(x, cotangents[0], *windows)
        return [gx, *_pytensor.disconnected(windows)]

    def pushforward(self, inputs, outputs, tangents):
        x, *windows = inputs
        if isinstance(tangents[0].type, DisconnectedType):
            return [disconnected_type()]
        if self.mode == "max":
            return [self.like(MaxPoolGradGrad)(x, outputs[0], tangents[0], *windows)]
        return [self(tangents[0], *windows)]


class MaxPoolGrad(Pooling):
    """The gradient by ``x`` of the largest numbers ``maxout``, from the one, ``gz``, by them."""

    modes = ("max",)
    verb = "grad"
    kinds = (ARRAY, RESULT, RESULT, ARRAY)

    def make_node(self, x, maxout, gz, ws, stride=None, pad=None):
        inputs = self.inputs([x, maxout, gz], ws, stride, pad)
        return Apply(self, inputs, [inputs[0].type()])

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [shapes[0]]

    def pullback(self, inputs, outputs, cotangents):
        x, maxout, _, *windows = inputs
        ggz = self.like(MaxPoolGradGrad)(x, maxout, cotangents[0], *windows)
        return [pt.zeros_like(x), pt.zeros_like(maxout), ggz, *_pytensor.disconnected(windows)]


class AveragePoolGrad(Pooling):
    """The gradient by ``x`` of sums or means, from the one, ``gz``, by them."""

    modes = ("sum", "average_inc_pad", "average_exc_pad")
    verb = "grad"
    kinds = (ARRAY, RESULT, ARRAY)

    def make_node(self, x, gz, ws, stride=None, pad=None):
        inputs = self.inputs([x, gz], ws, stride, pad)
        return Apply(self, inputs, [inputs[0].type()])

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [shapes[0]]

    def pullback(self, inputs, outputs, cotangents):
        x, _, *windows = inputs
        return [pt.zeros_like(x), self.like(Pool)(cotangents[0], *windows), *_pytensor.disconnected(windows)]


class MaxPoolGradGrad(Pooling):
    """The sum, in each window, of those numbers of ``ggx`` where ``x`` is the largest, ``maxout``."""

    modes = ("max",)
    verb = "grad_grad"
    kinds = (ARRAY, RESULT, ARRAY, RESULT)

    def make_node(self, x, maxout, ggx, ws, stride=None, pad=None):
        inputs = self.inputs([x, maxout, ggx], ws, stride, pad)
        return Apply(self, inputs, [self.pooled_type(inputs[0], inputs[0].type.dtype)])

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [shapes[1]]

    def pullback(self, inputs, outputs, cotangents):
        x, maxout, _, *windows = inputs
        gx = self.like(MaxPoolGrad)(x, maxout, cotangents[0], *windows)
        return [pt.zeros_like(x), pt.zeros_like(maxout), gx, *_pytensor.disconnected(windows)]


class MaxPoolRop(Pooling):
    """What ``eval_point`` has, in each window, where ``x`` is the largest, at the first of equal ones."""

    modes = ("max",)
    verb = "rop"
    kinds = (ARRAY, ARRAY, RESULT)

    def make_node(self, x, eval_point, ws, stride=None, pad=None):
        inputs = self.inputs([x, eval_point], ws, stride, pad)
        return Apply(self, inputs, [self.pooled_type(inputs[0], inputs[1].type.dtype)])

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        ws, stride, pad = node.inputs[2:]
        return [tuple(pooled_shape(shapes[0], ws, self.ignore_border, stride, pad, self.ndim))]


def _integers(name, v, n):
    v = pt.as_tensor(v)
    if v.type.ndim != 1 or v.type.dtype not in integer_dtypes:
        raise TypeError(f"the {name} of a pooling must be a vector of ints, got {v.type}: give one for each dimension")
    if v.type.shape[0] not in (n, None):
        raise ValueError(f"the {name} must have a number for each of the {n} pooled dimensions, got {v.type.shape[0]}")
    return v


def _three(arrays):
    """Each routine takes three arrays; where it needs fewer, the last one again."""
    arrays = list(arrays)
    return [*arrays, *[arrays[-1]] * (3 - len(arrays))]


@njit
def samples(a, x, ndim, lengths):
    """Give ``a``, an array or a result beside the array ``x``, with one axis for the samples and three pooled ones."""
    n, lead = 1, x.ndim - ndim
    for i in range(x.ndim):
        n *= x.shape[i] if i < lead else 1
        if a.shape[i] != (x.shape[i] if i < lead else lengths[3 - x.ndim + i]):
            raise ValueError(SHAPE)
    return np.ascontiguousarray(a).reshape((n, lengths[0], lengths[1], lengths[2]))


@njit
def unfolded(y, x, ndim, lengths):
    """Give the array or result ``y`` with the leading axes of ``x``."""
    shape = x.shape
    for i in range(ndim):
        shape = tuple_setitem(shape, x.ndim - ndim + i, lengths[3 - ndim + i])
    return y.reshape(shape)


def kernel(op, node):
    """Make the kernel of any of the Ops.

    Raises
    ------
    NotImplementedError
        For more than three pooled dimensions.
    """
    if op.ndim > 3:
        raise NotImplementedError(f"Numba pools 3 dimensions at most, got {op.ndim}: compile with linker='cvm' or 'py'")
    compute, ndim = getattr(pooling_loops, op.routine), op.ndim
    ignore_border, empty = op.ignore_border, op.empty
    (a, b, c), (i, j, k), given = _three(op.kinds[:-1]), _three(range(len(op.kinds) - 1)), op.kinds[-1]

    @njit
    def pooling(*inputs):
        x, (ws, stride, pad) = inputs[0], inputs[-3:]
        spec = description(np.array(x.shape)[-ndim:], ws, stride, pad, ignore_border, empty)
        arrays = samples(inputs[i], x, ndim, spec[a]), samples(inputs[j], x, ndim, spec[b])
        y = compute(spec, *arrays, samples(inputs[k], x, ndim, spec[c]))
        return unfolded(y, x, ndim, spec[given])

    return pooling


for op_type in (Pool, MaxPoolGrad, AveragePoolGrad, MaxPoolGradGrad, MaxPoolRop):
    _pytensor.numba_kernel(op_type, pooling_loops)(kernel)
