"""``theano.shared``."""

import pytensor
from pytensor.compile.sharedvalue import SharedVariable, shared_constructor

__all__ = ["SharedVariable", "shared", "shared_constructor"]


def shared(value, name=None, strict=False, allow_downcast=None, target="cpu", **kwargs):
    """A variable whose value lives on between calls of compiled functions.

    Parameters
    ----------
    value : array, number, sparse matrix or any object
        Its first value; copied unless ``borrow=True``.
    name : str, optional
    strict, allow_downcast
        Whether later values must have the dtype exactly, or may lose precision.
    target : str
        Theano's name of a device. All is on the CPU here; accepted for old programs.
    **kwargs
        ``borrow``, ``broadcastable``.

    Returns
    -------
    SharedVariable

    Raises
    ------
    TypeError
        If ``value`` is symbolic.
    """
    return pytensor.shared(value, name=name, strict=strict, allow_downcast=allow_downcast, **kwargs)
