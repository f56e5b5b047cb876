"""Types of variables on a GPU: none has an instance."""

from ptembed.theano._gpu import ContextNotDefined, gpu_getattr, marker

GpuArrayType = marker("GpuArrayType", __name__)
GpuArrayVariable = marker("GpuArrayVariable", __name__)
GpuArrayConstant = marker("GpuArrayConstant", __name__)
GpuArraySharedVariable = marker("GpuArraySharedVariable", __name__)
GpuContextType = marker("GpuContextType", __name__)

_context_reg: dict = {}
gpu_context_type = None

__getattr__ = gpu_getattr(__name__)


def get_context(name):
    """Raise :class:`ContextNotDefined`: there is no GPU of any name."""
    raise ContextNotDefined(f"context name {name} not defined: there is no GPU, everything runs on the CPU.")


def reg_context(name, ctx):
    """Raise ``NotImplementedError``: there is no GPU to register."""
    raise NotImplementedError(f"There is no GPU to register as {name!r}: everything runs on the CPU, leave it out.")


def list_contexts():
    """No names: there is no GPU."""
    return []


def gpuarray_shared_constructor(value, *args, **kwargs):
    """Raise ``TypeError``, which tells ``theano.shared`` to use the CPU."""
    raise TypeError("Values are shared on the CPU alone: use theano.shared(value).")
