"""Rewrites for the GPU: registering one does nothing."""

from ptembed.theano._gpu import gpu_getattr
from ptembed.theano.gpuarray.opt import op_lifter, register_opt

__getattr__ = gpu_getattr(__name__)
