"""Types of variables on a GPU: none has an instance."""

from pytensor.link.c.type import generic as gpu_context_type
from pytensor.tensor.sharedvar import TensorSharedVariable
from pytensor.tensor.variable import TensorConstant, TensorVariable

from ptembed.theano._gpu import ContextNotDefined, gpu_getattr, marker, pickled
from ptembed.theano._gpu import unpickled as GpuArray_unpickler
from ptembed.theano.tensor.type import TensorType

GpuArrayType = pickled("GpuArrayType", __name__, TensorType)
GpuArrayVariable = pickled("GpuArrayVariable", __name__, TensorVariable)
GpuArrayConstant = pickled("GpuArrayConstant", __name__, TensorConstant)
GpuArraySharedVariable = pickled("GpuArraySharedVariable", __name__, TensorSharedVariable)
GpuContextType = marker("GpuContextType", __name__)

_context_reg: dict = {}

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
