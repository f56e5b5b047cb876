"""Convolution of films, in which time is the second axis; diagonal stripes of arrays."""

import numpy as np
import pytensor.tensor as pt
from pytensor.compile.mode import optdb
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.graph.rewriting.basic import WalkingGraphRewriter, copy_stack_trace, dfs_rewriter, node_rewriter

from ptembed import _pytensor
from ptembed.theano.gof._protocol import TheanoOp
from ptembed.theano.tensor.conversion import as_tensor_variable
from ptembed.theano.tensor.nnet.abstract_conv import AbstractConv3d

__all__ = [
    "DiagonalSubtensor",
    "IncDiagonalSubtensor",
    "conv3d",
    "diagonal_subtensor",
    "get_diagonal_subtensor_view",
    "inc_diagonal_subtensor",
    "local_inplace_DiagonalSubtensor",
]


def conv3d(signals, filters, signals_shape=None, filters_shape=None, border_mode="valid"):
    """Convolve films with kernels, which are turned around.

    Parameters
    ----------
    signals : tensor5
        (B, time, C, rows, columns).
    filters : tensor5
        (F, time, C, rows, columns).
    signals_shape, filters_shape : sequence of five int, optional
        What is known of the shapes.
    border_mode : {"valid", "half", "full"}, or tuple of three of them
        Of time, rows and columns; the last two must be the same.

    Returns
    -------
    tensor5
        (B, time, F, rows, columns).

    Raises
    ------
    NotImplementedError
        For different borders of rows and columns, and for ``same``.
    ValueError
        For other borders.
    """
    modes = (border_mode,) * 3 if isinstance(border_mode, str) else tuple(border_mode)
    if modes[1] != modes[2]:
        raise NotImplementedError(f"height and width bordermodes must match, got {modes[1]} and {modes[2]}")
    if "same" in modes:
        raise NotImplementedError("the border 'same' is not served: use 'half', which keeps the length for odd kernels")
    if not {"valid", "half", "full"}.issuperset(modes):
        raise ValueError(f"invalid border mode {modes}: each must be 'valid', 'half' or 'full'")
    shapes = [s and [s[i] for i in _TIME_THIRD] for s in (signals_shape, filters_shape)]
    images, kernels = (as_tensor_variable(x).dimshuffle(*_TIME_THIRD) for x in (signals, filters))
    return AbstractConv3d(*shapes, border_mode=modes)(images, kernels).dimshuffle(*_TIME_THIRD)


_TIME_THIRD = (0, 2, 1, 3, 4)


def get_diagonal_subtensor_view(x, i0, i1):
    """The diagonal stripe of an array, as a view of it: :class:`DiagonalSubtensor`.

    Raises
    ------
    NotImplementedError
        If axis ``i0`` is shorter than ``i1``, so that no stripe reaches across.
    """
    i0, i1 = int(i0), int(i1)
    if x.shape[i0] < x.shape[i1]:
        raise NotImplementedError(f"axis {i0} must not be shorter than axis {i1}, got {x.shape}")
    index = [slice(None)] * x.ndim
    index[i0] = slice(x.shape[i1] - 1, None)
    view = x[tuple(index)]
    strides = list(view.strides)
    strides[i1] -= strides[i0] if x.shape[i1] > 1 else 0
    return np.lib.stride_tricks.as_strided(view, view.shape, strides)


class DiagonalSubtensor(TheanoOp, Op):
    """The diagonal stripe of an array, called with ``x`` and two axes ``i0`` and ``i1`` of lengths m and n.

    Entry (i, j) of the stripe, along these axes, is entry (i + n - 1 - j, j) of ``x``; it has m - n + 1 rows.

    Parameters
    ----------
    inplace : bool
        Whether the result is a view.
    """

    __props__ = ("inplace",)

    def __init__(self, inplace=False):
        self.inplace = inplace
        if inplace:
            self.view_map = {0: [0]}

    def __str__(self):
        return f"{type(self).__name__}{{inplace}}" if self.inplace else type(self).__name__

    def make_node(self, x, i0, i1):
        x, i0, i1 = map(as_tensor_variable, (x, i0, i1))
        return Apply(self, [x, i0, i1], [_open(x)])

    def perform(self, node, inputs, output_storage):
        view = get_diagonal_subtensor_view(*inputs)
        output_storage[0][0] = view if self.inplace else view.copy()

    def pullback(self, inputs, outputs, cotangents):
        x, i0, i1 = inputs
        return [inc_diagonal_subtensor(pt.zeros_like(x), i0, i1, cotangents[0]), *_pytensor.disconnected((i0, i1))]

    def connection_pattern(self, node):
        return [[True], [False], [False]]


class IncDiagonalSubtensor(TheanoOp, Op):
    """An array whose diagonal stripe has been added to, called with ``x``, ``i0``, ``i1`` and what is added.

    Parameters
    ----------
    inplace : bool
        Whether ``x`` is overwritten.
    """

    __props__ = ("inplace",)

    def __init__(self, inplace=False):
        self.inplace = inplace
        if inplace:
            self.destroy_map = {0: [0]}

    __str__ = DiagonalSubtensor.__str__

    def make_node(self, x, i0, i1, amt):
        x, i0, i1, amt = map(as_tensor_variable, (x, i0, i1, amt))
        return Apply(self, [x, i0, i1, amt], [x.type()])

    def perform(self, node, inputs, output_storage):
        x, i0, i1, amt = inputs
        x = x if self.inplace else x.copy()
        view = get_diagonal_subtensor_view(x, i0, i1)
        view += amt
        output_storage[0][0] = x

    def pullback(self, inputs, outputs, cotangents):
        _, i0, i1, _ = inputs
        return [cotangents[0], *_pytensor.disconnected((i0, i1)), diagonal_subtensor(cotangents[0], i0, i1)]

    def connection_pattern(self, node):
        return [[True], [False], [False], [True]]


diagonal_subtensor, inc_diagonal_subtensor = DiagonalSubtensor(), IncDiagonalSubtensor()


@node_rewriter([DiagonalSubtensor, IncDiagonalSubtensor])
def local_inplace_DiagonalSubtensor(fgraph, node):
    """Take a view, or add to the array itself, where that is allowed."""
    if node.op.inplace:
        return None
    out = type(node.op)(inplace=True)(*node.inputs)
    copy_stack_trace(node.outputs[0], out)
    return [out]


optdb.register(
    "local_inplace_DiagonalSubtensor",
    dfs_rewriter(local_inplace_DiagonalSubtensor, failure_callback=WalkingGraphRewriter.warn_inplace),
    "fast_run",
    "inplace",
    position=60,
)


def _open(x):
    """A variable like ``x`` whose lengths are not known, but for those of 1."""
    return x.type.clone(shape=[1 if one else None for one in x.type.broadcastable])()
