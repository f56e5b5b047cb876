"""The older GPU back end: there is none, see :mod:`ptembed.theano._gpu`."""

from ptembed.theano._gpu import gpu_getattr, use
from ptembed.theano.sandbox.cuda import basic_ops, blas, cuda_ndarray, dnn, opt, rng_curand, type, var
from ptembed.theano.sandbox.cuda.basic_ops import GpuFromHost, GpuOp, HostFromGpu, as_cuda_ndarray_variable
from ptembed.theano.sandbox.cuda.cuda_ndarray import CudaNdarray
from ptembed.theano.sandbox.cuda.type import CudaNdarrayType
from ptembed.theano.sandbox.cuda.var import (
    CudaNdarrayConstant,
    CudaNdarraySharedVariable,
    CudaNdarrayVariable,
    float32_shared_constructor,
    shared_constructor,
)

cuda_available = cuda_enabled = False
cuda_initialization_error_message = "everything runs on the CPU"

__getattr__ = gpu_getattr(__name__)


def active_device_name():
    """``"cpu"``."""
    return "cpu"


def active_device_number():
    """None: no GPU is in use."""


def unuse():
    """Nothing: no GPU is in use."""


def handle_shared_float32(tf):
    """Nothing: ``theano.shared`` keeps float32 on the CPU."""


def test_nvidia_driver1():
    """Nothing: there is no driver to test."""
