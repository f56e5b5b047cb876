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
``x.choose(c, None, m)``  ``TypeError``: no ``out``; ``mode`` is lost     NumPy's arguments
``x.__div__(y)``          ``AttributeError``                          Python 2's ``/`` (:func:`theano.tensor.div_proxy`)
``x.get_scalar_...()``    ``AttributeError``                          the number that ``x`` always is
``x[T.slicetype()]``      ``TypeError``                               the part that the slice's value tells
========================  ==========================================  =================================================
"""

from collections.abc import Callable

from pytensor.tensor.variable import _tensor_py_operators as Operators

from ptembed.theano.tensor import basic, subtensor

__all__ = ["extend", "restore"]

_original: dict[str, Callable | None] = {}


def extend() -> None:
    """Give PyTensor's tensor variables the calls of the table above."""
    methods = {"reshape": _reshape, "__bool__": _bool} | {name: _comparison(name) for name in _COMPARISONS}
    methods |= {"choose": _choose, "__div__": _div, "__rdiv__": _rdiv}
    methods |= {"get_scalar_constant_value": _get_scalar_constant_value, "__getitem__": _getitem}
    for name, method in methods.items():
        _original.setdefault(name, getattr(Operators, name, None))
        setattr(Operators, name, method)


def restore() -> None:
    """Take back what :func:`extend` did."""
    for name, method in _original.items():
        if method is None:
            delattr(Operators, name)
        else:
            setattr(Operators, name, method)
    _original.clear()


def _reshape(self, shape, ndim=None):
    return _original["reshape"](self, shape, ndim=ndim)


def _choose(self, choices, out=None, mode="raise"):
    return basic.choose(self, choices, out, mode)


def _div(self, other):
    return basic.div_proxy(self, other)


def _rdiv(self, other):
    return basic.div_proxy(other, self)


def _get_scalar_constant_value(self):
    return basic.get_scalar_constant_value(self)


# Python 3.13 may go on calling the added method after it is gone, if the class has changed a thousand times.
_GETITEM = Operators.__getitem__


def _getitem(self, indices):
    try:
        return _GETITEM(self, indices)
    except TypeError:
        if not any(map(subtensor.is_symbolic_slice, indices if isinstance(indices, tuple) else (indices,))):
            raise
    return subtensor.by_symbolic_slices(self, indices)


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
