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

from ptembed.legacy.changes import Changes

__all__ = ["extend", "restore"]

_changes = Changes()
restore = _changes.undo


def extend() -> None:
    """Give PyTensor's shared variables the calls of the table above."""
    _changes.set(SharedVariable, "default_update", vars(SharedVariable)["default_update"].deleter(_forget_update))
    _changes.set(SharedVariable, "value", property(_no_value, _no_value))


def _forget_update(self):
    self._default_update = None


def _no_value(self, *new):
    raise AttributeError(
        "sharedvar.value does not exist anymore. Use sharedvar.get_value() or sharedvar.set_value() instead."
    )
