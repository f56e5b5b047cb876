"""Arrays on a GPU: none exists."""

import sys

from ptembed.theano._gpu import gpu_getattr, marker

CudaNdarray = marker("CudaNdarray", __name__)

# Theano had a module of this name in the package of this name
cuda_ndarray = sys.modules[__name__]

__getattr__ = gpu_getattr(__name__)
