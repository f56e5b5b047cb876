"""How many processors there are."""

import os

__all__ = ["cpuCount"]


def cpuCount():
    """The number of processors; -1 where it is not known."""
    return os.cpu_count() or -1
