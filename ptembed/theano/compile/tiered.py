"""The linker of the drop-in: node by node at first, Numba once a function has much to do.

A program of Theano's compiles many functions, and calls most of them a few times. Numba takes a second or more for
each, so a function runs its nodes in Python first, and is compiled when what it has done would have paid for it. When
that is depends on the number of calls and the sizes of the inputs alone, never on a clock: two runs of a program give
the same numbers to the last bit.
"""

import warnings

import pytensor
from pytensor.compile.aliasing import infer_reuse_pattern
from pytensor.compile.ops import deep_copy_op
from pytensor.graph.fg import Output
from pytensor.link.basic import JITLinker
from pytensor.link.numba.linker import NumbaLinker
from pytensor.link.utils import map_storage
from pytensor.link.vm import VMLinker
from pytensor.scan.op import Scan

from ptembed._pytensor import IfElse, own_copy
from ptembed.theano.compile.drawing import DrawnInTurns, draws_of, is_state
from ptembed.theano.compile.plain_builtins import plain_builtins

__all__ = ["TieredLinker"]

BUDGET = 1000
ELEMENTS_A_CALL = 1000
LOOP = 20


class TieredLinker(NumbaLinker):
    """Runs a graph node by node until it has used its budget, then as one function compiled by Numba.

    A call uses 1, or ``LOOP`` in a graph with a loop, and a further 1 for each ``ELEMENTS_A_CALL`` elements of its
    inputs, shared ones too; a function that has used ``BUDGET`` is compiled at its next call, one whose first call
    would use it all, at the first. What Numba cannot compile goes on node by node, and says so once. For Numba, which
    computes all nodes, those in the branches of an ``ifelse`` ask whether they are needed. Where they cannot, and where
    there is a ``RandomState``, which Numba cannot hold, unless Python can draw from it before Numba does the rest, the
    graph is compiled to C if there is a compiler.
    """

    # Node by node, a loop writes an output before it has read all of its state: Numba's shorter buffers are too short.
    incompatible_rewrites = (
        *(name for name in NumbaLinker.incompatible_rewrites if name != "scan_reduce_trace_prealloc"),
        "scan_save_mem_no_prealloc",
        "introduce_lazy_ifelse",  # of 3.3: what two of them share is always computed
    )

    def make_all(self, input_storage=None, output_storage=None, storage_map=None):
        storages = map_storage(self.fgraph, self.schedule(self.fgraph), input_storage, output_storage, storage_map)
        made = self._interpreted(*storages[:2])
        vm, nodes = made[0], made[-1]
        vm.need_update_inputs = True  # it has not been told of the updates
        if nodes:
            call = LOOP if any(isinstance(node.op, Scan) for node in nodes) else 1
            vm = _Tiers(vm, lambda: self._compiled(*storages), storages[0], storages[2], call)
        return vm, *made[1:]

    def _compiled(self, *storages):
        from ptembed.theano.compile.branches import with_branches  # here, because they import Numba and SciPy
        from ptembed.theano.compile.sparse_inputs import TakenApart, sparse_inputs

        branches = any(isinstance(node.op, IfElse) for node in self.fgraph.apply_nodes)
        states, sparse = any(map(is_state, self.fgraph.variables)), sparse_inputs(self.fgraph)
        numba = NumbaLinker(allow_gc=self.allow_gc)
        if not branches and not states:
            if sparse:
                return TakenApart(numba, self.fgraph, sparse, *storages[:2])
            return JITLinker.make_all(self, *storages)[0]
        if not branches and (draws := draws_of(self.fgraph)):
            return DrawnInTurns(numba, self.fgraph, draws, *storages[:2])
        if branches and not states and not sparse and (graph := with_branches(self.fgraph)):
            return JITLinker.make_all(numba.accept(graph), *storages[:2])[0]
        lazy = VMLinker(use_cloop=bool(pytensor.config.cxx), allow_gc=self.allow_gc)
        return lazy.accept(self.fgraph, self.no_recycling).make_all(None, *storages)[0]

    def _interpreted(self, input_storage, output_storage):
        from ptembed.ops.unfused import unfuse  # here and not above, because it imports Numba

        graph = own_copy(self.fgraph)  # what runs a loop node by node rewrites it in a way that is none for Numba
        unfuse(graph)
        _outputs_apart(graph)
        own = [copy for copy, out in zip(graph.outputs, self.fgraph.outputs, strict=True) if out in self.no_recycling]
        linker = VMLinker(use_cloop=False, c_thunks=False, allow_gc=self.allow_gc)
        linker.accept(graph, infer_reuse_pattern(graph, own))
        return linker.make_all(None, input_storage, output_storage)


def _outputs_apart(graph):
    """Copy what is an output twice, or an input too, once nodes are taken apart: each output has a place of its own."""
    for out in dict.fromkeys(graph.outputs):
        places = [node for node, _ in graph.clients[out] if isinstance(node.op, Output)]
        for node in places[out not in graph.inputs :]:
            graph.change_node_input(node, 0, deep_copy_op(out), reason="unfuse")


class _Tiers:
    """What a function calls: the nodes one by one, then what Numba made of them."""

    need_update_inputs = True

    def __init__(self, interpreted, compile, inputs, storage_map, call):
        self.run = self._count
        self.tier = self.interpreted = interpreted
        self.compile, self.inputs, self.storage_map = compile, inputs, storage_map
        self.allow_gc = interpreted.allow_gc
        self.call, self.used = call, 0

    def __call__(self):
        return self.run()

    @property
    def time_thunks(self):
        return self.interpreted.time_thunks

    @time_thunks.setter
    def time_thunks(self, flag):
        self.interpreted.time_thunks = flag

    def __getattr__(self, name):
        if name == "tier":  # not set yet
            raise AttributeError(name)
        return getattr(self.tier, name)

    def _count(self):
        self.used += self.call + sum(_elements(cell[0]) for cell in self.inputs) // ELEMENTS_A_CALL
        return self.interpreted() if self.used < BUDGET else self._compile()

    def _compile(self):
        from numba.core.errors import NumbaError

        try:
            with plain_builtins():
                compiled = self.compile()
        except (NumbaError, NotImplementedError) as reason:
            return self._give_up(reason)
        try:
            with plain_builtins():
                results = compiled()
        except NumbaError as reason:  # of the types, before anything has run
            return self._give_up(reason)
        self.run = self.tier = compiled
        return results

    def _give_up(self, reason):
        warnings.warn(f"a function runs node by node, Numba could not compile it: {reason}", stacklevel=5)
        self.run = self.interpreted
        return self.interpreted()


def _elements(value):
    size = getattr(value, "size", 1)
    return size if isinstance(size, int) else 1
