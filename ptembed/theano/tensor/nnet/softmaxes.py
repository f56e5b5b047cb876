r"""Softmax of the rows of a matrix, its logarithm and its gradient.

The Ops are made of PyTensor's expressions, so each linker compiles them. :func:`softmax_grad` is what a gradient needs:
:math:`d - s \sum_k d_k` with :math:`d = g \cdot s` for the softmax :math:`s` and the gradient :math:`g` by it. Programs
that write ``T.log(softmax(x))`` make :math:`g = h / s`, which is not a number where :math:`s` underflows to 0; there
:math:`d` is :math:`h`, and :func:`_times_softmax` finds it while the gradient is written. The logarithm itself becomes
:class:`LogSoftmax` by a rewrite of PyTensor's.
"""

import inspect

import pytensor.tensor as pt
import pytensor.tensor.special as _special
from pytensor.graph.basic import Constant, equal_computations
from pytensor.tensor.elemwise import DimShuffle, Elemwise
from pytensor.tensor.symbolic import TensorSymbolicOp

from ptembed.theano._faces import Face
from ptembed.theano.tensor.subtensor import AdvancedIncSubtensor, AdvancedIncSubtensor1, IncSubtensor

__all__ = [
    "LogSoftmax",
    "Softmax",
    "SoftmaxGrad",
    "SoftmaxWithBias",
    "logsoftmax",
    "logsoftmax_op",
    "softmax",
    "softmax_grad",
    "softmax_graph",
    "softmax_op",
    "softmax_with_bias",
]

_ROWS = (1,)


def is_float(x, ndim: tuple[int, ...]) -> bool:
    """Whether a variable is an array of floats of one of the ranks ``ndim``."""
    return x.type.ndim in ndim and x.dtype.startswith("float")


class ExpressionOp(TensorSymbolicOp):
    """An Op made of an expression; those of one class with the same ``__props__`` are equal."""

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.__eq__ = ExpressionOp.__eq__
        cls.__hash__ = ExpressionOp.__hash__

    def __call__(self, *inputs, **kwargs):
        names = list(inspect.signature(self.build_inner_graph).parameters)[len(inputs) :]
        return super().__call__(*inputs, *(kwargs.pop(name) for name in names if name in kwargs), **kwargs)

    def __eq__(self, other):
        return type(self) is type(other) and _props(self) == _props(other)

    def __hash__(self):
        return hash((type(self), _props(self)))


def _props(op) -> tuple:
    return tuple(getattr(op, name) for name in getattr(type(op), "__props__", ()))


class _OfRows:
    """What Theano's two Ops have in common; they are equal to those that PyTensor's rewrites make."""

    def __init__(self, input_types=None, axis=_ROWS, **kwargs):
        super().__init__(axis=axis, input_types=input_types, **kwargs)

    def filter_inputs(self, x):
        x = pt.as_tensor_variable(x)
        if self.axis != _ROWS:  # PyTensor has put dimensions before the rows
            return (x,)
        if not is_float(x, (1, 2)):
            raise ValueError(f"x must be 1-d or 2-d tensor of floats. Got {x.type}")
        return (pt.atleast_2d(x),)

    def __eq__(self, other):
        return isinstance(other, self._pytensors) and self.axis == other.axis

    def __hash__(self):
        return hash((self._pytensors, self.axis))


class Softmax(_OfRows, _special.Softmax, metaclass=Face):
    r""":math:`s_{ij} = e^{x_{ij}} / \sum_k e^{x_{ik}}` of a matrix; a vector of length n counts as a 1 x n matrix.

    Raises
    ------
    ValueError
        For an array of another rank, or without floats.
    """

    _pytensors = _special.Softmax

    @staticmethod
    def _is(op):
        return isinstance(op, _special.Softmax)

    def pullback(self, inputs, outputs, output_grads):
        return [_through_softmax(output_grads[0], outputs[0], self.axis)]


class LogSoftmax(_OfRows, _special.LogSoftmax, metaclass=Face):
    """The logarithm of :class:`Softmax`, finite where that underflows to 0; for the same arrays."""

    _pytensors = _special.LogSoftmax

    @staticmethod
    def _is(op):
        return isinstance(op, _special.LogSoftmax)


class SoftmaxGrad(ExpressionOp):
    r""":math:`g_{ij} s_{ij} - s_{ij} \sum_k g_{ik} s_{ik}`: the gradient by x from the one, g, by s = softmax(x).

    Raises
    ------
    ValueError
        If g is neither a matrix nor a vector of floats.
    """

    def filter_inputs(self, dy, sm):
        dy, sm = super().filter_inputs(dy, sm)
        if not is_float(dy, (1, 2)):
            raise ValueError("dy must be 1-d or 2-d tensor of floats. Got ", dy.type)
        return pt.atleast_2d(dy), pt.atleast_2d(sm)

    def build_inner_graph(self, dy, sm):
        return [_centred(dy * sm, sm, _ROWS).astype(sm.dtype)]


class SoftmaxWithBias(ExpressionOp):
    """``softmax(x + b)`` of a matrix and a vector, whose length is the number of columns.

    Raises
    ------
    ValueError
        For arrays of other ranks, or without floats; in the call for another length.
    """

    def filter_inputs(self, x, b):
        x, b = super().filter_inputs(x, b)
        if not is_float(x, (2,)):
            raise ValueError("x must be 2-d tensor of floats")
        if not is_float(b, (1,)):
            raise ValueError("b must be 1-d tensor of floats")
        return x, b

    def build_inner_graph(self, x, b):
        return [_special.softmax(x + b, axis=1).astype(x.dtype)]

    def pullback(self, inputs, outputs, output_grads):
        dx = _through_softmax(output_grads[0], outputs[0], _ROWS)
        return [dx, dx.sum(axis=0)]


def _centred(d, sm, axis):
    return d - sm * d.sum(axis=axis, keepdims=True)


def _through_softmax(g, sm, axis):
    node = g.owner
    if node is not None and node.op in (pt.neg, pt.add):
        return node.op(*(_through_softmax(term, sm, axis) for term in node.inputs))
    if node is not None and hasattr(node.op, "through_softmax") and _same(node.inputs[1], sm):
        return node.op.through_softmax(*node.inputs)
    d = _times_softmax(g, sm)
    return softmax_grad(g, sm) if d is None and axis == _ROWS else _centred(g * sm if d is None else d, sm, axis)


def _times_softmax(g, sm):
    """Give ``g * sm`` without the division by ``sm`` that ``g`` begins with, or None if it begins otherwise.

    Parameters
    ----------
    g : variable
        ``h / sm``; or, put among zeros, put in another order, or negative, one of a part of ``sm``.
    sm : variable
        The softmax, or a part of it.
    """
    node = g.owner
    if node is None:
        return None
    if node.op == pt.true_div and equal_computations([node.inputs[1]], [sm]):
        return node.inputs[0]
    if isinstance(node.op, DimShuffle) and node.op.is_transpose:
        d = _times_softmax(node.inputs[0], sm.dimshuffle(tuple(map(node.op.shuffle.index, range(sm.ndim)))))
        return None if d is None else node.op(d)
    if isinstance(node.op, AdvancedIncSubtensor | AdvancedIncSubtensor1 | IncSubtensor):
        return _times_softmax_in_part(node, sm)
    return None


def _times_softmax_in_part(node, sm):
    into, part, *index = node.inputs
    read = _denominator(part)
    if not _is_zero(into) or read is None or read.owner is None or read.owner.inputs[1:] != index:
        return None
    if getattr(read.owner.op, "idx_list", None) != getattr(node.op, "idx_list", None):
        return None
    return node.op(into, part.owner.inputs[0], *index) if _same(read.owner.inputs[0], sm) else None


def _denominator(g):
    return g.owner.inputs[1] if g.owner is not None and g.owner.op == pt.true_div else None


def _same(a, b) -> bool:
    return a is b or equal_computations([a], [b])


def _is_zero(x) -> bool:
    while x.owner is not None and (x.owner.op == pt.second or isinstance(x.owner.op, pt.basic.Alloc | DimShuffle)):
        x = x.owner.inputs[1 if isinstance(x.owner.op, Elemwise) else 0]
    return isinstance(x, Constant) and not x.data.any()


softmax_op, logsoftmax_op = Softmax(), LogSoftmax()
softmax_grad, softmax_with_bias = SoftmaxGrad(), SoftmaxWithBias()


def softmax(c):
    """Give :class:`Softmax` of the rows of ``c``.

    Parameters
    ----------
    c : vector or matrix
        A vector of length n counts as a 1 x n matrix, and so does the result.

    Raises
    ------
    ValueError
        For an array of another rank or without floats.

    Examples
    --------
    >>> softmax([0.0, 0.0]).eval().tolist()
    [[0.5, 0.5]]
    """
    return softmax_op(c)


def logsoftmax(c):
    """Give :class:`LogSoftmax` of the rows of ``c``."""
    return logsoftmax_op(c)


def softmax_graph(c):
    """Give the softmax over the last axis as it is written on paper; ``c`` may have any rank."""
    e = pt.exp(c)
    return e / e.sum(axis=-1, keepdims=True)
