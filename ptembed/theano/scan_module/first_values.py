"""Test values of the variables that the step of a loop is written on."""

from ptembed.theano.configparser import config
from ptembed.theano.gof.op import get_test_value

__all__ = ["with_first_values"]


def with_first_values(fn, sequences, outputs_info):
    """Let ``fn`` have the test values of the first step, where the flag ``compute_test_value`` is not ``off``.

    Parameters
    ----------
    fn : callable
    sequences, outputs_info
        As :func:`theano.scan` takes them.

    Returns
    -------
    callable
        ``fn``, or what calls it with the ``tag.test_value`` of its arguments set as far as they are known.
    """
    if config.compute_test_value == "off":
        return fn
    firsts = [first for given in _list(sequences) for first in _first(given, "input", [0])]
    firsts += [first for given in _list(outputs_info) for first in _first(given, "initial", [-1])]

    def step(*args):
        for argument, first in zip(args, firsts, strict=False):
            try:
                argument.tag.test_value = get_test_value(first)
            except AttributeError:
                continue
        return fn(*args)

    return step


def _list(given):
    if given is None:
        return []
    return list(given) if isinstance(given, list | tuple) else [given]


def _first(given, key, taps):
    """What ``fn`` sees of a sequence or state at the first step, one for each tap; nothing of an output alone."""
    if isinstance(given, dict):
        taps = given.get("taps", taps)
        given = given.get(key)
    if given is None or taps is None:
        return []
    taps = list(taps) if isinstance(taps, list | tuple) else [taps]
    if key == "initial" and taps == [-1]:
        return [given]
    return [given[tap - min(*taps, 0)] for tap in taps]
