"""The newer GPU back end: there is none, see :mod:`ptembed.theano._gpu`."""

from ptembed.theano._gpu import gpu_getattr, use
from ptembed.theano.gpuarray import basic_ops, dnn, fp16_help, opt, subtensor, type
from ptembed.theano.gpuarray.basic_ops import as_gpuarray_variable
from ptembed.theano.gpuarray.type import (
    ContextNotDefined,
    GpuArrayConstant,
    GpuArraySharedVariable,
    GpuArrayType,
    GpuArrayVariable,
    get_context,
    gpuarray_shared_constructor,
    list_contexts,
    reg_context,
)

pygpu = None
pygpu_activated = False
theano_gpu_is_already_active = False

__getattr__ = gpu_getattr(__name__)


def init_dev(dev, name=None, preallocate=None):
    """Nothing: there is no GPU to make ready."""
