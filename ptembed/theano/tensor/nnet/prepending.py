"""A column put before a matrix."""

import pytensor.tensor as pt

from ptembed.theano.tensor.nnet.softmaxes import ExpressionOp

__all__ = [
    "Prepend_scalar_constant_to_each_row",
    "Prepend_scalar_to_each_row",
    "prepend_0_to_each_row",
    "prepend_1_to_each_row",
    "prepend_scalar_to_each_row",
]


def _prepend(val, mat):
    column = pt.alloc(pt.cast(val, mat.dtype), mat.shape[0], 1)
    return pt.join(1, column, mat)


def _check(mat) -> None:
    if mat.type.broadcastable != (False, False):
        raise TypeError("Expected a matrix as input")


class Prepend_scalar_constant_to_each_row(ExpressionOp):
    """Puts the number ``val`` before each row of a matrix; the result has the dtype of the matrix.

    Raises
    ------
    TypeError
        For anything but a matrix.
    """

    __props__ = ("val",)

    def __init__(self, val=0, input_types=None, **kwargs):
        self.val = float(val)
        super().__init__(input_types=input_types, **kwargs)

    def filter_inputs(self, mat):
        (mat,) = super().filter_inputs(mat)
        _check(mat)
        return (mat,)

    def build_inner_graph(self, mat):
        return [_prepend(self.val, mat)]


class Prepend_scalar_to_each_row(ExpressionOp):
    """Puts a number before each row of a matrix, ``op(val, mat)``; the result has the dtype of the matrix.

    Raises
    ------
    TypeError
        For anything but a number and a matrix.
    """

    def filter_inputs(self, val, mat):
        val, mat = super().filter_inputs(val, mat)
        _check(mat)
        if val.ndim:
            raise TypeError(f"what is put before each row must be a number, got {val.type}")
        return val, mat

    def build_inner_graph(self, val, mat):
        return [_prepend(val, mat)]


prepend_scalar_to_each_row = Prepend_scalar_to_each_row()
prepend_0_to_each_row = Prepend_scalar_constant_to_each_row(0.0)
prepend_1_to_each_row = Prepend_scalar_constant_to_each_row(1.0)
