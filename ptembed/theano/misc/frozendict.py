"""A dictionary that cannot change."""

from collections import OrderedDict

from pytensor.misc.frozendict import frozendict

__all__ = ["FrozenOrderedDict", "frozendict"]


class FrozenOrderedDict(frozendict):
    """The same, in the order in which it was filled."""

    dict_cls = OrderedDict
