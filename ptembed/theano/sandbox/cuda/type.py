"""The type of variables on a GPU: has no instance."""

from ptembed.theano._gpu import gpu_getattr, marker

CudaNdarrayType = marker("CudaNdarrayType", __name__)

__getattr__ = gpu_getattr(__name__)
