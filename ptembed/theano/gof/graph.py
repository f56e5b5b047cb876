"""Variables and applications of Ops; copies, comparisons and texts of their graphs, and walks over them.

Read :mod:`ptembed.theano.gof.walks` for the latter.
"""

import contextlib
from collections import Counter, deque
from copy import copy as shallow

from pytensor.graph.basic import (
    Apply,
    Constant,
    Node,
    Variable,
    default_node_formatter,
    equal_computations,
)
from pytensor.graph.fg import FunctionGraph
from pytensor.graph.op import io_connection_pattern
from pytensor.graph.rewriting.basic import MergeOptimizer

from ptembed.theano.gof.walks import (
    ancestors,
    general_toposort,
    inputs,
    io_toposort,
    is_in_ancestors,
    list_of_nodes,
    ops,
    orphans,
    stack_search,
    variables,
    variables_and_orphans,
    view_roots,
)
from ptembed.theano.misc.ordered_set import OrderedSet

__all__ = [
    "Apply",
    "Constant",
    "NoParams",
    "Node",
    "OrderedSet",
    "Variable",
    "ancestors",
    "as_string",
    "clone",
    "clone_get_equiv",
    "default_leaf_formatter",
    "default_node_formatter",
    "deque",
    "equal_computations",
    "general_toposort",
    "inputs",
    "io_connection_pattern",
    "io_toposort",
    "is_in_ancestors",
    "is_same_graph",
    "is_same_graph_with_merge",
    "list_of_nodes",
    "nodes_constructed",
    "op_as_string",
    "ops",
    "orphans",
    "stack_search",
    "variables",
    "variables_and_orphans",
    "view_roots",
]

NoParams = object()
default_leaf_formatter = str


def clone(i, o, copy_inputs: bool = True, copy_orphans: bool | None = None) -> tuple[list, list]:
    """Copy the graph between ``i`` and ``o``.

    Parameters
    ----------
    i, o : list of Variable
    copy_inputs : bool
        Whether ``i`` are copied, too.
    copy_orphans : bool, optional
        Whether what nothing computes beside ``i``, constants above all, is copied; ``copy_inputs`` by default.

    Returns
    -------
    list, list
        The inputs and the outputs of the copy.
    """
    equiv = clone_get_equiv(i, o, copy_inputs, copy_inputs if copy_orphans is None else copy_orphans)
    return [equiv[variable] for variable in i], [equiv[variable] for variable in o]


def clone_get_equiv(inputs, outputs, copy_inputs=True, copy_orphans=True, memo: dict | None = None) -> dict:
    """Copy the graph between ``inputs`` and ``outputs``; give the dictionary from its parts to their copies.

    Parameters
    ----------
    memo : dict, optional
        Copies that exist already; it is filled.
    """
    memo = {} if memo is None else memo
    for variable in inputs:
        memo.setdefault(variable, _copied(variable) if copy_inputs else variable)
    for node in io_toposort(inputs, outputs):
        for variable in node.inputs:
            if variable not in memo:
                memo[variable] = _copied(variable) if copy_orphans else variable
        if node not in memo:
            _clone_node(node, memo)
    for variable in outputs:
        if variable not in memo:
            memo[variable] = _copied(variable)
    return memo


def _copied(variable):
    if not isinstance(variable, Constant):
        return variable.clone()
    copy = type(variable)(variable.type, variable.data, variable.name)
    copy.tag = shallow(variable.tag)
    return copy


def _clone_node(node, memo):
    copy = node.clone_with_new_inputs([memo[variable] for variable in node.inputs])
    memo[node] = copy
    for old, new in zip(node.outputs, copy.outputs, strict=True):
        memo.setdefault(old, new)


def is_same_graph(var1: Variable, var2: Variable, givens=None, debug: bool = False) -> bool:
    """Whether two variables are computed in the same way.

    Parameters
    ----------
    var1, var2 : Variable
    givens : dict or list of pairs, optional
        What to replace by what before comparing.
    debug : bool
        Without effect.
    """
    del debug
    return is_same_graph_with_merge(var1, var2, givens)


def is_same_graph_with_merge(var1: Variable, var2: Variable, givens=None) -> bool:
    """Compare as :func:`is_same_graph` does."""
    givens = dict(givens or {})
    all_variables = [var1, var2, *givens, *givens.values()]
    roots = [v for v in inputs(all_variables) if not isinstance(v, Constant)]
    copies = clone_get_equiv(roots, all_variables)
    fgraph = FunctionGraph([copies[v] for v in roots], [copies[var1], copies[var2]], clone=False)
    for old, new in givens.items():
        if copies[old] in fgraph.variables:
            fgraph.replace(copies[old], copies[new], reason="givens")
    MergeOptimizer().rewrite(fgraph)
    same, other = fgraph.outputs
    return same is other


def op_as_string(i, op, leaf_formatter=default_leaf_formatter, node_formatter=default_node_formatter) -> str:
    """Write the node ``op`` with its inputs, from the variables ``i`` on."""
    return node_formatter(op, as_string(i, op.inputs, leaf_formatter, node_formatter))


def as_string(i, o, leaf_formatter=default_leaf_formatter, node_formatter=default_node_formatter) -> list[str]:
    """Write each of the variables ``o`` as an expression of the variables ``i``.

    What occurs more than once is numbered: ``"Add(*1 -> Mul(a, b), *1)"``.

    Parameters
    ----------
    leaf_formatter : callable
        Writes a variable.
    node_formatter : callable
        Writes a node, given the texts of its inputs.
    """
    given = set(i)
    shared = _used_more_than_once(given, o)
    numbers: dict[Apply, int] = {}

    def write(variable):
        node = variable.owner
        if node is None or variable in given:
            return leaf_formatter(variable)
        if node in numbers:
            output = f"::{variable.index}" if len(node.outputs) > 1 else ""
            return f"*{numbers[node]}{output}"
        text = node_formatter(node, [write(v) for v in node.inputs])
        if node not in shared:
            return text
        numbers[node] = len(numbers) + 1
        return f"*{numbers[node]} -> {text}"

    return [write(variable) for variable in o]


def _used_more_than_once(given, o) -> set[Apply]:
    used = [*o, *(variable for node in io_toposort(given, o) for variable in node.inputs)]
    uses = Counter(variable.owner for variable in used if variable not in given)
    return {node for node, count in uses.items() if count > 1}


@contextlib.contextmanager
def nodes_constructed():
    """A list of the variables that are made in the ``with`` block.

    Examples
    --------
    >>> from ptembed.theano import tensor
    >>> with nodes_constructed() as made:
    ...     x = tensor.dscalar("x")
    >>> made
    [x]
    """
    made: list[Variable] = []
    number = Variable.__init__

    def remember(self, *args, **kwargs):
        number(self, *args, **kwargs)
        made.append(self)

    Variable.__init__ = remember
    try:
        yield made
    finally:
        Variable.__init__ = number
