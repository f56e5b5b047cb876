"""The newer GPU back end under its first name; see :mod:`ptembed.theano.gpuarray`."""

from ptembed.theano._gpu import gpu_getattr, use
from ptembed.theano.gpuarray import basic_ops, dnn, init_dev, opt, pygpu_activated, type
from ptembed.theano.gpuarray.basic_ops import as_gpuarray_variable
from ptembed.theano.gpuarray.type import GpuArrayType, get_context

__getattr__ = gpu_getattr(__name__)
