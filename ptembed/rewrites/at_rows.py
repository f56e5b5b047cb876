"""An elementwise expression of whole matrices, computed at some of their rows only.

If ``E`` is built from matrices of :math:`N` rows by elementwise operations, then ``E[idx]`` needs the ``idx`` rows of
those matrices and no others: :math:`O(k d)` instead of :math:`O(N d)`. The index is pushed through the expression down
to the variables that someone hands in (shared variables, inputs), and to row writes on these, which run in place.

Read next: :mod:`ptembed.rewrites.row_sums`.
"""

from pytensor.graph.basic import Constant
from pytensor.tensor.elemwise import CAReduce, DimShuffle, Elemwise
from pytensor.tensor.type import TensorType

from ptembed import _pytensor

__all__ = ["at_rows", "is_stored"]


def is_stored(var):
    """Tell whether ``var`` is a tensor that is handed in, or the result of row writes on one.

    Such a matrix exists before the step, and its rows can be read and written without a pass over the others.
    """
    while var.owner is not None and isinstance(var.owner.op, _pytensor.ROW_WRITES):
        var = var.owner.inputs[0]
    return (
        var.owner is None and not isinstance(var, Constant) and isinstance(var.type, TensorType) and var.type.ndim > 0
    )


def at_rows(var, indices, given=lambda var: None):
    """Compute ``var[indices]`` without computing ``var``.

    Parameters
    ----------
    var : tensor, shape (N, ...) or (1, ...)
        Where the first dimension is broadcastable, the result lacks it and broadcasts against the others.
    indices : tuple
        One entry: an integer tensor of any rank, a scalar, or a slice.
    given : callable
        Takes a variable; gives its value at ``indices`` where that is known, else None.

    Returns
    -------
    tensor or None
        None where a part of ``var`` is neither elementwise nor stored.
    """
    if (rows := given(var)) is not None:
        return rows
    if var.type.ndim == 0:
        return var
    if var.type.broadcastable[0]:
        return var.dimshuffle(*range(1, var.type.ndim))
    if is_stored(var) or isinstance(var, Constant):
        return var[indices]
    if isinstance(var.owner.op, Elemwise) and len(var.owner.outputs) == 1:
        parts = [at_rows(part, indices, given) for part in var.owner.inputs]
        return None if any(part is None for part in parts) else var.owner.op(*parts)
    if isinstance(var.owner.op, (DimShuffle, CAReduce)):
        return _other_axes(var, indices, given)
    return None


def _other_axes(var, indices, given):
    """Apply a DimShuffle or a reduction that leaves the first dimension as it is."""
    op, (whole,) = var.owner.op, var.owner.inputs
    shift = _rank(indices[0]) - 1
    if isinstance(op, DimShuffle):
        if op.new_order[0] != 0 or (rows := at_rows(whole, indices, given)) is None:
            return None
        return rows.dimshuffle(*range(shift + 1), *(i if i == "x" else i + shift for i in op.new_order[1:]))
    if op.axis is None or 0 in op.axis or (rows := at_rows(whole, indices, given)) is None:
        return None
    return op.clone(axis=tuple(axis + shift for axis in op.axis))(rows)


def _rank(index):
    return 1 if isinstance(index, slice) else getattr(index.type, "ndim", 0)
