"""The Op that changes which dimensions of an array may be broadcast.

PyTensor has one half of it: ``specify_broadcastable`` says that a length is 1. The other half, forgetting that it is
1, is what Theano programs need before a loop whose state starts with one row and may have more.

The Numba kernel is in :mod:`ptembed.theano.compile.kernels`, which is imported when a function is compiled: importing
Numba takes longer than all of ``import theano``.
"""

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import DisconnectedType
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op

from ptembed import _pytensor

__all__ = ["Rebroadcast"]


class Rebroadcast(Op):
    """Give an array as it is, with another broadcast pattern.

    Parameters
    ----------
    *axis : pairs of int and bool
        An axis, and whether it may be broadcast: ``True`` checks at run time that its length is 1, ``False`` forgets
        that it is known to be.

    Raises
    ------
    TypeError
        If a pair is not of an int and a bool.
    ValueError
        When applied: if the array has no such axis. When run: if the length of an axis paired with ``True`` is not 1.

    Examples
    --------
    >>> import pytensor.tensor as pt
    >>> Rebroadcast((0, True), (1, False))(pt.matrix(shape=(None, 1))).type.shape
    (1, None)
    """

    view_map = {0: [0]}
    __props__ = ("pattern",)

    def __init__(self, *axis):
        pattern = dict(sorted(axis))
        for i, broad in pattern.items():
            if isinstance(i, bool) or not hasattr(i, "__index__"):
                raise TypeError(f"Rebroadcast needs integer axes, got {i!r}: write (axis, True) or (axis, False).")
            if not isinstance(broad, bool | np.bool_):
                raise TypeError(f"Rebroadcast needs a bool for each axis, got {broad!r}: write ({i}, True).")
        self.pattern = tuple((int(i), bool(broad)) for i, broad in pattern.items())

    @property
    def axis(self) -> dict[int, bool]:
        """Each axis that changes, and whether it may be broadcast then."""
        return dict(self.pattern)

    def __str__(self):
        new = self.axis
        marks = [str(int(new[i])) if i in new else "?" for i in range(1 + max(new, default=-1))]
        return f"{type(self).__name__}{{{','.join(marks)}}}"

    def make_node(self, x):
        new = self.axis
        if x.type.ndim <= max(new, default=-1):
            raise ValueError(
                f"Trying to rebroadcast non-existent dimension {max(new)} of an array of {x.type.ndim} dimensions."
            )
        return Apply(self, [x], [x.type.clone(shape=[_length(n, new.get(i)) for i, n in enumerate(x.type.shape)])()])

    def perform(self, node, inputs, output_storage):
        (x,) = inputs
        for i, broad in self.pattern:
            if broad and x.shape[i] != 1:
                raise ValueError(
                    f"Dimension {i} in Rebroadcast's input was supposed to be 1 (got {x.shape[i]} instead)"
                )
        output_storage[0][0] = x

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        new = self.axis
        return [tuple(pt.constant(1, dtype="int64") if new.get(i) else n for i, n in enumerate(shapes[0]))]

    def pullback(self, inputs, outputs, cotangents):
        restored = [(i, inputs[0].type.broadcastable[i]) for i, _ in self.pattern]
        return [Rebroadcast(*restored)(cotangents[0])]

    def pushforward(self, inputs, outputs, tangents):
        if isinstance(tangents[0].type, DisconnectedType):
            return [tangents[0]]
        return [self(tangents[0])]


def _length(known, broad):
    """The static length of a dimension of known (or not) length, made broadcastable or not or left alone."""
    if broad is None:
        return known
    if broad:
        return 1
    return None if known == 1 else known
