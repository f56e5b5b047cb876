"""Ops that work element by element, and reductions.

``DimShuffle`` and ``CAReduceDtype`` are faces (:mod:`ptembed.theano._faces`): PyTensor's Ops take other arguments.
"""

import pytensor.tensor.elemwise as _elemwise
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.link.c.op import COp, OpenMPOp
from pytensor.link.c.params_type import ParamsType
from pytensor.scalar.basic import get_scalar_type
from pytensor.tensor.elemwise import CAReduce, DimShufflePrinter, Elemwise
from pytensor.tensor.math import All, Any, MulWithoutZeros, Prod, ProdWithoutZeros, Sum, mul_without_zeros

from ptembed.theano import scalar
from ptembed.theano._faces import Face
from ptembed.theano.tensor.conversion import as_tensor_variable
from ptembed.theano.tensor.type import TensorType
from ptembed.theano.tensor.var import TensorConstant, TensorVariable

__all__ = [
    "All",
    "Any",
    "CAReduce",
    "CAReduceDtype",
    "DimShuffle",
    "DimShufflePrinter",
    "Elemwise",
    "MulWithoutZeros",
    "Prod",
    "ProdWithoutZeros",
    "Sum",
    "mul_without_zeros",
]


class DimShuffle(_elemwise.DimShuffle, metaclass=Face):
    """Puts the dimensions of an array in another order, ``DimShuffle(input_broadcastable, new_order)(x)``.

    Parameters
    ----------
    input_broadcastable : sequence of bool
        The broadcast pattern of the array.
    new_order : sequence of int or "x"
        The dimensions as they shall be; ``"x"`` is a new one of length 1. Those left out must be broadcastable.
    inplace : bool
        Accepted: the result is always a view.

    Raises
    ------
    TypeError
        If a dimension is neither an int nor ``"x"``.
    ValueError
        If there is no such dimension, it is named twice, or one that is left out may have another length than 1.
    """

    @staticmethod
    def _is(op):
        return isinstance(op, _elemwise.DimShuffle)

    @staticmethod
    def _make(input_broadcastable, new_order, inplace=True):
        pattern = tuple(input_broadcastable)
        op = _elemwise.DimShuffle(input_ndim=len(pattern), new_order=new_order)
        lost = [i for i, b in enumerate(pattern) if not b and i not in op.new_order]
        if lost:
            raise ValueError(f"You cannot drop a non-broadcastable dimension: {lost[0]} of the pattern {pattern}.")
        return op

    def __setstate__(self, state):
        """Become PyTensor's Op: what is unpickled as one of this class was pickled by Theano."""
        self.__class__ = _elemwise.DimShuffle
        self.__init__(input_ndim=len(state["input_broadcastable"]), new_order=state["new_order"])


class CAReduceDtype(CAReduce, metaclass=Face):
    """A reduction with a dtype of its own, ``CAReduceDtype(scalar_op, axis=None, dtype=None, acc_dtype=None)(x)``.

    Integers and bools become 64 bits wide unless ``dtype`` is given; ``acc_dtype`` is the dtype of what accumulates.
    """

    @staticmethod
    def _is(op):
        return isinstance(op, CAReduce) and op.acc_dtype is not None

    @staticmethod
    def _make(scalar_op, axis=None, dtype=None, acc_dtype=None):
        return CAReduce(scalar_op, axis, dtype, acc_dtype, upcast_discrete_output=True)
