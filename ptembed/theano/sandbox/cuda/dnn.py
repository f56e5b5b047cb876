"""cuDNN: is not available; its convolution and pooling run on the CPU."""

from ptembed.theano._gpu import dnn_available, gpu_getattr
from ptembed.theano.gpuarray.dnn import dnn_conv, dnn_conv3d, dnn_pool, version

dnn_available.msg = "everything runs on the CPU"

__getattr__ = gpu_getattr(__name__)
