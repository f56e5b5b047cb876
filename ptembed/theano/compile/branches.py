"""The branches of an ``ifelse`` under Numba, which computes every node of a graph: a node of a branch asks first.

Whether it is needed is a matter of conditions alone, so each such node gets them as inputs, beside its own.
"""

from hashlib import sha256

import numpy as np
from pytensor.graph.basic import Apply
from pytensor.graph.fg import Output
from pytensor.graph.op import Op
from pytensor.graph.utils import InconsistencyError
from pytensor.link.numba.cache import compile_numba_function_src
from pytensor.link.numba.dispatch.basic import (
    numba_funcify_and_cache_key,
    numba_njit,
    register_funcify_and_cache_key,
)
from pytensor.scalar.basic import ScalarType
from pytensor.tensor.type import TensorType
from pytensor.tensor.type_other import MakeSlice

from ptembed._pytensor import IfElse, own_copy

__all__ = ["IfNeeded", "when_needed", "with_branches"]

ALWAYS = frozenset([frozenset()])
MOST = 8  # ways in which a node is needed


class IfNeeded(Op):
    """A node that is computed where one of some ways leads to it; elsewhere its outputs are empty, and not used.

    Inputs are the conditions and the node's own. Numba alone runs it.

    Parameters
    ----------
    op : Op
        The node's.
    types : tuple of Type
        Of the node's outputs.
    ways : tuple of tuples of (int, bool)
        The conditions, by their number, that hold or do not hold on each way.
    n : int
        How many conditions there are.
    """

    __props__ = ("op", "types", "ways", "n")

    def __init__(self, op, types, ways, n):
        self.op, self.types, self.ways, self.n = op, types, ways, n
        self.view_map, self.destroy_map = (
            {out: [n + i for i in inputs] for out, inputs in places.items()} for places in (op.view_map, op.destroy_map)
        )

    def make_node(self, *inputs):
        return Apply(self, list(inputs), [kind() for kind in self.types])

    def perform(self, node, inputs, output_storage):
        raise NotImplementedError("only Numba runs nodes that ask whether they are needed")


def when_needed(fgraph):
    """Give for each node the ways in which it is needed.

    Returns
    -------
    dict of Apply to frozenset of frozensets of (condition, bool)
        A way is a set of conditions that hold or do not hold; the empty one always leads there.
    """
    needed = {}
    for node in reversed(fgraph.toposort()):
        clients = [client for out in node.outputs for client in fgraph.clients[out]]
        needed[node] = _fewest(way for client, i in clients for way in _ways_through(client, i, needed))
    return needed


def _ways_through(client, i, needed):
    if isinstance(client.op, Output):
        return ALWAYS
    if not isinstance(client.op, IfElse) or i == 0:
        return needed[client]
    condition, branch = client.inputs[0], i <= client.op.n_outs
    return {way | {(condition, branch)} for way in needed[client] if (condition, not branch) not in way}


def _fewest(ways):
    """Leave out ways that others contain, and a condition that may hold or not."""
    ways = set(ways)
    merged = {way - {(c, holds)} for way in ways for c, holds in way if way - {(c, holds)} | {(c, not holds)} in ways}
    if merged - ways:
        return _fewest(ways | merged)
    return frozenset(way for way in ways if not any(other < way for other in ways))


def with_branches(fgraph):
    """Give a copy of the graph in which nodes are computed where they are needed.

    Returns
    -------
    FunctionGraph or None
        None where a node of a branch gives what Numba has no empty value for, or there are too many ways.
    """
    graph = own_copy(fgraph)
    for node, ways in when_needed(graph).items():
        if ways == ALWAYS or isinstance(node.op, IfElse | MakeSlice):
            continue
        if len(ways) > MOST or any(type(out.type) not in (TensorType, ScalarType) for out in node.outputs):
            return None
        conditions = list(dict.fromkeys(c for way in ways for c, _ in way))
        places = tuple(sorted(tuple(sorted((conditions.index(c), holds) for c, holds in way)) for way in ways))
        op = IfNeeded(node.op, tuple(out.type for out in node.outputs), places, len(conditions))
        new = op.make_node(*conditions, *node.inputs).outputs
        graph.replace_all(zip(node.outputs, new, strict=True), reason="with_branches")
    try:
        graph.toposort()
    except (InconsistencyError, ValueError):  # of what is written in place, a condition comes too late
        return None
    return graph


@register_funcify_and_cache_key(IfNeeded)
def if_needed_kernel(op, node=None, **kwargs):
    inner = Apply(op.op, node.inputs[op.n :], [kind() for kind in op.types])
    function, key = numba_funcify_and_cache_key(op.op, node=inner, **kwargs)
    source = _source(op, len(inner.inputs))
    kernel = numba_njit(compile_numba_function_src(source, "if_needed", {"inner": function, "np": np}))
    return kernel, key and sha256(repr((source, key)).encode()).hexdigest()


def _source(op, n_inputs):
    conditions, inputs = ([f"{letter}{i}" for i in range(n)] for letter, n in (("c", op.n), ("x", n_inputs)))
    tests = [" and ".join(f"c{i}.item() {'!=' if holds else '=='} 0" for i, holds in way) for way in op.ways]
    lines = [
        f"def if_needed({', '.join(conditions + inputs)}):",
        f"    if {' or '.join(f'({test})' for test in tests)}:",
        f"        return inner({', '.join(inputs)})",
        f"    return {', '.join(map(_empty, op.types))}",
    ]
    return "\n".join(lines)


def _empty(kind):
    name = "bool_" if kind.dtype == "bool" else kind.dtype
    return f"np.empty({(0,) * kind.ndim}, np.{name})" if isinstance(kind, TensorType) else f"np.{name}(0)"
