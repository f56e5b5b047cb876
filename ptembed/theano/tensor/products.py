"""Products of vectors, matrices and arrays of more dimensions."""

import math

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor import math as _math

from ptembed.theano._faces import Face
from ptembed.theano.tensor.conversion import as_tensor_variable

__all__ = ["Dot", "batched_dot", "batched_tensordot", "dot", "outer", "tensordot"]


class Dot(_math.Dot, metaclass=Face):
    """The product of two arrays of one or two dimensions each, ``Dot()(x, y)``."""

    @staticmethod
    def _is(op):
        return isinstance(op, _math.Dot)

    def __call__(self, x, y, **kwargs):
        x, y = as_tensor_variable(x), as_tensor_variable(y)
        for v in (x, y):
            if v.ndim not in (1, 2):
                raise TypeError(f"Dot takes vectors and matrices, got an array of {v.ndim} dimensions: use dot.")
        if type(self) is Dot:
            return pt.dot(x, y)
        if x.ndim != 2 or y.ndim != 2:
            raise NotImplementedError("a class made from Dot multiplies matrices only: use dimshuffle on the vectors.")
        return super().__call__(x, y, **kwargs)


def dot(a, b):
    """The product of two arrays: of vectors the inner, of matrices the matrix product, and as NumPy's of others.

    Where one of them is a number, all is multiplied by it. Of sparse matrices, :func:`theano.sparse.dot`.
    """
    a, b = (x if hasattr(x, "type") else as_tensor_variable(x) for x in (a, b))
    if not (hasattr(a.type, "broadcastable") and hasattr(b.type, "broadcastable")):
        raise TypeError(f"dot takes symbolic arrays, got {a.type} and {b.type}.")
    return pt.dot(a, b)


def batched_dot(a, b):
    """The products ``dot(a[i], b[i])``, stacked.

    Parameters
    ----------
    a, b : arrays of one dimension or more
        The first dimension counts the products.

    Raises
    ------
    TypeError
        If one of them has no dimension.
    """
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    for name, x in (("a", a), ("b", b)):
        if x.ndim == 0:
            raise TypeError(f"{name} must have at least one (batch) axis")
    if a.ndim == 1:
        return a.dimshuffle(0, *"x" * (b.ndim - 1)) * b
    if b.ndim == 1:
        return a * b.dimshuffle(0, *"x" * (a.ndim - 1))
    return batched_tensordot(a, b, [[a.ndim - 1], [max(1, b.ndim - 2)]])


def tensordot(a, b, axes=2):
    """The sum of products of ``a`` and ``b`` over some dimensions of each.

    Parameters
    ----------
    a, b : arrays
    axes : int or pair of lists of int
        How many: the last of ``a`` and the first of ``b``. Or which of ``a`` and, in the same order, of ``b``.

    Raises
    ------
    ValueError
        If there are no such dimensions, or not as many of ``a`` as of ``b``.
    """
    return _tensordot_as_dot(a, b, axes, dot=pt.dot, batched=False)


def batched_tensordot(x, y, axes=2):
    """The :func:`tensordot` of ``x[i]`` and ``y[i]``, stacked; ``axes`` counts the first dimension too."""
    return _tensordot_as_dot(x, y, axes, dot=pt.matmul, batched=True)


def _tensordot_as_dot(a, b, axes, dot, batched):
    """Compute a tensordot by one ``dot`` of matrices: its dimensions brought together, then taken apart again."""
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    first = 1 if batched else 0
    axes_a, axes_b = _summed_axes(a, b, axes, first)
    kept_a = [i for i in range(first, a.ndim) if i not in axes_a]
    kept_b = [i for i in range(first, b.ndim) if i not in axes_b]
    batch = list(range(first))
    left = _as_matrix(a, batch, kept_a, axes_a)
    right = _as_matrix(b, batch, axes_b, kept_b)
    lengths = [a.shape[i] for i in batch + kept_a] + [b.shape[i] for i in kept_b]
    if len(kept_a) == len(kept_b) == 1:
        return dot(left, right)
    out = dot(left, right).reshape(pt.stack(lengths) if lengths else (), ndim=len(lengths))
    ones = [a.type.broadcastable[i] for i in batch + kept_a] + [b.type.broadcastable[i] for i in kept_b]
    return pt.specify_broadcastable(out, *(i for i, one in enumerate(ones) if one))


def _summed_axes(a, b, axes, first):
    """The dimensions that are summed over, of ``a`` and of ``b``."""
    if np.isscalar(axes):
        return _axes_by_number(a, b, int(axes), first)
    if len(axes) != 2:
        raise ValueError(f"Axes should be an integer or a list/tuple of len 2 ({axes} was provided)")
    both = [[int(i) for i in np.atleast_1d(x)] for x in axes]
    if len(both[0]) != len(both[1]):
        raise ValueError(f"Axes elements must have the same length, got {axes}.")
    for name, x, chosen in zip("ab", (a, b), both, strict=True):
        if any(not -x.ndim <= i < x.ndim for i in chosen):
            raise ValueError(f"the axes of {name} must lie below {name}.ndim={x.ndim}, got {chosen}.")
    both = [[i % x.ndim for i in chosen] for x, chosen in zip((a, b), both, strict=True)]
    if first and any(0 in chosen for chosen in both):
        raise ValueError(f"axes to sum over must not contain the batch axis, got {axes}.")
    return both


def _axes_by_number(a, b, number, first):
    for name, x in (("a", a), ("b", b)):
        if number > x.ndim:
            raise ValueError(
                f"axes can not be larger than the dimension of {name} ({name}.ndim={x.ndim}, axes={number})"
            )
        if first and number == x.ndim:
            raise ValueError(
                f"axes to sum over must not include the batch axis of {name} (ndim={x.ndim}, axes={number})"
            )
    return list(range(a.ndim - number, a.ndim)), list(range(first, first + number))


def _as_matrix(x, batch, rows, columns):
    """``x`` as a matrix, or a stack of them, whose rows run over some dimensions and whose columns over the others."""
    x = x if [*batch, *rows, *columns] == list(range(x.ndim)) else x.dimshuffle(*batch, *rows, *columns)
    if len(rows) == len(columns) == 1:
        return x
    n = len(batch)
    lengths = [x.shape[i] for i in range(x.ndim)]
    shape = [*lengths[:n], math.prod(lengths[n : n + len(rows)]), math.prod(lengths[n + len(rows) :])]
    return x.reshape(shape, ndim=n + 2)


def outer(x, y):
    """The outer product of two vectors; what is no vector is flattened first."""
    x, y = (v.flatten() if v.ndim != 1 else v for v in (as_tensor_variable(x), as_tensor_variable(y)))
    return pt.dot(x.dimshuffle(0, "x"), y.dimshuffle("x", 0))
