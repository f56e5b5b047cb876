"""Products and convolutions on a GPU: none exists."""

from ptembed.theano._gpu import gpu_getattr, marker

GpuCorrMM = marker("GpuCorrMM", __name__)
GpuCorrMM_gradInputs = marker("GpuCorrMM_gradInputs", __name__)
GpuCorrMM_gradWeights = marker("GpuCorrMM_gradWeights", __name__)

__getattr__ = gpu_getattr(__name__)
