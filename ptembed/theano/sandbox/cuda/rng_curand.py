"""Random streams of a GPU: there are none."""

from ptembed.theano._gpu import gpu_getattr, marker

CURAND_RandomStreams = marker("CURAND_RandomStreams", __name__)

__getattr__ = gpu_getattr(__name__)
