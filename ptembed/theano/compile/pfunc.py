"""``function`` under its older name, and what it is made of."""

import logging
import warnings

from pytensor.compile.rebuild import construct_function_ins_and_outs
from pytensor.compile.rebuild import rebuild_collect_shared as pytensor_rebuild
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Constant, Variable
from pytensor.tensor.basic import Alloc
from pytensor.tensor.elemwise import DimShuffle, Elemwise

from ptembed.theano.compile.function_module import UnusedInputError, orig_function, theanos_words
from ptembed.theano.compile.io import In, Out
from ptembed.theano.compile.rebroadcast import Rebroadcast
from ptembed.theano.compile.sharedvalue import shared
from ptembed.theano.configparser import config

__all__ = ["Param", "iter_over_pairs", "pfunc", "rebuild_collect_shared"]

_logger = logging.getLogger("theano.compile.pfunc")


class Param(In):
    """An input with a default value, as before Theano 0.8: ``Param(x, default=1)`` is ``In(x, value=1)``."""

    def __init__(
        self,
        variable,
        default=None,
        name=None,
        mutable=False,
        strict=False,
        allow_downcast=None,
        implicit=None,
        borrow=None,
    ):
        warnings.warn(
            "The Param class is deprecated. Replace Param(default=N) by theano.In(value=N)", UserWarning, stacklevel=2
        )
        super().__init__(
            variable,
            name=name,
            value=default,
            mutable=mutable,
            strict=strict,
            allow_downcast=allow_downcast,
            implicit=implicit,
            borrow=borrow,
        )


def rebuild_collect_shared(
    outputs,
    inputs=None,
    replace=None,
    updates=None,
    rebuild_strict=True,
    copy_inputs_over=True,
    no_default_updates=False,
):
    """A copy of a graph with some of it replaced, and the shared variables and updates found in it.

    Parameters
    ----------
    outputs : variable, ``Out``, or list of them
    inputs : list of variables, optional
    replace, updates : dict or pairs, optional
        Each variable and what takes its place; each shared variable and its new value.
    rebuild_strict : bool
        Whether what takes a variable's place must be of its type.
    copy_inputs_over : bool
        Whether the copy has the inputs of the original.
    no_default_updates : bool or list of shared variables

    Returns
    -------
    inputs, outputs : lists of variables
    [copies, updates, update_pairs, shared] : list
        The copy of each variable; each shared variable's update, as a dict and as pairs; the shared variables.

    Raises
    ------
    TypeError
        If a shared variable is an input, or an update does not fit.
    ValueError
        If a variable has two updates.
    """
    updates = checked_updates(updates)
    inputs, outputs, found = pytensor_rebuild(
        outputs, inputs, replace, updates, rebuild_strict, copy_inputs_over, no_default_updates
    )
    return inputs, outputs, list(found)


def pfunc(
    params,
    outputs=None,
    mode=None,
    updates=None,
    givens=None,
    no_default_updates=False,
    accept_inplace=False,
    name=None,
    rebuild_strict=True,
    allow_input_downcast=None,
    profile=None,
    on_unused_input=None,
    output_keys=None,
):
    """:func:`~ptembed.theano.compile.function.function` with its inputs called ``params``.

    ``output_keys`` are the keys under which the outputs are given back, where that is to be a dict.
    """
    if not isinstance(params, list | tuple):
        raise TypeError(f"The inputs of a function must be a list or a tuple, got {type(params).__name__}: write [x].")
    if not isinstance(no_default_updates, bool | list):
        raise TypeError("no_default_update should be either a boolean or a list")
    updates = checked_updates(updates)
    with theanos_words():
        inputs, outputs = construct_function_ins_and_outs(
            [_pfunc_param_to_in(param, allow_downcast=allow_input_downcast) for param in params],
            outputs,
            updates=updates,
            givens=givens,
            no_default_updates=no_default_updates,
            rebuild_strict=rebuild_strict,
        )
    return orig_function(
        inputs,
        outputs,
        mode,
        accept_inplace=accept_inplace,
        name=name,
        profile=profile_of(profile, name, mode),
        on_unused_input=on_unused_input,
        output_keys=output_keys,
    )


def profile_of(profile, name, mode=None):
    """The statistics that a function is to keep: given, made for ``True`` or a title, or what mode or flags say."""
    if profile is None and hasattr(mode, "new_profile"):
        return mode.new_profile(name)
    if profile is None:
        profile = config.profile or config.print_global_stats or None
    if profile is True or isinstance(profile, str):
        from ptembed.theano.compile.profiling import ProfileStats

        return ProfileStats(message=name if profile is True else profile)
    return profile


def checked_updates(updates) -> list:
    """The updates as pairs, with nothing known of lengths that neither the shared variable nor Theano knows.

    PyTensor takes no update that may be broadcast where its shared variable may not. Nor did Theano, but it knew fewer
    lengths: ``T.arange(1)`` was an update for any vector.

    Raises
    ------
    ValueError
        If the updates are no pairs.
    TypeError
        If a target is not shared, or its new value is of another type.
    """
    pairs = list(iter_over_pairs(updates or []))
    if any(isinstance(pair, Variable) or len(pair) != 2 for pair in pairs):
        raise ValueError(
            "The updates parameter must be an OrderedDict/dict or a list of lists/tuples with 2 elements, each of them "
            "a shared variable and its new value"
        )
    return [(target, _checked_update(target, value)) for target, value in pairs]


def _checked_update(target, value):
    if not isinstance(target, SharedVariable):
        raise TypeError("update target must be a SharedVariable", target)
    if not isinstance(value, Variable):
        return value
    patterns = [getattr(kind, "broadcastable", ()) for kind in (value.type, target.type)]
    narrower = [i for i, (new, old) in enumerate(zip(*patterns, strict=False)) if new and not old]
    if not target.type.is_super(value.type) or any(_theano_knew(value, i) for i in narrower):
        raise TypeError(
            "An update must have the same type as the original shared variable "
            f"(shared_var={target}, shared_var.type={target.type}, update_val={value}, update_val.type={value.type}).",
            "If the difference is related to the broadcast pattern, you can call the "
            "tensor.unbroadcast(var, axis_to_unbroadcast[, ...]) function to remove broadcastable dimensions.",
        )
    return Rebroadcast(*[(i, False) for i in narrower])(value) if narrower else value


def _theano_knew(variable, axis) -> bool:
    """Whether Theano too knew that the length of an axis is 1: it was declared, or the axis was inserted."""
    if variable.owner is None or isinstance(variable.owner.op, Alloc):
        return True
    op, inputs = variable.owner.op, variable.owner.inputs
    if isinstance(op, DimShuffle):
        source = op.new_order[axis]
        return source == "x" or _theano_knew(inputs[0], source)
    if isinstance(op, Elemwise):
        return all(_theano_knew(x, axis) for x in inputs)
    return False


def _pfunc_param_to_in(param, strict=False, allow_downcast=None):
    if isinstance(param, Constant):
        raise TypeError("Constants not allowed in param list", param)
    if isinstance(param, Variable):
        return In(param, strict=strict, allow_downcast=allow_downcast)
    if isinstance(param, In):
        return param
    raise TypeError(f"Unknown parameter type: {type(param)}")


def iter_over_pairs(pairs):
    """The pairs of a dict, or of any iterable of pairs."""
    return pairs.items() if isinstance(pairs, dict) else pairs
