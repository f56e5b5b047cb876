"""Indexing on a GPU: classes without instances."""

from ptembed.theano._gpu import gpu_getattr, marker

GpuSubtensor = marker("GpuSubtensor", __name__)
GpuIncSubtensor = marker("GpuIncSubtensor", __name__)
GpuAdvancedSubtensor = marker("GpuAdvancedSubtensor", __name__)
GpuAdvancedSubtensor1 = marker("GpuAdvancedSubtensor1", __name__)
GpuAdvancedIncSubtensor = marker("GpuAdvancedIncSubtensor", __name__)
GpuAdvancedIncSubtensor1 = marker("GpuAdvancedIncSubtensor1", __name__)
GpuAdvancedIncSubtensor1_dev20 = marker("GpuAdvancedIncSubtensor1_dev20", __name__)
GpuAllocDiag = marker("GpuAllocDiag", __name__)
GpuExtractDiag = marker("GpuExtractDiag", __name__)

__getattr__ = gpu_getattr(__name__)
