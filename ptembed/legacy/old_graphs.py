"""What Theano pickled becomes PyTensor's: variables, nodes, Ops.

``pickle.load`` finds Theano's classes under their names in the drop-in, where most are PyTensor's, and puts the state
that Theano wrote into them. :func:`extend` lets three of PyTensor's classes look at that state first. A node is made
anew: the Op that Theano's state describes (:data:`READERS`) is applied to the inputs, and the variables that were
pickled as the node's outputs become those of the new one. What PyTensor pickled is read as before; Theano's is known by
its tag, a ``theano.gof.utils.scratchpad``.

A node whose Op cannot be made becomes one of :class:`Unread`, which says so when it is computed, so that the parameters
of a model can be had even where its graph cannot.

The attributes of an Op can name what it runs when it is computed. So the loader of :mod:`ptembed.legacy.pickles` takes
no Op as it was pickled: within :func:`understood` each is made anew by its constructor, or refused. Read it next.
"""

import contextlib
import pickle
import threading
from contextvars import ContextVar

from pytensor.graph.basic import Apply, Variable
from pytensor.graph.op import Op
from pytensor.graph.utils import Scratchpad
from pytensor.misc.ordered_set import OrderedSet
from pytensor.scan.op import Scan

from ptembed.legacy.changes import Changes
from ptembed.legacy.old_ops import recovered, refuse_code

__all__ = ["Unread", "extend", "restore", "understood"]

_changes = Changes()
restore = _changes.undo
_lock = threading.RLock()
_set_loop_of_pytensor = Scan.__setstate__
_anew: ContextVar[bool] = ContextVar("anew", default=False)


def extend() -> None:
    """Let PyTensor's classes read the states that Theano pickled."""
    _changes.set(Variable, "__setstate__", _set_variable)
    _changes.set(Apply, "__setstate__", _set_node)
    _changes.set(Scan, "__setstate__", _set_loop)
    _changes.set(OrderedSet, "__setstate__", _set_set)


@contextlib.contextmanager
def understood():
    """The same for a ``with`` block, also where :func:`ptembed.legacy.activate` has not been called.

    Raises
    ------
    pickle.UnpicklingError
        In the block, for a node that Theano has not pickled.
    """
    with _lock:
        lasting = "__setstate__" in vars(Apply)
        extend()
        token = _anew.set(True)
        try:
            yield
        finally:
            _anew.reset(token)
            if not lasting:
                restore()


class Unread(Op):
    """Stands for an Op in a pickle of Theano's that cannot be made here.

    Parameters
    ----------
    what : str
        The Op's class.
    why : str
    """

    __props__ = ("what", "why")

    def __init__(self, what, why):
        self.what, self.why = what, why

    def perform(self, node, inputs, output_storage):
        raise NotImplementedError(
            f"The pickle has a graph with {self.what}, which cannot be computed here ({self.why}): take the "
            "parameters out of the pickle, and write this part of the graph anew."
        )


def _set_variable(self, state):
    tag = state.get("tag")
    if _is_theanos(tag):
        object.__setattr__(tag, "__class__", Scratchpad)
        if "default_update" in state:
            state["_default_update"] = state.pop("default_update")
        elif hasattr(type(self), "default_update"):
            state["_default_update"] = None
    waiting = vars(self).pop("_waiting", ())
    vars(self).update(state)
    for node in waiting:
        _replay(node)


def _set_node(self, state):
    vars(self).update(state)
    if not _is_theanos(self.tag):
        if _anew.get():
            raise pickle.UnpicklingError("it has a node of a graph that Theano did not pickle")
        return
    object.__setattr__(self.tag, "__class__", Scratchpad)
    if "fgraph" not in state:
        _replay(self)
    elif _anew.get():  # a node of a compiled function, which is compiled anew
        self.op = Unread(type(self.op).__qualname__, "a compiled graph is not read")


def _set_loop(self, state):
    if "mit_mot_out_slices" in state:
        vars(self).update(state)
    else:
        _set_loop_of_pytensor(self, state)


def _set_set(self, state):
    if "_OrderedSet__map" in state:
        self.__init__(state["_OrderedSet__map"])
    else:
        vars(self).update(state)


def _is_theanos(tag) -> bool:
    from ptembed.theano.gof.utils import scratchpad

    return type(tag) is scratchpad


def _replay(node) -> None:
    """Give ``node`` the Op and inputs that PyTensor would, once all its inputs have been read."""
    for given in node.inputs:
        if "type" not in vars(given):  # it is being read further up, as a state whose next value this node gives
            vars(given).setdefault("_waiting", []).append(node)
            return
    try:
        if _anew.get():
            refuse_code(node.op)
        made = _node(recovered(node.op), node.inputs, len(node.outputs))
    except Exception as error:
        what, why = f"{type(node.op).__module__}.{type(node.op).__qualname__}", f"{type(error).__name__}: {error}"
        node.op = Unread(what, why)
        return
    node.op, node.inputs = made.op, made.inputs


def _node(op, inputs, count):
    """The one node that ``op(*inputs)`` is; where it is none or several, one that stands for them."""
    outputs = _applied(op, inputs)
    owner = outputs[0].owner
    if owner is not None and len(outputs) == count and owner.outputs == outputs:
        return owner
    from ptembed.theano.compile.builders import OpFromGraph

    given = [variable.type() for variable in inputs]
    return OpFromGraph(given, _applied(op, given)[:count], inline=True).make_node(*inputs)


def _applied(op, inputs):
    outputs = op(*inputs)
    return list(outputs) if isinstance(outputs, list | tuple) else [outputs]
