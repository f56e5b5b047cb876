"""What loops are made with: fresh variables, the end of a loop, copies and comparisons of graphs."""

import warnings
from collections import OrderedDict

import numpy as np
from pytensor.compile.builders import infer_shape
from pytensor.graph.basic import Constant, equal_computations
from pytensor.graph.replace import clone_replace
from pytensor.scan import basic
from pytensor.scan.utils import (
    ScanArgs,
    Validator,
    expand_empty,
    forced_replace,
    reconstruct_graph,
    safe_new,
    until,
)
from pytensor.tensor.basic import get_scalar_constant_value
from pytensor.tensor.exceptions import NotScalarConstantError

from ptembed.theano._gone import getattr_of
from ptembed.theano.scan_module.map_variables import map_variables

__all__ = [
    "Validator",
    "clone",
    "equal_computations",
    "expand_empty",
    "forced_replace",
    "get_updates_and_outputs",
    "hash_listsDictsTuples",
    "infer_shape",
    "isNaN_or_Inf_or_None",
    "map_variables",
    "reconstruct_graph",
    "safe_new",
    "scan_args",
    "traverse",
    "until",
]

scan_args = ScanArgs
DEPRECATED_ARG = object()

_REWRITE = ("the rewrite of loops that needed it is PyTensor's own now", "pytensor.scan.rewriting")

__getattr__ = getattr_of(__name__, dict.fromkeys(["compress_outs", "scan_can_remove_outs"], _REWRITE))


def clone(output, replace=None, strict=True, share_inputs=True, copy_inputs=DEPRECATED_ARG):
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
    copy_inputs : bool
        The old name of ``share_inputs``.

    Raises
    ------
    TypeError
        If ``strict`` and a type does not fit.
    ValueError
        If ``replace`` is neither a dict nor pairs.
    """
    if copy_inputs is not DEPRECATED_ARG:
        warnings.warn("The argument `copy_inputs` of clone has been renamed: use `share_inputs`.", stacklevel=2)
        share_inputs = copy_inputs
    return clone_replace(output, replace, rebuild_strict=strict, copy_inputs_over=share_inputs)


def get_updates_and_outputs(ls):
    """Sort what a step returns.

    Parameters
    ----------
    ls : variable, list, dict or tuple of these, with an ``until`` at the end if any

    Returns
    -------
    condition : variable or None
    outputs : list of variables
    updates : OrderedDict

    Raises
    ------
    ValueError
        If ``ls`` holds something that is not symbolic, or in another order than outputs, updates, ``until``.
    """
    condition, outputs, updates = basic.get_updates_and_outputs(ls)
    return condition, outputs, OrderedDict(updates)


def traverse(out, x, x_copy, d, visited=None):
    """``d`` as it is: it would collect what replaces transfers from a GPU, and there are none."""
    return d


def hash_listsDictsTuples(x):
    """A hash of nested lists, tuples and dicts, whatever the order of their elements."""
    parts = [*x.keys(), *x.values()] if isinstance(x, dict) else x
    if not isinstance(parts, list | tuple):
        return hash(parts)
    total = 0
    for part in parts:
        total ^= hash_listsDictsTuples(part)
    return total


def isNaN_or_Inf_or_None(x):
    """Whether ``x`` says nothing: None, NaN, an infinity, or a constant text."""
    if x is None or (isinstance(x, Constant) and isinstance(x.data, str)):
        return True
    try:
        return not np.isfinite(get_scalar_constant_value(x))
    except (NotScalarConstantError, TypeError, ValueError):
        return False
