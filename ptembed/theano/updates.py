"""The dictionary of updates that ``scan`` returns and ``function`` takes."""

from collections import OrderedDict

from pytensor.compile.sharedvalue import SharedVariable

__all__ = ["OrderedUpdates"]


class OrderedUpdates(OrderedDict):
    """Shared variables and their new values; ``a + b`` joins two of them.

    Raises
    ------
    TypeError
        If a key is not a shared variable.
    KeyError
        If ``+`` or ``update`` brings a second, different value for a key.
    """

    def __setitem__(self, key, value):
        if not isinstance(key, SharedVariable):
            raise TypeError("OrderedUpdates keys must inherit from SharedVariable", key)
        super().__setitem__(key, value)

    def update(self, other=None):
        for key, value in dict(other or {}).items():
            if key in self and self[key] is not value:
                raise KeyError("Collision", key)
            self[key] = value

    def __add__(self, other):
        joined = OrderedUpdates(self)
        joined.update(other)
        return joined

    __radd__ = __add__
