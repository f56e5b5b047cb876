"""Orders of nodes by what they need and by rules of preference."""

from functools import cmp_to_key

from ptembed.theano import _gone
from ptembed.theano.gof.walks import is_in_ancestors, list_of_nodes

__all__ = ["key_to_cmp", "make_depends", "reverse_dict", "sort_apply_nodes", "sort_schedule_fn"]


def key_to_cmp(key):
    """The comparison ``-1, 0, 1`` that a key function makes."""
    return lambda a, b: (key(a) > key(b)) - (key(a) < key(b))


def make_depends():
    """Make ``depends((a, b))``: whether the node ``a`` needs the node ``b``, or a variable of it."""
    return lambda pair: pair[0] is not pair[1] and is_in_ancestors(*pair)


def reverse_dict(d: dict) -> dict:
    """Give for each value in the lists ``d[key]`` the tuple of its keys."""
    found: dict = {}
    for key, values in d.items():
        for value in values:
            found[value] = (*found.get(value, ()), key)
    return found


def sort_apply_nodes(inputs, outputs, cmps) -> list:
    """Order the nodes between ``inputs`` and ``outputs``: needs first, then the comparisons ``cmps``."""
    left = list_of_nodes(inputs, outputs)
    inside, done, order = set(left), set(), []

    def prefer(a, b):
        return next((c for compare in cmps if (c := compare(a, b))), 0)

    while left:
        ready = [n for n in left if all(v.owner is None or v.owner in done or v.owner not in inside for v in n.inputs)]
        node = min(ready, key=cmp_to_key(prefer))
        order.append(node)
        done.add(node)
        left.remove(node)
    return order


def sort_schedule_fn(*cmps):
    """Make the ``schedule`` of a linker from comparisons of nodes."""

    def schedule(fgraph):
        return sort_apply_nodes(fgraph.inputs, fgraph.outputs, cmps)

    return schedule


_ONE = ("PyTensor orders nodes itself", "theano.gof.sched.sort_apply_nodes")
__getattr__ = _gone.getattr_of(__name__, dict.fromkeys(("make_dependence_cmp", "memodict", "posort"), _ONE))
