"""The names of Theano's GPU back ends, where everything runs on the CPU.

A program that asks whether there is a GPU is told that there is none; a program that only moves values there and back
goes on with them as they are. Classes of variables and Ops of the GPU exist, so that ``isinstance`` can be asked, and
have no instances. All else says so when it is used (:func:`gpu_getattr`).

Read next: :mod:`ptembed.theano.gpuarray`, :mod:`ptembed.theano.sandbox.cuda`.
"""

import sys

from ptembed.theano._gone import GoneError, _is_from_import

__all__ = [
    "ContextNotDefined",
    "dnn_available",
    "gpu_getattr",
    "identity",
    "is_marker",
    "marker",
    "pickled",
    "unpickled",
    "use",
]


class ContextNotDefined(ValueError):
    """There is no GPU of that name: there is none at all."""


def gpu_getattr(module):
    """Make the ``__getattr__`` of a GPU module: whatever it does not have cannot work without a GPU."""
    public = module.removeprefix("ptembed.")

    def __getattr__(name):
        if name.startswith("__"):
            raise AttributeError(f"module {public!r} has no attribute {name!r}")
        message = f"{public}.{name} is gone: it computed on a GPU, and everything runs on the CPU now; leave it out."
        if _is_from_import(sys._getframe(1)):
            raise ImportError(message, name=name)
        raise GoneError(message)

    return __getattr__


def marker(name, module):
    """Make a class that has no instances.

    Parameters
    ----------
    name : str
        Its name, a GPU class of Theano's.
    module : str
        The ``__name__`` of the module that has it.
    """
    return type(name, (), {"__new__": _refuse, "__module__": module, "__doc__": "Of the GPU: has no instances."})


def pickled(name, module, becomes=object):
    """Make the same of a class that old pickles have: what is read of it is of a class of the CPU.

    Parameters
    ----------
    name, module : str
        As for :func:`marker`.
    becomes : class, optional
        By default what is read has the class made here.
    """

    def __new__(cls, *args, **kwargs):
        return _refuse(cls) if args or kwargs else object.__new__(cls)

    def __setstate__(self, state):
        if becomes is not object:
            self.__class__ = becomes
        getattr(becomes, "__setstate__", _update)(self, state)

    members = {"__new__": __new__, "__init__": _refuse, "__setstate__": __setstate__, "__module__": module}
    return type(becomes)(
        name, (becomes,), members | {"__doc__": "Of the GPU: read from old pickles as one of the CPU."}
    )


def _update(self, state):
    vars(self).update(state)


def is_marker(found):
    """Whether ``found`` is a class that :func:`marker` or :func:`pickled` has made, or one below it."""
    return isinstance(found, type) and _refuse in (found.__new__, found.__init__)


def unpickled(array, context_name=None):
    """An array of a GPU in an old pickle: the same array."""
    return array


def _refuse(cls, *args, **kwargs):
    name = getattr(cls, "__name__", type(cls).__name__)
    raise NotImplementedError(
        f"{name} needs a GPU, and everything runs on the CPU now: leave it out, or use the CPU's class."
    )


def identity(x, *args, **kwargs):
    """``x`` as a symbolic variable: there is no other memory to move it to."""
    from ptembed.theano.tensor import as_tensor_variable

    return as_tensor_variable(x)


def use(device=None, *args, **kwargs):
    """Nothing: everything runs on the CPU, whichever device is named."""


def dnn_available(*args, **kwargs):
    """False."""
    return False
