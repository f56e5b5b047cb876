"""Copies of graphs, and the end of a loop."""

from pytensor.graph.replace import clone_replace
from pytensor.scan.utils import until

__all__ = ["clone", "until"]


def clone(output, replace=None, strict=True, share_inputs=True):
    """A copy of a graph, with other variables in place of some of its own.

    Parameters
    ----------
    output : variable or list of variables
    replace : dict or pairs, optional
        Each variable and what takes its place.
    strict : bool
        Whether both must be of one type; else the graph is built anew for the other type.
    share_inputs : bool
        Whether the copy has the inputs and shared variables of the original; else copies of them.

    Raises
    ------
    TypeError
        If ``strict`` and a type does not fit.
    """
    return clone_replace(output, replace, rebuild_strict=strict, copy_inputs_over=share_inputs)
