"""cuDNN: is not available; its convolution, pooling and batch normalization run on the CPU."""

from ptembed.theano._gpu import dnn_available, gpu_getattr
from ptembed.theano.gpuarray.dnn import (
    dnn_batch_normalization_test,
    dnn_batch_normalization_train,
    dnn_conv,
    dnn_conv3d,
    dnn_pool,
    version,
)

dnn_available.msg = "everything runs on the CPU"

__getattr__ = gpu_getattr(__name__)
