"""A dictionary that cannot change."""

from pytensor.misc.frozendict import frozendict
