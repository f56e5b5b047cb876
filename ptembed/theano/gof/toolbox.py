"""Features of function graphs."""

import sys
from functools import partial

from pytensor.graph.features import (
    AlreadyThere,
    BadOptimization,
    Bookkeeper,
    History,
    PreserveVariableAttributes,
    ReplaceValidate,
    Validator,
)
from pytensor.graph.features import Feature as PyTensorFeature
from pytensor.graph.features import NoOutputFromInplace as _NoOutputFromInplace
from pytensor.graph.features import ReplacementDidNotRemoveError as ReplacementDidntRemovedError

from ptembed.theano import _gone
from ptembed.theano.gof._protocol import kind_of

__all__ = [
    "AlreadyThere",
    "BadOptimization",
    "Bookkeeper",
    "Feature",
    "History",
    "NoOutputFromInplace",
    "NodeFinder",
    "PreserveNames",
    "PreserveVariableAttributes",
    "PrintListener",
    "ReplaceValidate",
    "ReplacementDidntRemovedError",
    "Validator",
]


class Feature(PyTensorFeature, metaclass=kind_of(PyTensorFeature)):
    """The base of what listens to the changes of a graph, or adds methods to it."""

    _stands_for = PyTensorFeature

    def __init_subclass__(cls, **kwargs):
        if "validate" in vars(cls) and "on_validate" not in vars(cls):
            cls.on_validate = vars(cls)["validate"]
        super().__init_subclass__(**kwargs)


class NoOutputFromInplace(_NoOutputFromInplace):
    """Forbids that an Op that works in place makes one of the outputs from ``first`` to ``last`` (not included)."""

    def __init__(self, first_output_idx=0, last_output_idx=None):
        self.first, self.last = first_output_idx, last_output_idx
        super().__init__(())

    def on_attach(self, fgraph):
        self.protected_out_ids = tuple(range(len(fgraph.outputs)))[self.first : self.last]
        super().on_attach(fgraph)

    def clone(self):
        return type(self)(self.first, self.last)


class NodeFinder(Bookkeeper):
    """Adds ``fgraph.get_nodes(op)``: the nodes of an Op."""

    def on_attach(self, fgraph):
        if hasattr(fgraph, "get_nodes"):
            raise AlreadyThere("NodeFinder is already present")
        self.fgraph, self.found = fgraph, {}
        fgraph.get_nodes = partial(self.query, fgraph)
        super().on_attach(fgraph)

    def clone(self):
        return type(self)()

    def on_detach(self, fgraph):
        if self.fgraph is not fgraph:
            raise Exception("This NodeFinder instance was not attached to the provided fgraph.")
        self.fgraph = None
        del fgraph.get_nodes
        super().on_detach(fgraph)

    def on_import(self, fgraph, node, reason):
        self.found.setdefault(node.op, []).append(node)

    def on_prune(self, fgraph, node, reason):
        nodes = self.found[node.op]
        nodes.remove(node)
        if not nodes:
            del self.found[node.op]

    def query(self, fgraph, op):
        return list(self.found.get(op, []))


class PrintListener(Feature):
    """Prints each change of a graph."""

    def __init__(self, active=True):
        self.active = active

    def _say(self, *words):
        if self.active:
            print(*words, file=sys.stdout)

    def on_attach(self, fgraph):
        self._say("-- attaching to: ", fgraph)

    def on_detach(self, fgraph):
        self._say("-- detaching from: ", fgraph)

    def on_import(self, fgraph, node, reason):
        self._say(f"-- importing: {node}, reason: {reason}")

    def on_prune(self, fgraph, node, reason):
        self._say(f"-- pruning: {node}, reason: {reason}")

    def on_change_input(self, fgraph, node, i, r, new_r, reason=None):
        self._say(f"-- changing ({node}.inputs[{i}]) from {r} to {new_r}")


class PreserveNames(PreserveVariableAttributes):
    """A variable that replaces one with a name gets this name if it has none."""


_INSIDE = ("it is internal to Theano's History", "theano.gof.toolbox.History")
__getattr__ = _gone.getattr_of(__name__, {"GetCheckpoint": _INSIDE, "LambdExtract": _INSIDE})
