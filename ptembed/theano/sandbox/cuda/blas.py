"""Products and convolutions on a GPU: the convolutions run on the CPU."""

from ptembed.theano._gpu import gpu_getattr
from ptembed.theano.gpuarray.blas import GpuCorrMM, GpuCorrMM_gradInputs, GpuCorrMM_gradWeights

__getattr__ = gpu_getattr(__name__)
