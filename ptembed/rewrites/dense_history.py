"""Name the lazy optimizer where a dense one decays the history of rows that were not read.

``v = m * v - lr * g`` moves every row of ``v`` at every step, :math:`O(N d)`, and forgets the history of a rare row
while others are read. Both are what the graph says, so it is never rewritten; the user is told once for each kind, but
not of a program that was written for Theano (:func:`as_written`).
"""

import contextlib
from contextvars import ContextVar

from pytensor.tensor.elemwise import CAReduce, DimShuffle, Elemwise

from ptembed import _pytensor
from ptembed.rewrites.at_zero import AtZero
from ptembed.rewrites.row_sums import LINEAR, RowSums
from ptembed.user_warnings import warn_user

__all__ = ["DenseHistoryWarning", "as_written", "warn_of_dense_histories"]

LAZY = {
    frozenset({"mean"}): "momentum or nesterov",
    frozenset({"square"}): "rmsprop or adadelta",
    frozenset({"mean", "square"}): "adam",
}

warned: set[frozenset[str]] = set()
_told: ContextVar[bool] = ContextVar("told", default=True)


class DenseHistoryWarning(UserWarning):
    """A dense optimizer decays the history of rows that the step did not read."""


@contextlib.contextmanager
def as_written():
    """Compile without :class:`DenseHistoryWarning`: the program's optimizer is to stay as it is."""
    token = _told.set(False)
    try:
        yield
    finally:
        _told.reset(token)


def warn_of_dense_histories(fgraph):
    """Warn of updates in ``fgraph`` that decay a history densely, once a process for each kind of history."""
    if not _told.get():
        return
    row_sums = RowSums()
    at_zero = AtZero(row_sums)
    for node in fgraph.toposort():  # in this order no reading goes deep
        at_zero(node.outputs[0])
    decayed = {}
    for out, place in (fgraph.update_mapping or {}).items():
        new, history = fgraph.outputs[out], fgraph.inputs[place]
        if at_zero(new) is None and not _is_read_by_rows(fgraph, history):
            kind = _kind(new, history, row_sums)
            if kind is not None:
                decayed.setdefault(kind, history)
    kinds = frozenset(decayed)
    if kinds and kinds not in warned:
        warned.add(kinds)
        history = next(iter(decayed.values()))
        warn_user(
            f"The update of {history.name or 'a shared variable'} {history.type} decays every row at every step, "
            "also the rows that the step does not read: this is kept as it is, and costs a pass over the whole matrix. "
            f"ptembed.graphs.updates.{LAZY[kinds]} leaves the history of rows that are not read alone",
            DenseHistoryWarning,
        )


def _is_read_by_rows(fgraph, var):
    return any(
        not isinstance(node, str) and isinstance(node.op, _pytensor.ROW_READS) for node, _ in fgraph.clients[var]
    )


def _kind(new, history, row_sums):
    """Say how the gradient enters the new history: as its mean, its square, or not at all (None)."""
    kind, has_history, seen, stack = None, False, set(), [new]
    while stack:
        var = stack.pop()
        has_history |= var is history
        if var in seen or var.owner is None or not isinstance(var.owner.op, (Elemwise, DimShuffle, CAReduce)):
            continue
        seen.add(var)
        rows = [part for part in var.owner.inputs if _is_rows(row_sums(part))]
        if rows:
            linear = isinstance(var.owner.op, Elemwise) and type(var.owner.op.scalar_op) in LINEAR and len(rows) == 1
            kind = "mean" if linear and kind is None else kind if linear else "square"
        stack.extend(part for part in var.owner.inputs if part not in rows)
    return kind if has_history else None


def _is_rows(total):
    return total is not None and total.is_rows
