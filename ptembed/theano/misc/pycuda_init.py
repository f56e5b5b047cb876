"""Whether PyCUDA can be used: it cannot, there is no GPU; programs that ask go on without it."""

from ptembed.theano._gpu import gpu_getattr

pycuda_available = False


def set_gpu_from_theano():
    """Nothing: no GPU was chosen."""


__getattr__ = gpu_getattr(__name__)
