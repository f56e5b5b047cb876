"""``theano.shared``."""

import logging

import pytensor
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Variable
from pytensor.link.basic import Container
from pytensor.link.c.type import generic

from ptembed._pytensor import without_deprecations

__all__ = ["SharedVariable", "generic", "generic_constructor", "shared", "shared_constructor"]

_logger = logging.getLogger("theano.compile.sharedvalue")


def shared(value, name=None, strict=False, allow_downcast=None, **kwargs):
    """A variable whose value lives on between calls of compiled functions.

    Parameters
    ----------
    value : array, number, sparse matrix or any object
        Its first value; copied unless ``borrow=True``.
    name : str, optional
    strict, allow_downcast
        Whether later values must have the dtype exactly, or may lose precision.
    **kwargs
        ``borrow``; ``broadcastable``, one bool for each dimension; ``target``, Theano's name of a device, accepted for
        old programs: all is on the CPU here.

    Returns
    -------
    SharedVariable

    Raises
    ------
    TypeError
        If ``value`` is symbolic, or no constructor takes it with these arguments.
    """
    if isinstance(value, Variable):
        raise TypeError(f"Shared variable constructor needs numeric values and not symbolic variables, got {value}.")
    kwargs.pop("target", None)
    for constructor in (*reversed(shared.constructors), pytensor.shared, generic_constructor):
        try:
            with without_deprecations():
                return constructor(value, name=name, strict=strict, allow_downcast=allow_downcast, **kwargs)
        except TypeError:
            continue
    raise TypeError(
        "No suitable SharedVariable constructor could be found. Are you sure all kwargs are supported? "
        f'We do not support the parameter dtype or type. value="{value}". parameters="{kwargs}"'
    )


shared.constructors = []  # type: ignore[attr-defined]


def shared_constructor(ctor, remove=False):
    """Let :func:`shared` try ``ctor(value, name=, strict=, allow_downcast=, **kwargs)`` before what it knows.

    The constructor raises ``TypeError`` for a value that is not for it. With ``remove=True`` it is tried no more.
    """
    if remove:
        shared.constructors.remove(ctor)
    else:
        shared.constructors.append(ctor)
    return ctor


def generic_constructor(value, name=None, strict=False, allow_downcast=None):
    """A shared variable that may hold any object."""
    return SharedVariable(type=generic, value=value, name=name, strict=strict, allow_downcast=allow_downcast)
