"""cuDNN: is not available."""

from ptembed.theano._gpu import dnn_available, gpu_getattr
from ptembed.theano.gpuarray.dnn import version

dnn_available.msg = "everything runs on the CPU"

__getattr__ = gpu_getattr(__name__)
