"""The type of variables on a GPU: has no instance."""

from ptembed.theano._gpu import gpu_getattr, pickled
from ptembed.theano._gpu import unpickled as CudaNdarray_unpickler
from ptembed.theano.tensor.type import TensorType

CudaNdarrayType = pickled("CudaNdarrayType", __name__, TensorType)

__getattr__ = gpu_getattr(__name__)
