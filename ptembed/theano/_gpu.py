"""The names of Theano's GPU back ends, where everything runs on the CPU.

A program that asks whether there is a GPU is told that there is none; a program that only moves values there and back
goes on with them as they are. Classes of variables and Ops of the GPU exist, so that ``isinstance`` can be asked, and
have no instances. All else says so when it is used (:func:`gpu_getattr`).

Read next: :mod:`ptembed.theano.gpuarray`, :mod:`ptembed.theano.sandbox.cuda`.
"""

import sys

from ptembed.theano._gone import GoneError, _is_from_import

__all__ = ["ContextNotDefined", "dnn_available", "gpu_getattr", "identity", "marker", "use"]


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

    def __new__(cls, *args, **kwargs):
        raise NotImplementedError(
            f"{cls.__name__} needs a GPU, and everything runs on the CPU now: leave it out, or use the CPU's class."
        )

    return type(name, (), {"__new__": __new__, "__module__": module, "__doc__": "Of the GPU: has no instances."})


def identity(x, *args, **kwargs):
    """``x`` as a symbolic variable: there is no other memory to move it to."""
    from ptembed.theano.tensor import as_tensor_variable

    return as_tensor_variable(x)


def use(device=None, *args, **kwargs):
    """Nothing: everything runs on the CPU, whichever device is named."""


def dnn_available(*args, **kwargs):
    """False."""
    return False
