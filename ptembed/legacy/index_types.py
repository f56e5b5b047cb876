"""The types in the ``idx_list`` of an indexing Op, where PyTensor has the numbers of its inputs.

Theano has ``x[i:j].owner.op.idx_list == (slice(int64, int64, None),)``, PyTensor ``(slice(0, 1, None),)``.
"""

from pytensor.graph.type import Type
from pytensor.scalar import ScalarType, get_scalar_type
from pytensor.tensor.subtensor import Subtensor

__all__ = ["IndexNumber", "with_types"]


class IndexNumber(int):
    """The number of an index, an ``int`` that equals the index's scalar type too; pickles and copies are of ``int``."""

    type: Type

    def __eq__(self, other):
        return self.type == other if isinstance(other, Type) else super().__eq__(other)

    def __ne__(self, other):
        return not self == other

    __hash__ = int.__hash__

    def __reduce__(self):
        return int, (int(self),)


def with_types(part):
    """Give the numbers in the new Op of ``part``, an indexed variable, the types of their indices; return ``part``."""
    node = part.owner
    if node is not None and type(node.op) is Subtensor:
        node.op.idx_list = tuple(_typed(entry, node.inputs[1:]) for entry in node.op.idx_list)
    return part


def _typed(entry, indices):
    if isinstance(entry, slice):
        return slice(*(_typed(bound, indices) for bound in (entry.start, entry.stop, entry.step)))
    if entry is None:
        return None
    number, kind = IndexNumber(entry), indices[entry].type
    number.type = kind if isinstance(kind, ScalarType) else get_scalar_type(kind.dtype)
    return number
