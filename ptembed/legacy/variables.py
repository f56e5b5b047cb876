"""The calls on PyTensor's variables that Theano took and PyTensor rejects.

Results of PyTensor's own Ops are PyTensor's variables, so the drop-in cannot give them methods by subclassing. This is
the one place where ptembed changes a class of PyTensor's: only what raises there changes, and reversibly.

========================  ==========================================  =================================================
call                      PyTensor                                    here
========================  ==========================================  =================================================
``x.reshape(shape, 2)``   ``TypeError``: ``ndim`` is keyword-only     ``ndim`` may be the second positional argument
``bool(x)``, ``if x:``    ``TypeError``                               ``True``, as in Theano
``if x > 0:``             ``TypeError``                               ``TypeError``, as in Theano (``>=``, ``<``, ``<=``
                                                                      too; these four mark their result for it)
========================  ==========================================  =================================================
"""

from collections.abc import Callable

from pytensor.tensor.variable import _tensor_py_operators as Operators

__all__ = ["extend", "restore"]

_original: dict[str, Callable] = {}


def extend() -> None:
    """Give PyTensor's tensor variables the calls of the table above."""
    methods = {"reshape": _reshape, "__bool__": _bool} | {name: _comparison(name) for name in _COMPARISONS}
    for name, method in methods.items():
        _original.setdefault(name, getattr(Operators, name))
        setattr(Operators, name, method)


def restore() -> None:
    """Take back what :func:`extend` did."""
    for name, method in _original.items():
        setattr(Operators, name, method)
    _original.clear()


def _reshape(self, shape, ndim=None):
    return _original["reshape"](self, shape, ndim=ndim)


_COMPARISONS = ("__lt__", "__le__", "__gt__", "__ge__")


def _comparison(name: str) -> Callable:
    def compare(self, other):
        result = _original[name](self, other)
        result.tag.compared = True
        return result

    return compare


def _bool(self):
    if getattr(self.tag, "compared", False):
        raise TypeError(
            "Variables do not support boolean operations: the truth value of a symbolic comparison is not known before "
            f"the graph is computed, got {self}; use theano.tensor.switch or theano.ifelse.ifelse."
        )
    return True
