"""Which inputs of a step are row numbers, and of which matrices.

A block of steps writes as it goes, so a wrong row number in the middle of it must be found before its first step.
Each read of a matrix is followed back from its index to the inputs, through what only rearranges numbers: reshapes,
joins, splits, casts, the search for distinct ids, and a cut with constant places of the input itself. An index that
is computed in another way is left to the kernels, which check it when its step has come."""

from typing import Any, NamedTuple

import numpy as np
from pytensor.graph.basic import Constant, Variable
from pytensor.graph.traversal import ancestors
from pytensor.scalar.basic import Cast
from pytensor.tensor.basic import MakeVector, ScalarFromTensor, Split, TensorFromScalar
from pytensor.tensor.elemwise import DimShuffle, Elemwise
from pytensor.tensor.shape import Reshape
from pytensor.tensor.subtensor import Subtensor, indices_from_subtensor

from ptembed._pytensor import join_parts, row_read
from ptembed.ops.distinct import Distinct, RowIndexError, RowNumbers

__all__ = ["RowNumbersOf", "check", "find"]


class RowNumbersOf(NamedTuple):
    """An input that holds row numbers of a shared matrix: all of it, or one place of each step."""

    place: int
    cut: tuple
    matrix: Variable


def find(inputs: Any, outputs: Any, matrices: Any) -> Any:
    """Give a :class:`RowNumbersOf` for each input that is used to read one of ``matrices``."""
    found = {}
    for var in ancestors(outputs):
        match = row_read(var.owner) if var.owner is not None else None
        if match and match[0] in matrices:
            for place, cut in _sources(match[1], inputs):
                found[place, str(cut), match[0]] = RowNumbersOf(place, cut, match[0])
    return list(found.values())


def check(found: Any, values: Any, names: Any) -> None:
    """Raise where a row number is out of range; ``values`` are the stacked inputs.

    Raises
    ------
    RowIndexError
        Naming the row number, the step and the input; it is an ``IndexError``.
    """
    for place, cut, matrix in found:
        ids = values[place][(slice(None), *cut)]
        N = matrix.get_value(borrow=True).shape[0]
        if ids.size and not (ids.min() >= -N and ids.max() < N):
            wrong = np.argwhere((ids >= N) | (ids < -N))[0]
            raise RowIndexError(
                f"row numbers must lie in [-{N}, {N}) for {matrix.name or 'a matrix'} of {N} rows, got "
                f"{ids[tuple(wrong)]} in step {wrong[0]} of input {names[place]}: nothing was changed"
            )


def _sources(var, inputs):
    """Give (place of the input, cut) for each input that ``var`` is rearranged from; none if it is anything else."""
    if var in inputs:
        return [(inputs.index(var), ())]
    node = var.owner
    if node is None:
        return []
    if isinstance(node.op, Subtensor):
        return _cut(node, inputs)
    if isinstance(node.op, Reshape | DimShuffle | Split | ScalarFromTensor | TensorFromScalar | Distinct | RowNumbers):
        return _sources(node.inputs[0], inputs)
    if isinstance(node.op, Elemwise) and isinstance(node.op.scalar_op, Cast):
        return _sources(node.inputs[0], inputs)
    parts = node.inputs if isinstance(node.op, MakeVector) else join_parts(node) or []
    return [source for part in parts for source in _sources(part, inputs)]


def _cut(node, inputs):
    x = node.inputs[0]
    if x not in inputs or not all(isinstance(v, Constant) for v in node.inputs[1:]):
        return []
    cut = indices_from_subtensor([v.data for v in node.inputs[1:]], node.op.idx_list)
    return [(inputs.index(x), tuple(cut))]
