"""Shorter calls of :func:`~ptembed.theano.scan_module.scan.scan`: ``map``, ``reduce``, ``foldl``, ``foldr``."""

from ptembed.theano.scan_module.scan import scan

__all__ = ["foldl", "foldr", "map", "reduce"]


def map(fn, sequences, non_sequences=None, truncate_gradient=-1, go_backwards=False, mode=None, name=None):
    """Apply ``fn`` to each slice; returns the stacked results and the updates, as ``scan`` does."""
    return scan(
        fn,
        sequences,
        outputs_info=[],
        non_sequences=non_sequences,
        truncate_gradient=truncate_gradient,
        go_backwards=go_backwards,
        mode=mode,
        name=name,
    )


def reduce(fn, sequences, outputs_info, non_sequences=None, go_backwards=False, mode=None, name=None):
    """Feed ``fn`` each slice and its own last result; returns the last results alone, and the updates."""
    outputs, updates = scan(
        fn,
        sequences,
        outputs_info=outputs_info,
        non_sequences=non_sequences,
        go_backwards=go_backwards,
        mode=mode,
        name=name,
    )
    last = [output[-1] for output in outputs] if isinstance(outputs, list | tuple) else outputs[-1]
    return last, updates


def foldl(fn, sequences, outputs_info, non_sequences=None, mode=None, name=None):
    """:func:`reduce` from the first slice to the last."""
    return reduce(fn, sequences, outputs_info, non_sequences, go_backwards=False, mode=mode, name=name)


def foldr(fn, sequences, outputs_info, non_sequences=None, mode=None, name=None):
    """:func:`reduce` from the last slice to the first."""
    return reduce(fn, sequences, outputs_info, non_sequences, go_backwards=True, mode=mode, name=name)
