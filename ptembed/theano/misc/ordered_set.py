"""A set that keeps its order."""

import types
from collections.abc import Set

from pytensor.misc.ordered_set import OrderedSet

__all__ = ["OrderedSet", "check_deterministic"]


def check_deterministic(iterable) -> None:
    """Check that the order of ``iterable`` does not change from run to run.

    Raises
    ------
    TypeError
        If it is a set, which has no order, or a dictionary.
    """
    if iterable is None or isinstance(iterable, list | tuple | OrderedSet | types.GeneratorType | str):
        return
    if isinstance(iterable, Set | dict):
        raise TypeError(f"an iterable of a certain order is needed, got {type(iterable)}: give a list.")


class Link:
    """A part of a set in a pickle of Theano's: is read, and has no use."""

    def __setstate__(self, state):
        pass
