"""Variables on a GPU: none exists."""

from pytensor.tensor.sharedvar import TensorSharedVariable
from pytensor.tensor.variable import TensorConstant, TensorVariable

from ptembed.theano._gpu import gpu_getattr, pickled

CudaNdarrayVariable = pickled("CudaNdarrayVariable", __name__, TensorVariable)
CudaNdarrayConstant = pickled("CudaNdarrayConstant", __name__, TensorConstant)
CudaNdarraySharedVariable = pickled("CudaNdarraySharedVariable", __name__, TensorSharedVariable)

__getattr__ = gpu_getattr(__name__)


def float32_shared_constructor(value, name=None, strict=False, allow_downcast=None, borrow=False, **kwargs):
    """The shared variable of float32 that a program would have kept on its GPU, on the CPU.

    Raises
    ------
    TypeError
        If ``value`` is not a float32 array.
    """
    from ptembed.theano.compile import shared

    if str(getattr(value, "dtype", None)) != "float32":
        raise TypeError(f"float32_shared_constructor takes a float32 array, got {type(value).__name__}.")
    return shared(value, name=name, strict=strict, allow_downcast=allow_downcast, borrow=borrow)


shared_constructor = float32_shared_constructor
