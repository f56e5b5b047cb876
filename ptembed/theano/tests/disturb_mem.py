"""Shifts where objects lie in memory, to find out what depends on it."""

from datetime import datetime

__all__ = ["disturb_mem"]

_held: list = []


def disturb_mem():
    """Hold some lists, how many and how long depends on the time, until the next call."""
    length, number = divmod(datetime.now().microsecond, 1000)
    _held[:] = [[0] * length for _ in range(number)]
