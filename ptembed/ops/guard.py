"""Views of values that make sure of something first: that all of them are there, that they are finite.

The writes of a compiled step are done in place, in an order that is PyTensor's to choose. For a step that fails to
leave everything as it was, no write may come before the last check. :func:`together` makes this a matter of the
graph: each of its outputs depends on all of its inputs. Both Ops give views and copy nothing.

Read next: :mod:`ptembed.graphs.lazy`.
"""

import numpy as np
import pytensor.tensor as pt
from numba import njit
from pytensor.gradient import DisconnectedType
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op

from ptembed import _pytensor

__all__ = ["Finite", "NotFiniteError", "Together", "finite", "together"]


class NotFiniteError(FloatingPointError):
    """A gradient that is infinite or no number. ``args`` are the name of the matrix and the row."""

    def __str__(self):
        if len(self.args) != 2:
            return super().__str__()
        name, row = self.args
        return f"gradients must be finite, got NaN or infinity for row {row} of {name}: nothing was written"


class Finite(Op):
    """Rows with a check that all are finite; see :func:`finite`."""

    __props__ = ("name",)
    view_map = {0: [0]}

    def __init__(self, name):
        self.name = name

    def make_node(self, x, ids):
        x, ids = pt.as_tensor(x), pt.as_tensor(ids)
        return Apply(self, [x, ids], [x.type()])

    def perform(self, node, inputs, output_storage):
        x, ids = inputs
        if not np.isfinite(x).all():
            row = np.flatnonzero(~np.isfinite(x))[0] // (x.size // len(ids))
            raise NotFiniteError(self.name, int(ids[row]))
        output_storage[0][0] = x

    def connection_pattern(self, node):
        return [[True], [False]]

    def pullback(self, inputs, outputs, cotangents):
        return [*cotangents, DisconnectedType()()]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return shapes[:1]


class Together(Op):
    """The first ``n`` inputs, each available only once all inputs are; see :func:`together`."""

    __props__ = ("n",)

    def __init__(self, n):
        self.n = n
        self.view_map = {i: [i] for i in range(n)}

    def make_node(self, *inputs):
        inputs = [pt.as_tensor(x) for x in inputs]
        return Apply(self, inputs, [x.type() for x in inputs[: self.n]])

    def perform(self, node, inputs, output_storage):
        for x, storage in zip(inputs[: self.n], output_storage, strict=True):
            storage[0] = x

    def connection_pattern(self, node):
        return [[i == j for j in range(self.n)] for i in range(len(node.inputs))]

    def pullback(self, inputs, outputs, cotangents):
        return [*cotangents, *_pytensor.disconnected(inputs[self.n :])]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return shapes[: self.n]


def finite(x, ids, name):
    """Let ``x`` pass, or stop and name the first of its rows that is not finite.

    Parameters
    ----------
    x : float tensor, shape (k, ...)
    ids : int64 vector, shape (k,)
        What the rows are called in the error.
    name : str
        What the matrix is called in the error.

    Returns
    -------
    tensor, shape (k, ...)
        A view of ``x``.

    Raises
    ------
    NotFiniteError
        When called, for a NaN or an infinity; it is a ``FloatingPointError``.

    Examples
    --------
    >>> finite(np.array([[1.0], [np.nan]]), np.array([4, 7]), "W").eval()
    Traceback (most recent call last):
    ptembed.ops.guard.NotFiniteError: gradients must be finite, got NaN or infinity for row 7 of W...
    """
    return Finite(name)(x, ids)


def together(values, others=()):
    """Let ``values`` pass, each only once all ``values`` and ``others`` are computed.

    Parameters
    ----------
    values, others : sequence of tensors

    Returns
    -------
    list of tensors
        Views of ``values``.

    Examples
    --------
    >>> x, y = together([pt.constant(1), pt.constant(2)])
    >>> x.eval(), y.eval()
    (array(1, dtype=int8), array(2, dtype=int8))
    """
    return Together(len(values))(*values, *others, return_list=True)


@njit
def first_not_finite(flat):
    """Give the place of the first value that is not finite, ``len(flat)`` where there is none."""
    wrong = False
    for x in flat:  # without a way out of the loop, so that it is vectorised
        wrong |= not np.isfinite(x)
    j = 0 if wrong else len(flat)
    while j < len(flat) and np.isfinite(flat[j]):
        j += 1
    return j


@_pytensor.numba_kernel(Finite)
def finite_kernel(op, node):
    name = op.name

    @njit
    def finite(x, ids):
        flat = x.ravel()
        wrong = first_not_finite(flat)
        if wrong < len(flat):
            raise NotFiniteError(name, ids[wrong // (len(flat) // len(ids))])
        return x

    return finite


@_pytensor.numba_kernel(Together)
def together_kernel(op, node):
    n = op.n

    @njit
    def together_one(*values):
        return values[0]

    @njit
    def together(*values):
        return values[:n]

    return together_one if n == 1 else together
