"""``theano.scan``."""

import pytensor

from ptembed._pytensor import without_deprecations
from ptembed.theano.updates import OrderedUpdates

__all__ = ["scan"]


def scan(
    fn,
    sequences=None,
    outputs_info=None,
    non_sequences=None,
    n_steps=None,
    truncate_gradient=-1,
    go_backwards=False,
    mode=None,
    name=None,
    profile=False,
    allow_gc=None,
    strict=False,
    return_list=False,
):
    """Loop ``fn`` over the leading axis of ``sequences``, with its own earlier results.

    Parameters
    ----------
    fn : callable
        One step: takes slices of the sequences, earlier outputs, non-sequences; returns outputs, and updates if any.
    sequences, outputs_info, non_sequences, n_steps, truncate_gradient, go_backwards, mode, name, profile, allow_gc, \
strict, return_list
        As in Theano.

    Returns
    -------
    outputs : variable or list of variables
        Each output with the steps along a new leading axis.
    updates : OrderedUpdates
        The updates of shared variables that the steps make.
    """
    with without_deprecations():
        outputs, updates = pytensor.scan(
            fn,
            sequences=sequences,
            outputs_info=outputs_info,
            non_sequences=non_sequences,
            n_steps=n_steps,
            truncate_gradient=truncate_gradient,
            go_backwards=go_backwards,
            mode=mode,
            name=name,
            profile=profile,
            allow_gc=allow_gc,
            strict=strict,
            return_list=return_list,
            return_updates=True,
        )
    return outputs, OrderedUpdates(updates)
