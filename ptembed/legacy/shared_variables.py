"""What Theano's shared variables took and PyTensor's reject, or take in another sense.

=========================  ================================  ==========================================================
call                       PyTensor                          here
=========================  ================================  ==========================================================
``del s.default_update``   ``AttributeError``                there is none any more, as in Theano
``s.value``                ``AttributeError``                the same, naming ``get_value`` and ``set_value``
``s.value = x``            an attribute without an effect    the same error, as in Theano
=========================  ================================  ==========================================================
"""

from pytensor.compile.sharedvalue import SharedVariable

__all__ = ["extend", "restore"]

_original: list[property] = []


def extend() -> None:
    """Give PyTensor's shared variables the calls of the table above."""
    if not _original:
        given = vars(SharedVariable)["default_update"]
        _original.append(given)
        _set(default_update=given.deleter(_forget_update), value=property(_no_value, _no_value))


def restore() -> None:
    """Take back what :func:`extend` did."""
    if _original:
        _set(default_update=_original.pop())
        delattr(SharedVariable, "value")


def _set(**properties: property) -> None:
    for name, made in properties.items():
        setattr(SharedVariable, name, made)


def _forget_update(self):
    self._default_update = None


def _no_value(self, *new):
    raise AttributeError(
        "sharedvar.value does not exist anymore. Use sharedvar.get_value() or sharedvar.set_value() instead."
    )
