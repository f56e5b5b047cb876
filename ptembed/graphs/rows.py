r"""The rows of a lookup matrix that a step reads, as one differentiable part of it.

Training an embedding on a symbolic framework turns on one choice: take the gradient with respect to the *rows that a
step reads*, not to the matrix, and write just those rows back. A step then costs :math:`O(k d)` and not :math:`O(N
d)`, and an optimizer's history of the other rows stays as it was. A row that is read twice is one row of the part, so
its gradients add and it is written once.

Read next: :mod:`ptembed.graphs.updates`.
"""

from typing import Any, NamedTuple

import pytensor.tensor as pt
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.tensor import TensorVariable
from pytensor.tensor.type import integer_dtypes

from ptembed import ops
from ptembed.kinds import Symbol

__all__ = ["Rows", "listed", "rows"]


class Rows(NamedTuple):
    """The distinct rows of ``W`` that a step reads.

    Attributes
    ----------
    W : shared variable, shape (N, ...)
        The lookup matrix.
    ids : int64 vector, shape (k,)
        The row numbers, each once: ascending, or in the order given where the caller promised distinct ones.
    part : tensor, shape (k, ...)
        ``W[ids]``: what the loss is built on and differentiated by.
    where : int64 tensor, or a tuple of them
        For each index tensor given to :func:`rows`, in its shape, the places of its rows in ``part``.
    values : tensor, or a tuple of them
        For each index tensor given to :func:`rows`, its rows, repeats included: shape ``idx.shape + W.shape[1:]``.
    """

    W: SharedVariable
    ids: TensorVariable
    part: TensorVariable
    where: TensorVariable | tuple[TensorVariable, ...]
    values: TensorVariable | tuple[TensorVariable, ...]


def rows(W: Symbol, idx: Symbol, *more: Symbol, distinct: bool = False) -> Rows:
    r"""Select rows of ``W`` so that each distinct row is one variable.

    A row asked for twice must get the *sum* of both gradients. Since
    :math:`\partial L/\partial W_i = \sum_{j:\,idx_j = i} \partial L/\partial x_j`,
    it is enough to differentiate by the distinct rows.

    Parameters
    ----------
    W : shared variable, shape (N, ...)
        Of any rank from 1 on; a vector holds one bias a row.
    idx : int tensor, any shape and integer dtype
        Row numbers in ``[-N, N)``, negative ones counted from the end; repeats are allowed, none at all too.
    *more : int tensors
        Further reads of ``W`` in the same loss. One update then writes each row once, by the sum of all its gradients.
    distinct : bool
        Promise that no row is asked for twice in all the index tensors together, so that the search for repeats is left
        out. Where the promise is broken, one of the repeated rows is written and the others are lost.

    Returns
    -------
    Rows
        Its ``values`` is one tensor for one ``idx``, a tuple of tensors for several.

    Raises
    ------
    TypeError
        When ``W`` is no shared tensor of rank 1 or more, or an index tensor does not hold integers.
    IndexError
        When the compiled function is called with a number outside of ``[-N, N)``, before anything is written.

    Examples
    --------
    >>> import numpy as np, pytensor, pytensor.tensor as pt
    >>> W = pytensor.shared(np.eye(3), name="W")
    >>> idx = pt.lvector("idx")
    >>> r = rows(W, idx)
    >>> g = pytensor.grad(r.values.sum(), r.part)
    >>> pytensor.function([idx], [r.ids, g])([2, 0, -1])
    [array([0, 2]), array([[1., 1., 1.],
           [2., 2., 2.]])]

    Three reads of one matrix, one update of it:

    >>> from ptembed.graphs import sgd
    >>> ref, pos, neg = pt.lvectors("ref", "pos", "neg")
    >>> r = rows(W, ref, pos, neg)
    >>> x, p, n = r.values
    >>> loss = pt.softplus((x * (n - p)).sum(axis=1)).sum()
    >>> step = pytensor.function([ref, pos, neg], loss, updates=sgd(loss, r, 0.5))
    >>> step([0], [1], [2])
    array(0.69314718)
    >>> W.get_value()
    array([[ 1.  ,  0.25, -0.25],
           [ 0.25,  1.  ,  0.  ],
           [-0.25,  0.  ,  1.  ]])
    """
    _check_matrix(W)
    reads = [_index_tensor(i) for i in (idx, *more)]
    N = W.shape[0]
    flat = _flat(reads, N)
    if distinct:
        ids = ops.row_numbers(flat, N)
        where, part = pt.arange(ids.shape[0]), W[ids]
        values = part
    else:
        ids, where = ops.distinct(flat, N)
        part = W[ids]
        values = part[where]
    where, values = _like_reads(where, reads), _like_reads(values, reads)
    return Rows(W, ids, part, *((where, values) if more else (where[0], values[0])))


def listed(params: Symbol) -> list[Any]:
    """Give what to update as a list, for a single :class:`Rows` or shared variable too."""
    return list(params) if isinstance(params, list | tuple) and not isinstance(params, Rows) else [params]


def _check_matrix(W):
    if not isinstance(W, SharedVariable) or not isinstance(W, TensorVariable):
        got = getattr(W, "type", type(W).__name__)
        raise TypeError(f"W must be a shared tensor to be updated, got {got}: make it with pytensor.shared")
    if W.type.ndim == 0:
        raise TypeError(f"W must have rows, got {W} of rank 0: give a vector, a matrix or more")


def _index_tensor(idx):
    idx = pt.as_tensor(idx)
    if idx.type.dtype not in integer_dtypes:
        raise TypeError(f"idx must hold integers, got dtype {idx.type.dtype}: cast row numbers with .astype('int64')")
    return idx


def _flat(reads, N):
    if len(reads) == 1:
        return reads[0] if reads[0].type.ndim == 1 else reads[0].ravel()
    # int64 with uint64 would join to float64
    return pt.concatenate([ops.row_numbers(i if i.type.ndim == 1 else i.ravel(), N) for i in reads])


def _like_reads(flat, reads):
    """Cut ``flat``, shape (m, ...), into one tensor for each read, in its shape."""
    pieces = [flat] if len(reads) == 1 else pt.split(flat, [i.size for i in reads], n_splits=len(reads))
    rest = [flat.shape[axis] for axis in range(1, flat.type.ndim)]
    return tuple(
        piece if i.type.ndim == 1 else piece.reshape((*i.shape, *rest), ndim=i.type.ndim + len(rest))
        for piece, i in zip(pieces, reads, strict=True)
    )
