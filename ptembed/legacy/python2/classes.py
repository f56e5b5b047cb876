"""Classes as Python 2 made them: the special methods that have another name now.

``__build_class__`` is the function behind a ``class`` statement; a translated module gets this one.
"""

import builtins
from collections.abc import Callable

from ptembed.legacy.python2.objects import compare

__all__ = ["build_class"]

_RENAMED = {
    **{"next": "__next__", "__nonzero__": "__bool__", "__unicode__": "__str__", "__div__": "__truediv__"},
    **{"__rdiv__": "__rtruediv__", "__idiv__": "__itruediv__", "__long__": "__int__"},
}
_ORDER: dict[str, Callable[[int], bool]] = {
    **{"__lt__": lambda order: order < 0, "__le__": lambda order: order <= 0, "__gt__": lambda order: order > 0},
    **{"__ge__": lambda order: order >= 0, "__eq__": lambda order: order == 0, "__ne__": lambda order: order != 0},
}


def build_class(body, name, *bases, **keywords):
    """Make the class, then give it the methods of Python 3 for those of Python 2 that it has itself."""
    made = builtins.__build_class__(body, name, *bases, **keywords)
    if isinstance(made, type):
        own = dict(vars(made))
        for old, new in _RENAMED.items():
            if old in own and new not in own:
                setattr(made, new, own[old])
        if "__cmp__" in own:
            _order_by_cmp(made, own)
        if "__getslice__" in own:
            made.__getitem__ = _slicing(own.get("__getitem__", getattr(made, "__getitem__", None)))
        if own.get("__hash__", made) is None and "__hash__" not in body.__code__.co_names:
            made.__hash__ = super(made, made).__hash__  # Python 3 takes it away where there is an __eq__
    return made


def _order_by_cmp(made: type, own: dict) -> None:
    for name, holds in _ORDER.items():
        if name not in own:
            setattr(made, name, lambda self, other, holds=holds: holds(compare(self, other)))


def _slicing(getitem):
    def __getitem__(self, key):
        if isinstance(key, slice) and key.step is None:
            start, stop = (key.start or 0), (key.stop if key.stop is not None else len(self))
            size = len(self) if start < 0 or stop < 0 else 0
            return self.__getslice__(start + size * (start < 0), stop + size * (stop < 0))
        return getitem(self, key)

    return __getitem__
