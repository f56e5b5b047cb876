"""``ProfileMode``, with which programs measured their functions before Theano 0.9; ``profile=True`` does so today."""

import sys

from ptembed.theano.compile.mode import Mode
from ptembed.theano.compile.profiling import ProfileStats

__all__ = ["ProfileMode"]


class ProfileMode(Mode):
    """A mode whose functions are measured; the measurements are printed at the end of the program.

    Parameters
    ----------
    linker, optimizer
        As of :class:`~ptembed.theano.compile.mode.Mode`.
    **kwargs
        Accepted for old programs: ``profile_stats`` and its like.

    Attributes
    ----------
    profiles : list of ProfileStats
        The measurements of its functions.
    """

    def __init__(self, linker=None, optimizer="default", **kwargs):
        super().__init__(linker, optimizer)
        self.profiles = []

    def new_profile(self, name):
        """The measurements of one more function, called ``name``."""
        self.profiles.append(ProfileStats(message=name))
        return self.profiles[-1]

    def print_summary(self, **kwargs):
        """Print what has been measured so far, to standard error."""
        for profile in self.profiles:
            profile.summary(file=sys.stderr)
