"""Transfers between the CPU and a GPU: nothing is moved."""

from ptembed.theano._gpu import gpu_getattr, identity, marker, pickled

HostFromGpu = pickled("HostFromGpu", __name__)
GpuFromHost = pickled("GpuFromHost", __name__)
GpuToGpu = marker("GpuToGpu", __name__)
GpuAlloc = marker("GpuAlloc", __name__)
GpuAllocEmpty = marker("GpuAllocEmpty", __name__)
GpuContiguous = marker("GpuContiguous", __name__)
GpuReshape = marker("GpuReshape", __name__)
GpuJoin = marker("GpuJoin", __name__)
GpuSplit = marker("GpuSplit", __name__)
GpuEye = marker("GpuEye", __name__)
GpuKernelBase = marker("GpuKernelBase", __name__)
HideC = marker("HideC", __name__)
Kernel = marker("Kernel", __name__)

as_gpuarray_variable = gpu_contiguous = host_from_gpu = identity

__getattr__ = gpu_getattr(__name__)


def gpuarray_helper_inc_dir():
    """The folder of C headers for kernels of a GPU: none."""
    return ""


def infer_context_name(*variables):
    """Raise ``ValueError``: no variable is on a GPU."""
    raise ValueError("Could not infer a context: no variable is on a GPU, everything runs on the CPU.")
