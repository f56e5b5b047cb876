r"""Bags of embeddings: a text as the sum, the mean or the maximum of the rows of its tokens.

A bag of tokens :math:`t_1 \ldots t_L` is :math:`\sum_i E_{t_i} \odot M_{t_i}`, where :math:`E` holds an embedding for
each token and the *mask* :math:`M`, ones at first, learns which of its numbers matter. Many bags of different lengths
stand one after the other without padding: ``ids`` is one vector, and bag ``i`` is ``ids[offsets[i]:offsets[i + 1]]``,
as the rows of a sparse matrix are. So a step costs :math:`O(T d)` for its :math:`T` tokens, and each optimizer of
:mod:`ptembed.graphs` writes but the rows that were read.

Read next: :mod:`ptembed.graphs.losses`, :mod:`ptembed.graphs.memory`.
"""

from typing import Any, NamedTuple

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.raise_op import CheckAndRaise
from pytensor.tensor.type import integer_dtypes

from ptembed.graphs.memory import attend
from ptembed.graphs.rows import Rows, rows
from ptembed.kinds import Symbol
from ptembed.ops.segment_max import segment_max
from ptembed.ops.sparse_products import compressed_dot, rows_of_nonzeros

__all__ = ["Bag", "bag", "classifier", "mask_of", "pool"]

REDUCTIONS = ("sum", "mean", "max")

well_formed = CheckAndRaise(
    ValueError, "offsets must begin with 0, never fall, and end with the number of ids: one more than there are bags"
)


class Bag(NamedTuple):
    """Bags of embeddings and what an optimizer is to update.

    Attributes
    ----------
    values : matrix, shape (m, d), or vector, shape (d,)
        One row for each bag; a vector where no offsets were given.
    params : list of Rows and shared variables
        For ``updates=adam(loss, bag.params + [U, b])`` and the like.
    """

    values: pt.TensorVariable
    params: list


def mask_of(E: Symbol, tied: bool = False, name: str | None = None) -> Any:
    """Make a mask of ones for a lookup matrix.

    Parameters
    ----------
    E : shared variable, shape (N, d)
    tied : bool
        Whether all tokens share one mask.
    name : str, optional
        ``<name of E>_mask`` if not given.

    Returns
    -------
    shared variable, shape (N, d), or (d,) where tied
        Of the dtype of ``E``.

    Examples
    --------
    >>> E = pytensor.shared(np.zeros((3, 2)), name="E")
    >>> mask_of(E).get_value().sum(), mask_of(E, tied=True).get_value()
    (np.float64(6.0), array([1., 1.]))
    """
    shape = E.get_value(borrow=True).shape
    return pytensor.shared(np.ones(shape[1:] if tied else shape, E.dtype), name=name or f"{E.name or 'E'}_mask")


def bag(
    E: Symbol, ids: Symbol, offsets: Symbol = None, *, mask: Symbol = None, weights: Symbol = None, reduce: str = "sum"
) -> Any:
    r"""Look up bags of tokens.

    .. math:: s_i = \sum_{j = o_i}^{o_{i+1} - 1} w_j\, E_{t_j} \odot M_{t_j}

    Parameters
    ----------
    E : shared variable, shape (N, d)
    ids : int vector, shape (T,)
        Row numbers in ``[-N, N)``, bag after bag; repeats are allowed.
    offsets : int vector, shape (m + 1,), optional
        Bag ``i`` is ``ids[offsets[i]:offsets[i + 1]]``, perhaps empty. Without them all ids are one bag.
    mask : shared variable, optional
        Shape (N, d), one for each token; or (d,), the same for all. See :func:`mask_of`.
    weights : vector, shape (T,), optional
        :math:`w`, a factor for each token; not for the maximum.
    reduce : {"sum", "mean", "max"}
        The mean divides by the number of tokens, or by the sum of their weights. An empty bag is 0 for all three.

    Returns
    -------
    Bag

    Raises
    ------
    TypeError
        When ``E`` is no shared matrix, or ids, offsets, mask or weights are of the wrong kind.
    ValueError
        When ``reduce`` is another, or weights are given with the maximum; when called, if offsets do not fit the ids.
    IndexError
        When called with a number outside of ``[-N, N)``, before anything is written.

    Examples
    --------
    >>> E = pytensor.shared(np.array([[1.0, 0.0], [0.0, 2.0], [4.0, 4.0]]), name="E")
    >>> bag(E, [0, 2, 1], [0, 2, 2, 3]).values.eval()
    array([[5., 4.],
           [0., 0.],
           [0., 2.]])
    >>> bag(E, [0, 2, 1], [0, 2, 2, 3], reduce="mean", weights=[1.0, 3.0, 1.0]).values.eval()
    array([[3.25, 3.  ],
           [0.  , 0.  ],
           [0.  , 2.  ]])
    """
    ids = _vector(ids, "ids")
    r = rows(E, ids)
    if r.part.type.ndim != 2:
        raise TypeError(f"E must be a matrix of one embedding a row, got {E.type}")
    masks = _mask_rows(mask, r)
    part = r.part if mask is None else r.part * (masks.part if isinstance(masks, Rows) else masks)
    values = pool(part, r.where, offsets, weights=weights, reduce=reduce)
    return Bag(values, [r] if mask is None else [r, masks])


def pool(part: Symbol, where: Symbol, offsets: Symbol = None, *, weights: Symbol = None, reduce: str = "sum") -> Symbol:
    """Sum, average or take the maximum of rows, bag by bag.

    Parameters
    ----------
    part : matrix, shape (k, d)
    where : int vector, shape (T,)
        For each token its row, in ``[0, k)``.
    offsets, weights, reduce
        As for :func:`bag`.

    Returns
    -------
    matrix, shape (m, d), or vector, shape (d,), without offsets

    Raises
    ------
    TypeError, ValueError
        As for :func:`bag`.

    Examples
    --------
    >>> pool(np.array([[1.0], [10.0]]), [0, 1, 1], [0, 1, 3], reduce="max").eval()
    array([[ 1.],
           [10.]])
    """
    if reduce not in REDUCTIONS:
        raise ValueError(f"reduce must be one of {', '.join(REDUCTIONS)}, got {reduce!r}")
    part, where = pt.as_tensor(part), _vector(where, "where")
    weights = _weights(weights, part, reduce)
    if offsets is None:
        return _pool_one(part[where], weights, reduce)
    offsets = _vector(offsets, "offsets")
    fits = pt.eq(offsets[0], 0) & pt.eq(offsets[-1], where.shape[0]) & pt.all(offsets[1:] >= offsets[:-1])
    offsets = well_formed(offsets, fits)
    if reduce == "max":
        return segment_max(part[where], offsets)
    ones = pt.ones(where.shape, dtype=part.type.dtype)
    total = compressed_dot(ones if weights is None else weights, where, offsets, part, part.shape[0])
    if reduce == "sum":
        return total
    counts = pt.cast(offsets[1:] - offsets[:-1], part.type.dtype) if weights is None else _by_bag(weights, offsets)
    return total / _not_zero(counts)[:, None]


def classifier(bags: Symbol, U: Symbol, b: Symbol = None, *, memory: Symbol = None, hops: int = 1) -> Symbol:
    r"""Give the scores of each class from bags: :math:`s U + b`, the logits of a softmax.

    Parameters
    ----------
    bags : Bag
    U : shared variable, shape (d, C)
    b : shared variable, shape (C,), optional
    memory : Memory, optional
        What each bag attends to before it is classified, see :mod:`ptembed.graphs.memory`; offsets must be given then.
    hops : int
        How often it does.

    Returns
    -------
    logits : matrix, shape (m, C), or vector, shape (C,)
    params : list of Rows and shared variables
        All that an optimizer is to update.

    Raises
    ------
    TypeError
        When a memory is given for a single bag without offsets.

    Examples
    --------
    >>> E = pytensor.shared(np.eye(2), name="E")
    >>> U = pytensor.shared(np.array([[1.0, -1.0], [0.0, 5.0]]), name="U")
    >>> logits, params = classifier(bag(E, [0, 0, 1], [0, 2, 3]), U)
    >>> logits.eval(), len(params)
    (array([[ 2., -2.],
           [ 0.,  5.]]), 2)
    """
    values, params = bags
    if memory is not None:
        if values.type.ndim != 2:
            raise TypeError("a memory needs bags with offsets, got a single bag: give offsets [0, len(ids)]")
        values, params = attend(values, memory, hops), [*params, *memory.params]
    logits = pt.dot(values, U)
    return (logits, [*params, U]) if b is None else (logits + b, [*params, U, b])


def _mask_rows(mask, r):
    """Give the rows of a mask for each token, or the mask itself where all share it."""
    if mask is None:
        return None
    ndim = mask.type.ndim if isinstance(mask, SharedVariable) else None
    if ndim not in (1, 2):
        raise TypeError(f"mask must be a shared matrix or vector, got {getattr(mask, 'type', mask)}: see mask_of")
    if ndim == 1:
        return mask
    part = mask[r.ids]
    return Rows(mask, r.ids, part, r.where, part[r.where])


def _vector(x, name):
    x = pt.as_tensor(np.zeros(0, "int64") if isinstance(x, list | tuple) and not x else x)
    if x.type.ndim != 1 or x.type.dtype not in integer_dtypes:
        raise TypeError(f"{name} must be a vector of integers, got {x.type}")
    return x


def _weights(weights, part, reduce):
    if weights is None:
        return None
    if reduce == "max":
        raise ValueError("weights have no meaning for reduce='max', got both: scale the embeddings, or leave them out")
    weights = pt.as_tensor(weights)
    if weights.type.ndim != 1:
        raise TypeError(f"weights must be a vector of one number a token, got {weights.type}")
    return weights.astype(part.type.dtype)


def _pool_one(values, weights, reduce):
    if reduce == "max":
        return segment_max(values, pt.stack([np.int64(0), values.shape[0]]))[0]
    total = (values if weights is None else values * weights[:, None]).sum(axis=0)
    if reduce == "sum":
        return total
    return total / _not_zero(pt.cast(values.shape[0], values.type.dtype) if weights is None else weights.sum())


def _by_bag(weights, offsets):
    segment = rows_of_nonzeros(offsets)
    return pt.inc_subtensor(pt.zeros(offsets.shape[0] - 1, dtype=weights.type.dtype)[segment], weights)


def _not_zero(counts):
    return pt.switch(pt.eq(counts, 0), np.ones((), counts.type.dtype), counts)
