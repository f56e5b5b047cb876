"""Arrays of a GPU for PyCUDA, until Theano 0.9: every name says that there is no GPU."""

from ptembed.theano._gpu import gpu_getattr

__getattr__ = gpu_getattr(__name__)
