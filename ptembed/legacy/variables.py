"""The calls on PyTensor's variables that Theano took and PyTensor rejects.

Results of PyTensor's own Ops are PyTensor's variables, so the drop-in cannot give them methods by subclassing. Only
what raises in PyTensor changes, and who runs ``eval``; reversibly.

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
``x[i].owner.op``         ``idx_list`` has numbers of inputs          these numbers equal the indices' types, too
``x.eval({...})``         PyTensor's default mode                     the mode of Theano's flags, as theano.function
========================  ==========================================  =================================================
"""

from collections.abc import Callable

from pytensor.graph.basic import Variable
from pytensor.tensor.variable import _tensor_py_operators as Operators

from ptembed.legacy.changes import Changes
from ptembed.legacy.index_types import with_types
from ptembed.theano.compile.mode import get_default_mode
from ptembed.theano.tensor import basic, symbolic_slices

__all__ = ["extend", "restore"]

_changes = Changes()
restore = _changes.undo


def extend() -> None:
    """Give PyTensor's tensor variables the calls of the table above."""
    methods: dict[str, Callable] = {"reshape": _reshape, "__bool__": _bool, "__getitem__": _getitem, "choose": _choose}
    methods |= {"__div__": _div, "__rdiv__": _rdiv, "get_scalar_constant_value": _get_scalar_constant_value}
    methods |= {name: _comparison(getattr(Operators, name)) for name in ("__lt__", "__le__", "__gt__", "__ge__")}
    for name, method in methods.items():
        _changes.set(Operators, name, method)
    _changes.set(Variable, "eval", _eval)


# As PyTensor has them; Python 3.13 may go on calling ours when it is gone, if the class has changed a thousand times.
_RESHAPE = Operators.reshape
_GETITEM = Operators.__getitem__
_EVAL = Variable.eval


def _reshape(self, shape, ndim=None):
    return _RESHAPE(self, shape, ndim=ndim)


def _choose(self, choices, out=None, mode="raise"):
    return basic.choose(self, choices, out, mode)


def _div(self, other):
    return basic.div_proxy(self, other)


def _rdiv(self, other):
    return basic.div_proxy(other, self)


def _get_scalar_constant_value(self):
    return basic.get_scalar_constant_value(self)


def _getitem(self, indices):
    try:
        return with_types(_GETITEM(self, indices))
    except TypeError:
        if not any(map(symbolic_slices.is_symbolic_slice, indices if isinstance(indices, tuple) else (indices,))):
            raise
    return symbolic_slices.by_symbolic_slices(self, indices)


def _eval(self, inputs_to_values=None, **options):
    functions = vars(self).setdefault("_fn_cache", {})  # where PyTensor finds a function again by its options
    if not options:
        options = {"mode": functions.get("mode") or get_default_mode()}
        functions["mode"] = options["mode"]
    return _EVAL(self, inputs_to_values, **options)


def _comparison(given: Callable) -> Callable:
    def compare(self, other):
        result = given(self, other)
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
