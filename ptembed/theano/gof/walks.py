"""Walks over graphs: what is between inputs and outputs, and in which order it can be computed.

They give lists in Theano's order: programs take their parameters from ``inputs([cost])`` and count on it. Programs find
all this in :mod:`ptembed.theano.gof.graph`.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable

from pytensor.graph.basic import Apply, Variable

__all__ = [
    "ancestors",
    "general_toposort",
    "inputs",
    "io_toposort",
    "is_in_ancestors",
    "list_of_nodes",
    "ops",
    "orphans",
    "stack_search",
    "variables",
    "variables_and_orphans",
    "view_roots",
]


def stack_search(start: deque, expand: Callable, mode: str = "bfs", build_inv: bool = False):
    """Walk over a graph from the nodes ``start``.

    Parameters
    ----------
    start : deque
    expand : callable
        Gives the nodes next to a node, or ``None``.
    mode : {'bfs', 'dfs'}
        Breadth or depth first; depth first begins with the last of ``start``.
    build_inv : bool
        Whether to give, too, a dictionary from a node to the nodes that led to it.

    Returns
    -------
    list
        Each node once; with ``build_inv`` the pair of it and the dictionary.
    """
    if mode not in ("bfs", "dfs"):
        raise ValueError(f"mode must be 'bfs' or 'dfs', got {mode!r}.")
    take = start.popleft if mode == "bfs" else start.pop
    found, seen, came_from = [], set(), defaultdict(list)
    while start:
        node = take()
        if id(node) in seen:
            continue
        found.append(node)
        seen.add(id(node))
        following = list(expand(node) or ())
        start.extend(following)
        if build_inv:
            for other in following:
                came_from[other].append(node)
    return (found, dict(came_from)) if build_inv else found


def ancestors(variable_list: Iterable[Variable], blockers=None) -> list[Variable]:
    """Give the variables that ``variable_list`` is computed from, themselves included.

    Parameters
    ----------
    variable_list : list of Variable
    blockers : collection of Variable, optional
        Variables behind which not to look.
    """

    def expand(variable):
        if variable.owner and (not blockers or variable not in blockers):
            return reversed(variable.owner.inputs)
        return None

    return stack_search(deque(variable_list), expand, "dfs")


def inputs(variable_list: Iterable[Variable], blockers=None) -> list[Variable]:
    """Give those of :func:`ancestors` that nothing computes: inputs, constants and shared variables."""
    return [variable for variable in ancestors(variable_list, blockers) if variable.owner is None]


def variables_and_orphans(i, o) -> tuple[list[Variable], list[Variable]]:
    """Give the variables between ``i`` and ``o``, and those of them that are needed beside ``i``.

    Returns
    -------
    list, list
        All variables from ``i`` to ``o`` (both included), and the orphans: computed by nothing and not in ``i``.
    """
    given = set(i)

    def expand(variable):
        if variable.owner and variable not in given:
            following = list(variable.owner.inputs) + list(variable.owner.outputs)
            following.reverse()
            return following
        return None

    found = stack_search(deque(o), expand, "dfs")
    return found, [v for v in found if v.owner is None and v not in given]


def ops(i, o) -> set[Apply]:
    """Give the set of nodes between the variables ``i`` and ``o``."""
    found, without_owner = variables_and_orphans(i, o)
    outside = {*i, *without_owner}
    return {v.owner for v in found if v not in outside and v.owner is not None}


def variables(i, o) -> list[Variable]:
    """Give the variables between ``i`` and ``o``, both included."""
    return variables_and_orphans(i, o)[0]


def orphans(i, o) -> list[Variable]:
    """Give the variables beside ``i`` from which ``o`` is computed."""
    return variables_and_orphans(i, o)[1]


def general_toposort(
    outputs, deps: Callable, debug_print=False, compute_deps_cache=None, deps_cache=None, clients: dict | None = None
) -> list:
    """Order what ``outputs`` depend on so that each comes after all that it needs.

    Parameters
    ----------
    outputs : iterable
    deps : callable
        Gives what an object depends on.
    debug_print : bool
        Without effect.
    compute_deps_cache, deps_cache : callable, dict, optional
        Must be given together: the first gives what an object depends on and remembers it in the second.
    clients : dict, optional
        Filled with what depends on each.

    Raises
    ------
    ValueError
        If they depend on each other in a circle.
    """
    if compute_deps_cache is None:
        known: dict = {} if deps_cache is None else deps_cache

        def compute_deps_cache(obj):
            if obj not in known:
                found = deps(obj) or []
                known[obj] = list(found)
            return known[obj]

        deps_cache = known
    elif deps_cache is None:
        raise ValueError("deps_cache must be given where compute_deps_cache is.")

    reached, waited_for = stack_search(deque(outputs), compute_deps_cache, "dfs", build_inv=True)
    if clients is not None:
        clients.update(waited_for)
    ready = deque(obj for obj in reached if not compute_deps_cache(obj))
    left = {id(obj): len(compute_deps_cache(obj)) for obj in reached}
    done, seen = [], set()
    while ready:
        obj = ready.popleft()
        if id(obj) in seen:
            continue
        done.append(obj)
        seen.add(id(obj))
        for client in waited_for.get(obj, ()):
            left[id(client)] -= 1
            if not left[id(client)]:
                ready.append(client)
    if len(done) != len(reached):
        raise ValueError("graph contains cycles")
    return done


def io_toposort(inputs, outputs, orderings: dict | None = None, clients: dict | None = None) -> list[Apply]:
    """Order the nodes between ``inputs`` and ``outputs`` as they can be computed.

    Parameters
    ----------
    orderings : dict, optional
        For a node (or variable) the nodes that must come before it.
    clients : dict, optional
        Filled with what depends on each node and variable.
    """
    given = set(inputs)
    if not orderings and clients is None:
        return _nodes_in_order(given, outputs)

    def deps(obj):
        before = list((orderings or {}).get(obj, ()))
        if obj in given:
            return before
        if isinstance(obj, Variable):
            return before + ([obj.owner] if obj.owner else [])
        return list(obj.inputs) + before

    found = general_toposort(outputs, deps, clients=clients)
    return [obj for obj in found if isinstance(obj, Apply)]


def _nodes_in_order(given, outputs):
    """Depth first: a node follows its inputs' nodes, in the order of its inputs."""
    computed, order = set(given), []
    to_do = list(reversed(list(outputs)))
    while to_do:
        variable = to_do.pop()
        if variable in computed:
            continue
        node = variable.owner
        missing = [] if node is None else [v for v in node.inputs if v not in computed]
        if missing:
            to_do.append(variable)
            to_do.extend(missing)
            continue
        computed.add(variable)
        if node is not None:
            order.append(node)
            computed.update(node.outputs)
    return order


def view_roots(r: Variable) -> list[Variable]:
    """Give the variables whose memory ``r`` is a view of."""
    node = r.owner
    if node is None:
        return [r]
    view_map = getattr(node.op, "view_map", None) or {}
    # an Op may have its map by output, as PyTensor's do, or by variable
    by_output = {node.outputs[o] if isinstance(o, int) else o: i for o, i in view_map.items()}
    if r not in by_output:
        return [r]
    return [root for i in by_output[r] for root in view_roots(node.inputs[i] if isinstance(i, int) else i)]


def list_of_nodes(inputs, outputs) -> list[Apply]:
    """Give the nodes between ``inputs`` and ``outputs``, the last to be computed first."""
    given = set(inputs)
    return stack_search(
        deque(variable.owner for variable in outputs),
        lambda node: [v.owner for v in node.inputs if v.owner and not any(out in given for out in v.owner.outputs)],
    )


def is_in_ancestors(l_node: Apply, f_node: Apply) -> bool:
    """Whether the node ``f_node`` is computed before ``l_node``, on its way."""
    to_do, seen = [l_node], set()
    while to_do:
        node = to_do.pop()
        if node is f_node:
            return True
        if id(node) not in seen:
            seen.add(id(node))
            to_do.extend(v.owner for v in node.inputs if v.owner is not None)
    return False
