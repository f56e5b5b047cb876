"""Transfers between the CPU and a GPU: nothing is moved."""

from ptembed.theano._gpu import gpu_getattr, identity, marker, pickled

GpuOp = marker("GpuOp", __name__)
HostFromGpu = pickled("HostFromGpu", __name__)
GpuFromHost = pickled("GpuFromHost", __name__)
GpuContiguous = marker("GpuContiguous", __name__)
GpuAlloc = marker("GpuAlloc", __name__)
GpuReshape = marker("GpuReshape", __name__)
GpuElemwise = marker("GpuElemwise", __name__)
GpuDimShuffle = marker("GpuDimShuffle", __name__)
GpuJoin = marker("GpuJoin", __name__)
GpuSubtensor = marker("GpuSubtensor", __name__)

as_cuda_ndarray_variable = gpu_contiguous = gpu_from_host = host_from_gpu = identity

__getattr__ = gpu_getattr(__name__)
