"""What makes old Theano programs run: the name ``theano``, and the runner of scripts.

Read :mod:`ptembed.legacy.activation` first.
"""

from ptembed.legacy.activation import activate, deactivate, is_active

__all__ = ["activate", "deactivate", "is_active"]
