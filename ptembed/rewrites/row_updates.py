"""Dense updates of a matrix whose rows were read become writes of those rows, in place.

``updates=[(W, W - lr * grad(cost, W))]``, where ``cost`` reads ``W[idx]``, makes a matrix of zeros, adds the rows of
the gradient into it, scales it and subtracts it from ``W``: :math:`O(N d)` for :math:`k d` numbers. It is compiled here
to ``W[idx] += -lr * g``, :math:`O(k d)`, with the same numbers to rounding. Three forms are found, in this order:

* *linear* in the gradient: the rows are scaled and added (:mod:`ptembed.rewrites.row_sums`);
* *elementwise*, and the old value where the gradient is zero (:mod:`ptembed.rewrites.at_zero`), as dense Adagrad and
  clipped gradients are: the gradient is summed over the distinct rows, the expression computed there, and the rows set;
* a *sum* of something that is zero where the gradient is zero, as its norm: the sum over the distinct rows.

All is done or nothing: where the dense gradient is needed anyway, the updates from it are left as they are. So is all
that changes rows that were not read, such as weight decay and momentum; for a history that decays there,
:class:`~ptembed.rewrites.dense_history.DenseHistoryWarning` names the optimizer that does not.

The rewrites are in PyTensor's own database with the tag ``row_updates``, so that ``mode.excluding("row_updates")`` and
the flag ``optimizer_excluding=row_updates`` leave them out.

Read next: :mod:`ptembed.rewrites.scan_reads`.
"""

from typing import NamedTuple

import pytensor.tensor as pt
from pytensor.compile.mode import optdb
from pytensor.graph.basic import Variable
from pytensor.graph.rewriting.basic import GraphRewriter
from pytensor.tensor.elemwise import CAReduce, DimShuffle, Elemwise
from pytensor.tensor.math import Sum
from pytensor.tensor.subtensor import set_subtensor
from pytensor.tensor.type import float_dtypes

from ptembed import _pytensor
from ptembed.ops.distinct import distinct
from ptembed.rewrites.at_rows import at_rows, is_stored
from ptembed.rewrites.at_zero import AtZero
from ptembed.rewrites.dense_history import warn_of_dense_histories
from ptembed.rewrites.row_sums import RowSum, RowSums, add_rows

__all__ = ["RowUpdates"]

# After canonicalize and stabilize (1 to 1.5), which make the forms few, and before BLAS and specialize (1.7 and 2).
POSITION = 1.55


class RowUpdates(GraphRewriter):
    """Replace dense updates from row gradients by row writes."""

    def apply(self, fgraph):
        if not any(isinstance(node.op, _pytensor.ROW_WRITES) for node in fgraph.apply_nodes):
            return
        kept = set()
        while True:
            plan = _Plan(fgraph, kept)
            needed = plan.needed_anyway()
            if not needed:
                break
            kept |= needed
        for old, new in plan.replaced.items():
            fgraph.replace(old, new, import_missing=True, reason="row_updates")
        warn_of_dense_histories(fgraph)


class _Plan:
    """What to put in place of the dense forms of one graph, except those in ``kept``.

    Attributes
    ----------
    replaced : dict
        Of variables, in topological order.
    sources : dict
        For each of them the dense gradients that it no longer needs.
    """

    def __init__(self, fgraph, kept):
        self.fgraph, self.replaced, self.written, self.sources = fgraph, {}, set(), {}
        self.row_sums = RowSums(self._is_stored)
        self.at_zero = AtZero(self.row_sums)
        for node in fgraph.toposort():
            if isinstance(node.op, (Elemwise, Sum)) and node.outputs[0] not in kept:
                self._consider(node.outputs[0])

    def needed_anyway(self):
        """Give the replaced variables whose dense gradients the graph would still compute."""
        alive, stack = set(), list(self.fgraph.outputs)
        while stack:
            var = stack.pop()
            if var in alive:
                continue
            alive.add(var)
            if var in self.replaced:
                stack.append(self.replaced[var])
            elif var.owner is not None:
                stack.extend(var.owner.inputs)
        return {var for var, sources in self.sources.items() if not alive.isdisjoint(sources)}

    def _is_stored(self, var):
        return var in self.written or is_stored(var)

    def _now(self, var):
        return self.replaced.get(var, var)

    def _consider(self, var):
        if var.type.dtype not in float_dtypes:
            return
        is_sum = isinstance(var.owner.op, CAReduce)
        found = self._sum(var) if is_sum else self._linear(var) or self._elementwise(var)
        if found is None:
            return
        new, self.sources[var] = found
        self.replaced[var] = var.type.filter_variable(new)
        if not is_sum:
            self.written.add(var)
            self.row_sums.as_base(var)
            self.at_zero.seen[var] = var

    def _linear(self, var):
        total = self.row_sums(var)
        if total is None or not total.layers or not _same_kind(total.base, var):
            return None
        return add_rows(self._now(total.base), total), {write.source for write in total.writes}

    def _elementwise(self, var):
        base = self.at_zero(var)
        found = self._at_distinct_rows(var) if isinstance(base, Variable) and _same_kind(base, var) else None
        return found and (set_subtensor(self._now(base)[found.ids], found.rows), found.sources)

    def _sum(self, var):
        op, (whole,) = var.owner.op, var.owner.inputs
        over_all = op.axis is None or len(op.axis) == whole.type.ndim
        is_zero = over_all and not whole.type.broadcastable[0] and self.at_zero(whole) == 0.0
        found = self._at_distinct_rows(whole) if is_zero else None
        return found and (op.clone(axis=tuple(range(whole.type.ndim)))(found.rows), found.sources)

    def _at_distinct_rows(self, var):
        """Compute an expression at the distinct rows of its dense gradients; None where it takes other rows too."""
        writes = [write for total in _dense_gradients_under(var, self.row_sums) for write in total.writes]
        if not writes or not all(map(_names_rows, writes)):
            return None
        distinct_rows = _DistinctRows(writes, self.row_sums, self.replaced)
        rows = distinct_rows(var)
        return None if rows is None else _AtDistinctRows(distinct_rows.ids, rows, {write.source for write in writes})


class _AtDistinctRows(NamedTuple):
    """The ``rows`` with numbers ``ids`` of an expression, and the dense gradients that they were read back from."""

    ids: Variable
    rows: Variable
    sources: set


class _DistinctRows:
    """Expressions at the distinct rows that some writes name.

    Attributes
    ----------
    ids : int64 vector, shape (k,)
    """

    def __init__(self, writes, row_sums, replaced):
        self.row_sums, self.replaced = row_sums, replaced
        numbers = {write.indices[0]: pt.as_tensor(write.indices[0]) for write in writes}
        self.ids, where = distinct(pt.join(0, *(idx.ravel() for idx in numbers.values())), writes[0].zeros.shape[0])
        self.places, start = {}, 0
        for key, idx in numbers.items():
            self.places[key] = where[start : start + idx.size].reshape(idx.shape, ndim=idx.type.ndim)
            start = start + idx.size

    def __call__(self, var):
        """Give the rows ``ids`` of ``var``, shape (k, ...), or None."""
        return at_rows(var, (self.ids,), self._given)

    def _given(self, var):
        if var in self.replaced:
            return self.replaced[var][self.ids]
        return self._summed(var) if _is_dense_gradient(var, self.row_sums) else None

    def _summed(self, gradient):
        """Add up the rows of a dense gradient for each distinct row."""
        total = self.row_sums(gradient)
        layers = [
            tuple(write._replace(indices=(self.places[write.indices[0]],)) for write in layer) for layer in total.layers
        ]
        zeros = total.writes[0].zeros  # has the shape of the gradient, and does not keep it alive
        shape = (self.ids.size, *(zeros.shape[i] for i in range(1, zeros.type.ndim)))
        return add_rows(pt.zeros(shape, dtype=gradient.type.dtype), RowSum(None, tuple(layers)))


def _dense_gradients_under(var, row_sums):
    """Give the row sums that an expression is built from, as the writes into zeros that made them."""
    found, stack, seen = [], [var], set()
    while stack:
        part = stack.pop()
        if part in seen:
            continue
        seen.add(part)
        if _is_dense_gradient(part, row_sums):
            found.append(row_sums(part))
        elif part.owner is not None and isinstance(part.owner.op, (Elemwise, DimShuffle, CAReduce)):
            stack.extend(part.owner.inputs)
    return found


def _is_dense_gradient(var, row_sums):
    if var.owner is None or not isinstance(var.owner.op, _pytensor.ROW_WRITES):
        return False
    total = row_sums(var)
    return total is not None and total.is_rows


def _names_rows(write):
    return len(write.indices) == 1 and not isinstance(write.indices[0], slice)


def _same_kind(base, var):
    return base is not None and base.type.dtype == var.type.dtype and base.type.broadcastable == var.type.broadcastable


optdb.register("row_updates_of_dense_gradients", RowUpdates(), "fast_run", "row_updates", position=POSITION)
