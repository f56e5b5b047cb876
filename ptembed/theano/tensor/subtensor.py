"""Parts of arrays, and arrays with a part replaced or added to.

PyTensor has one Op for all advanced indexing where Theano had three: ``AdvancedSubtensor1`` for a vector of row
numbers, ``AdvancedBooleanSubtensor`` for masks, ``AdvancedSubtensor`` for the rest. The classes here are faces (see
:mod:`ptembed.theano._faces`): they make PyTensor's Ops, and an Op that indexes the first axis alone is what
``AdvancedSubtensor1`` stood for.
"""

import sys
from itertools import count

import numpy as np
import pytensor.scalar as ps
import pytensor.tensor as pt
from pytensor.graph.basic import Variable
from pytensor.graph.type import Type
from pytensor.tensor import subtensor as _subtensor
from pytensor.tensor.subtensor import (
    SubtensorPrinter,
    _sum_grad_over_bcasted_dims,
    get_canonical_form_slice,
)
from pytensor.tensor.type_other import NoneConst, NoneTypeT, SliceType, make_slice

from ptembed import _pytensor
from ptembed.theano import _gone
from ptembed.theano._faces import Face
from ptembed.theano.compile.rebroadcast import Rebroadcast

__all__ = [
    "AdvancedBooleanIncSubtensor",
    "AdvancedBooleanIndexingError",
    "AdvancedBooleanSubtensor",
    "AdvancedIncSubtensor",
    "AdvancedIncSubtensor1",
    "AdvancedIndexingError",
    "AdvancedSubtensor",
    "AdvancedSubtensor1",
    "BaseAdvancedIncSubtensor",
    "BaseAdvancedSubtensor",
    "IncSubtensor",
    "Subtensor",
    "SubtensorPrinter",
    "adv_index_broadcastable_pattern",
    "advanced_boolean_inc_subtensor",
    "advanced_boolean_set_subtensor",
    "advanced_boolean_subtensor",
    "advanced_inc_subtensor",
    "advanced_inc_subtensor1",
    "advanced_set_subtensor",
    "advanced_set_subtensor1",
    "advanced_subtensor",
    "advanced_subtensor1",
    "as_index_variable",
    "check_advanced_indexing_dimensions",
    "check_and_reject_bool",
    "get_canonical_form_slice",
    "get_idx_list",
    "inc_subtensor",
    "make_constant",
    "set_subtensor",
    "take",
]


class AdvancedIndexingError(TypeError):
    """An index that :class:`Subtensor` does not take: an array."""


class AdvancedBooleanIndexingError(TypeError):
    """An index that :class:`Subtensor` does not take: a mask."""


def make_constant(args):
    """Turn the integers of an index, in its slices too, into symbolic scalars."""

    def convert(part):
        return ps.ScalarConstant(ps.int64, part) if isinstance(part, int | np.integer) else part

    return _by_parts(convert, args)


def _by_parts(function, indices):
    """The indices with ``function`` of each that is no slice, and of the bounds of slices; None stays as it is."""

    def of(index):
        if isinstance(index, slice):
            return slice(of(index.start), of(index.stop), of(index.step))
        return None if index is None else function(index)

    return tuple(map(of, indices))


def get_idx_list(inputs, idx_list, get_count=False):
    """Put the indices among ``inputs`` (the array first) into their places in the ``idx_list`` of an Op.

    With ``get_count``, how many of them there are.
    """
    if get_count:
        return len(Subtensor.collapse(idx_list, lambda part: part is not None))
    rest = iter(inputs[1:])
    return _by_parts(lambda _: next(rest), idx_list) if len(inputs) > 1 else tuple(idx_list)


def _numbered(idx_list):
    """An ``idx_list`` of Theano's, types where indices go, as PyTensor's: the numbers of the inputs."""
    numbers = count()
    return _by_parts(lambda _: next(numbers), idx_list)


class Subtensor(_subtensor.Subtensor, metaclass=Face):
    """A part of an array by integers and slices, a view: ``Subtensor(idx_list)(x, *indices)``."""

    e_subslice = "nested slicing is not supported"
    e_indextype = "Invalid index type or slice for Subtensor"

    def __init__(self, idx_list):
        super().__init__(_numbered(idx_list))

    @staticmethod
    def _is(op):
        return isinstance(op, _subtensor.Subtensor)

    @staticmethod
    def _make(idx_list):
        return _subtensor.Subtensor(_numbered(idx_list))

    @staticmethod
    def collapse(idxs, cond):
        """The parts of the indices for which ``cond`` holds, slices taken apart."""
        parts = [part for e in idxs for part in ((e.start, e.stop, e.step) if isinstance(e, slice) else (e,))]
        return [part for part in parts if cond(part)]

    @staticmethod
    def convert(entry, slice_ok=True):
        """The scalar type of an index, or a slice of them.

        Raises
        ------
        AdvancedIndexingError, AdvancedBooleanIndexingError
            For an array, for a mask.
        TypeError
            For a number that is no integer, and for a Python number.
        """
        if getattr(entry, "dtype", None) == "bool":
            raise AdvancedBooleanIndexingError(Subtensor.e_indextype, entry)
        if slice_ok and isinstance(entry, slice):
            stop = None if entry.stop == sys.maxsize else entry.stop
            return _by_parts(lambda part: Subtensor.convert(part, False), [slice(entry.start, stop, entry.step)])[0]
        if isinstance(entry, int | np.integer):
            raise TypeError(f"an index of Subtensor's idx_list must be symbolic, got the number {entry}.")
        kind = entry.type if isinstance(entry, Variable) else entry
        if not isinstance(kind, Type) or getattr(kind, "ndim", None) != 0:
            raise AdvancedIndexingError(Subtensor.e_indextype, entry)
        if not kind.dtype.startswith(("int", "uint")):
            raise TypeError("Expected an integer")
        return ps.get_scalar_type(kind.dtype)


class IncSubtensor(_subtensor.IncSubtensor, metaclass=Face):
    """An array with a part by integers and slices set or added to: ``IncSubtensor(idx_list)(x, y, *indices)``."""

    def __init__(self, idx_list, inplace=False, set_instead_of_inc=False, destroyhandler_tolerate_aliased=None):
        tolerated = destroyhandler_tolerate_aliased or []
        super().__init__(_numbered(idx_list), inplace, set_instead_of_inc, destroyhandler_tolerate_aliased=tolerated)

    @staticmethod
    def _is(op):
        return isinstance(op, _subtensor.IncSubtensor)

    @staticmethod
    def _make(idx_list, inplace=False, set_instead_of_inc=False, destroyhandler_tolerate_aliased=None):
        tolerated = destroyhandler_tolerate_aliased or []
        return _subtensor.IncSubtensor(
            _numbered(idx_list), inplace, set_instead_of_inc, destroyhandler_tolerate_aliased=tolerated
        )


class BaseAdvancedSubtensor(_subtensor.AdvancedSubtensor, metaclass=Face):
    """A part of an array by arrays of numbers or masks; what the three classes for it have in common."""

    def __init__(self, sparse_grad=False):
        super().__init__(())
        self.sparse_grad = sparse_grad

    @staticmethod
    def _is(op):
        return isinstance(op, (_subtensor.AdvancedSubtensor, *_pytensor.ONE_VECTOR_OPS)) and not _writes(op)

    def make_node(self, x, *indices):
        return pt.as_tensor(x)[indices].owner


class AdvancedSubtensor(BaseAdvancedSubtensor):
    """A part of an array by several arrays of numbers, or numbers and slices: ``AdvancedSubtensor()(x, *indices)``."""

    @staticmethod
    def _is(op):
        return BaseAdvancedSubtensor._is(op) and op.idx_list != (0,)

    def make_node(self, x, *indices):
        for index in indices:
            check_and_reject_bool(index)
        return super().make_node(x, *indices)


class AdvancedBooleanSubtensor(BaseAdvancedSubtensor):
    """A part of an array by masks."""

    _is = BaseAdvancedSubtensor._is


class AdvancedSubtensor1(BaseAdvancedSubtensor):
    """Rows of an array by a vector of their numbers: ``AdvancedSubtensor1()(x, idx)``.

    With ``sparse_grad`` its gradient is a sparse matrix, see :mod:`ptembed.theano.sparse.rows`.
    """

    @staticmethod
    def _is(op):
        return BaseAdvancedSubtensor._is(op) and op.idx_list == (0,)

    def make_node(self, x, ilist):
        x, ilist = pt.as_tensor(x), _row_numbers(x, ilist)
        if not self.sparse_grad:
            return super().make_node(x, ilist)
        from ptembed.theano.sparse.rows import read_rows  # here and not above: it loads scipy.sparse

        return read_rows.make_node(x, ilist)


class BaseAdvancedIncSubtensor(_subtensor.AdvancedIncSubtensor, metaclass=Face):
    """An array with a part by arrays set or added to; what the three classes for it have in common."""

    def __init__(self, inplace=False, set_instead_of_inc=False):
        super().__init__((), inplace, set_instead_of_inc)

    @staticmethod
    def _is(op):
        return isinstance(op, (_subtensor.AdvancedIncSubtensor, *_pytensor.ONE_VECTOR_OPS)) and _writes(op)

    def make_node(self, x, y, *indices):
        part = pt.as_tensor(x)[indices]
        return inc_subtensor(part, y, self.inplace, self.set_instead_of_inc).owner


class AdvancedIncSubtensor(BaseAdvancedIncSubtensor):
    """An array with a part set or added to: ``AdvancedIncSubtensor(inplace, set_instead_of_inc)(x, y, *indices)``."""

    @staticmethod
    def _is(op):
        return BaseAdvancedIncSubtensor._is(op) and op.idx_list != (0,)

    def make_node(self, x, y, *indices):
        for index in indices:
            check_and_reject_bool(index)
        return super().make_node(x, y, *indices)


class AdvancedBooleanIncSubtensor(BaseAdvancedIncSubtensor):
    """An array with what masks choose set or added to."""

    _is = BaseAdvancedIncSubtensor._is


class AdvancedIncSubtensor1(BaseAdvancedIncSubtensor):
    """An array with rows set or added to: ``AdvancedIncSubtensor1(inplace, set_instead_of_inc)(x, y, idx)``."""

    @staticmethod
    def _is(op):
        return BaseAdvancedIncSubtensor._is(op) and op.idx_list == (0,)

    def make_node(self, x, y, ilist):
        x, y, ilist = pt.as_tensor(x), pt.as_tensor(y), _row_numbers(x, ilist)
        if y.ndim > x.ndim:
            verb = "set" if self.set_instead_of_inc else "increment"
            raise TypeError(f"cannot {verb} x subtensor with ndim={x.ndim} by y with ndim={y.ndim}.")
        return super().make_node(x, y, ilist)


def _writes(op):
    return hasattr(op, "set_instead_of_inc")


def _row_numbers(x, ilist):
    ilist = pt.as_tensor(ilist)
    if ilist.type.dtype not in pt.type.integer_dtypes:
        raise TypeError("index must be integers")
    if ilist.type.ndim != 1:
        raise TypeError("index must be vector")
    if pt.as_tensor(x).type.ndim == 0:
        raise TypeError("cannot index into a scalar")
    return ilist


advanced_subtensor1 = AdvancedSubtensor1()
advanced_inc_subtensor1 = AdvancedIncSubtensor1()
advanced_set_subtensor1 = AdvancedIncSubtensor1(set_instead_of_inc=True)
advanced_subtensor = AdvancedSubtensor()
advanced_inc_subtensor = AdvancedIncSubtensor()
advanced_set_subtensor = AdvancedIncSubtensor(set_instead_of_inc=True)
advanced_boolean_subtensor = AdvancedBooleanSubtensor()
advanced_boolean_inc_subtensor = AdvancedBooleanIncSubtensor()
advanced_boolean_set_subtensor = AdvancedBooleanIncSubtensor(set_instead_of_inc=True)


def as_index_variable(idx):
    """``None``, a slice, or an array of integers or bools as a variable."""
    if idx is None:
        return NoneConst.clone()
    if isinstance(idx, slice):
        return make_slice(idx)
    if isinstance(idx, Variable) and isinstance(idx.type, SliceType | NoneTypeT):
        return idx
    idx = pt.as_tensor(idx)
    if idx.type.dtype not in pt.type.discrete_dtypes:
        raise TypeError("index must be integers or a boolean mask")
    return idx


def adv_index_broadcastable_pattern(a, idx):
    """Which dimensions of ``a[idx]`` have length 1, as far as the types tell: tried on an array of lengths 1 and 2."""

    def sample(index):
        if index is None or isinstance(index.type, NoneTypeT):
            return None
        if isinstance(index.type, SliceType):
            return slice(None)
        return np.ones((2,) * index.ndim, "bool") if index.dtype == "bool" else np.zeros((2,) * index.ndim, int)

    shape = [1 if broad else 2 for broad in a.broadcastable]
    return tuple(length == 1 for length in np.empty(shape)[tuple(map(sample, idx))].shape)


def check_advanced_indexing_dimensions(input, idx_list):
    """Raise ``IndexError`` where a mask among the indices has other lengths than the array."""
    at = 0
    for index in idx_list:
        if isinstance(index, np.ndarray) and index.dtype == "bool":
            if index.shape != input.shape[at : at + index.ndim]:
                raise IndexError(
                    f"boolean index did not match indexed array: from dimension {at} on a mask must have the shape "
                    f"{input.shape[at : at + index.ndim]}, got {index.shape}."
                )
            at += index.ndim
        elif index is not None:
            at += 1


def check_and_reject_bool(args_el):
    """Raise ``TypeError`` for a mask or a bool, in lists too."""
    if isinstance(args_el, bool | np.bool_) or getattr(args_el, "dtype", None) == "bool":
        raise TypeError("AdvancedSubtensor takes no boolean masks: use AdvancedBooleanSubtensor.")
    if isinstance(args_el, list | tuple):
        for element in args_el:
            check_and_reject_bool(element)


def set_subtensor(x, y, inplace=False, tolerate_inplace_aliasing=False):
    """The array that ``x`` is a part of, with ``y`` in the place of this part; see :func:`inc_subtensor`.

    Of several values for one place the last stays.
    """
    return inc_subtensor(x, y, inplace, True, tolerate_inplace_aliasing)


def inc_subtensor(x, y, inplace=False, set_instead_of_inc=False, tolerate_inplace_aliasing=False):
    """The array that ``x`` is a part of, with ``y`` added to this part; for one place several times, all is added.

    Parameters
    ----------
    x : array
        The part as an expression: ``r[10:]``, ``W[idx]``.
    y : array
        Of the shape of the part, or to be broadcast to it.
    inplace : bool
        Whether the array itself is overwritten; a compiled function does so by itself where it may.
    set_instead_of_inc : bool
    tolerate_inplace_aliasing : bool
        Whether ``x`` and ``y`` may be views of one array where ``inplace`` is true.

    Raises
    ------
    TypeError
        If ``x`` is no part of an array, or ``y`` has more dimensions than it.
    ValueError
        When computed, for a dimension of ``y`` that would have to be 1.
    """
    x, y = pt.as_tensor(x), pt.as_tensor(y)
    ones = [i for i, broad in enumerate(x.broadcastable[x.ndim - y.ndim :]) if broad and y.ndim <= x.ndim]
    if any(not y.broadcastable[i] for i in ones):
        y = Rebroadcast(*[(i, True) for i in ones])(y)
    return _subtensor.inc_subtensor(x, y, inplace, set_instead_of_inc, tolerate_inplace_aliasing)


def take(a, indices, axis=None, mode="raise"):
    """Elements of ``a`` along ``axis``, or of ``a`` flattened where it is None.

    Parameters
    ----------
    a : array
    indices : integers
        Of any number of dimensions, which take the place of ``axis`` in the result.
    axis : int, optional
    mode : {'raise', 'clip', 'wrap'}
        What is done with an index out of range.
    """
    a, indices = pt.as_tensor(a), pt.as_tensor(indices)
    length = a.size if axis is None else a.shape[axis]
    if mode == "clip":
        indices = pt.clip(indices, 0, length - 1)
    elif mode == "wrap":
        indices = indices % length
    return pt.take(a, indices, axis)


__getattr__ = _gone.getattr_of(__name__, lazy={"alloc": "ptembed.theano.tensor.basic:alloc"})
