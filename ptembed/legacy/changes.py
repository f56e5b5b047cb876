"""Attributes of other libraries' classes and modules, set for a while and put back."""

import warnings
from types import ModuleType

__all__ = ["Changes"]

_ABSENT = object()


class Changes:
    """What has been set so far, and what was there before.

    Examples
    --------
    >>> import fractions
    >>> changes = Changes()
    >>> changes.set(fractions.Fraction, "half", fractions.Fraction(1, 2))
    >>> fractions.Fraction.half
    Fraction(1, 2)
    >>> changes.undo()
    >>> hasattr(fractions.Fraction, "half")
    False
    """

    def __init__(self) -> None:
        self._before: dict[tuple[object, str], object] = {}

    def set(self, owner: object, name: str, value: object) -> None:
        """Set the attribute ``name`` of ``owner`` until :meth:`undo`; one that is set already stays as it is."""
        if (owner, name) not in self._before:
            self._before[owner, name] = _own(owner, name)
            setattr(owner, name, value)

    def add(self, owner: object, name: str, value: object) -> None:
        """The same where ``owner`` has no such attribute, else nothing."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy warns of names that it may bring back
            absent = not hasattr(owner, name)
        if absent:
            self.set(owner, name, value)

    def undo(self) -> None:
        """Put everything back, the last first."""
        while self._before:
            (owner, name), value = self._before.popitem()
            if value is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, value)


def _own(owner: object, name: str) -> object:
    """The attribute itself: of a class not what it inherits, nor what a property gives."""
    return vars(owner).get(name, _ABSENT) if isinstance(owner, type | ModuleType) else getattr(owner, name)
