"""A dense variable on the left of a sparse one: ``W - lr * g``.

In PyTensor ``+``, ``-`` and ``*`` of a dense shared variable or constant and a sparse variable make an elementwise Op,
which fails when it is computed; of a plain dense variable they make the sparse Op. Here all make the sparse Op, as in
Theano: the dense one leaves the operation to the sparse one.
"""

from collections.abc import Callable

from pytensor.tensor.variable import _tensor_py_operators as Operators

from ptembed.legacy.changes import Changes

__all__ = ["extend", "restore"]

_changes = Changes()
restore = _changes.undo


def extend() -> None:
    """Let dense variables leave ``+``, ``-`` and ``*`` with a sparse one to it."""
    for name in ("__add__", "__sub__", "__mul__"):
        _changes.set(Operators, name, _leaving(getattr(Operators, name)))


def _leaving(operation: Callable) -> Callable:
    def operate(self, other):
        if hasattr(getattr(other, "type", None), "format"):  # of sparse types alone; their module loads scipy.sparse
            return NotImplemented
        return operation(self, other)

    return operate
