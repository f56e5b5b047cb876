r"""Key-value memory: attention over the entries of a knowledge base (Miller et al., 2016).

An example brings some entries along, each with a key :math:`k_j` and a value :math:`v_j`. It is compared with the keys,
and takes up the values in proportion, once or several times:

.. math::
    p_j = \mathrm{softmax}_j(q \cdot k_j), \qquad q \leftarrow q + \sum_j p_j v_j

In a knowledge base of triples, an entry is (subject, relation, object): its key is :math:`A_s + R_r`, its value
:math:`A_o`, with entities in :math:`A` and relations in :math:`R` (universal schema: Riedel et al., 2013; as a memory:
Das et al., 2017). The entries of many examples stand one after the other, as tokens of bags do, so no slot is unused;
:func:`used_slots` brings padded ones into this form. A step costs :math:`O(T d)` for :math:`T` entries and a hop, and
updates only the entities and relations that it reads.

Read next: :mod:`ptembed.graphs.bags`.
"""

from typing import Any, NamedTuple

import pytensor.tensor as pt
from pytensor.gradient import disconnected_grad
from pytensor.raise_op import CheckAndRaise
from pytensor.tensor.type import integer_dtypes

from ptembed.arguments import at_least_one
from ptembed.graphs.rows import rows
from ptembed.kinds import Symbol
from ptembed.ops.segment_max import segment_max
from ptembed.ops.sparse_products import compressed_dot, rows_of_nonzeros

__all__ = ["Memory", "attend", "triples", "used_slots"]

of_each_query = CheckAndRaise(ValueError, "offsets of a memory must be one more than there are queries")


class Memory(NamedTuple):
    """The entries that some examples attend to.

    Attributes
    ----------
    keys, values : matrices, shape (T, d)
        One row for each entry, example after example.
    offsets : int vector, shape (m + 1,)
        Those of example ``i`` are ``offsets[i]`` to ``offsets[i + 1]``; perhaps none.
    params : list of Rows and shared variables
        What an optimizer is to update.
    """

    keys: pt.TensorVariable
    values: pt.TensorVariable
    offsets: pt.TensorVariable
    params: list


def triples(A: Symbol, R: Symbol, entries: Symbol, offsets: Symbol) -> Any:
    """Look up triples as entries: keys ``A[subject] + R[relation]``, values ``A[object]``.

    Parameters
    ----------
    A : shared variable, shape (N, d)
        Entities.
    R : shared variable, shape (P, d)
        Relations.
    entries : int matrix, shape (T, 3)
        Subject, relation and object of each, by number.
    offsets : int vector, shape (m + 1,)
        Those of example ``i`` are ``entries[offsets[i]:offsets[i + 1]]``.

    Returns
    -------
    Memory

    Raises
    ------
    TypeError
        When ``A`` or ``R`` is no shared matrix, or ``entries`` are no matrix of integers.
    IndexError
        When called with the number of an entity or relation that there is not, before anything is written.

    Examples
    --------
    >>> import numpy as np, pytensor
    >>> A, R = pytensor.shared(np.eye(3), name="A"), pytensor.shared(np.full((1, 3), 10.0), name="R")
    >>> memory = triples(A, R, [[0, 0, 2]], [0, 1])
    >>> memory.keys.eval(), memory.values.eval()
    (array([[11., 10., 10.]]), array([[0., 0., 1.]]))
    """
    entries, offsets = pt.as_tensor(entries), pt.as_tensor(offsets)
    if entries.type.ndim != 2 or entries.type.dtype not in integer_dtypes:
        raise TypeError(f"entries must be a matrix of integers, got {entries.type}: subject, relation, object a row")
    entities, relations = rows(A, entries[:, 0], entries[:, 2]), rows(R, entries[:, 1])
    subjects, objects = entities.values
    return Memory(subjects + relations.values, objects, offsets, [entities, relations])


def used_slots(slots: Symbol) -> Symbol:
    """Give padded entries in the form without padding.

    Parameters
    ----------
    slots : int tensor, shape (m, S, 3)
        Slots of examples; one is unused where its subject is negative.

    Returns
    -------
    entries : int matrix, shape (T, 3)
    offsets : int64 vector, shape (m + 1,)

    Raises
    ------
    TypeError
        When ``slots`` are no integers of rank 3.

    Examples
    --------
    >>> entries, offsets = used_slots([[[4, 0, 5], [-1, -1, -1]], [[-1, -1, -1], [-1, -1, -1]]])
    >>> entries.eval(), offsets.eval()
    (array([[4, 0, 5]]), array([0, 1, 1]))
    """
    slots = pt.as_tensor(slots)
    if slots.type.ndim != 3 or slots.type.dtype not in integer_dtypes:
        raise TypeError(f"slots must be integers of rank 3, got {slots.type}: example, slot, and triple")
    used = slots[:, :, 0] >= 0
    counts = pt.cumsum(used.sum(axis=1, dtype="int64"))
    return slots[used.nonzero()], pt.concatenate([pt.zeros(1, dtype="int64"), counts])


def attend(query: Symbol, memory: Symbol, hops: int = 1) -> Symbol:
    """Let queries take up what they find in their memory.

    Parameters
    ----------
    query : matrix, shape (m, d)
    memory : Memory
        Of as many examples.
    hops : int
        How often, at least once; each time by what the query has become.

    Returns
    -------
    matrix, shape (m, d)
        The queries as they are where there are no entries.

    Raises
    ------
    TypeError
        When ``hops`` is no integer.
    ValueError
        When ``hops`` is below 1; when called, if the memory is not of as many examples.

    Examples
    --------
    >>> import numpy as np
    >>> memory = Memory(np.array([[0.0], [0.0]]), np.array([[2.0], [4.0]]), np.array([0, 2, 2]), [])
    >>> attend(np.array([[1.0], [1.0]]), memory).eval()
    array([[4.],
           [1.]])
    """
    at_least_one(hops, "hops")
    query, keys, values, offsets = [pt.as_tensor(x) for x in (query, *memory[:3])]
    of_queries = of_each_query(offsets, pt.eq(offsets.shape[0], query.shape[0] + 1))
    segment = rows_of_nonzeros(of_queries)
    for _ in range(hops):
        attention = _softmax((keys * query[segment]).sum(axis=1), segment, of_queries)
        query = query + compressed_dot(attention, pt.arange(values.shape[0]), of_queries, values, values.shape[0])
    return query


def _softmax(scores, segment, offsets):
    """Softmax within each segment, shape (T,)."""
    largest = disconnected_grad(segment_max(scores[:, None], offsets)[:, 0])
    weights = pt.exp(scores - largest[segment])
    total = pt.inc_subtensor(pt.zeros(offsets.shape[0] - 1, dtype=scores.type.dtype)[segment], weights)
    return weights / total[segment]
