"""The functions of neural networks."""

from ptembed.theano import _gone
from ptembed.theano.tensor.nnet import bn, nnet, sigm
from ptembed.theano.tensor.nnet.bn import batch_normalization
from ptembed.theano.tensor.nnet.conv_functions import conv2d as abstract_conv2d
from ptembed.theano.tensor.nnet.conv_functions import (
    conv2d_grad_wrt_inputs,
    conv2d_transpose,
    conv3d,
    separable_conv2d,
)
from ptembed.theano.tensor.nnet.conv_functions import conv2d_with_old_keywords as conv2d
from ptembed.theano.tensor.nnet.nnet import *
from ptembed.theano.tensor.nnet.sigm import hard_sigmoid, scalar_sigmoid, sigmoid, sigmoid_inplace, softplus
from ptembed.theano.tensor.nnet.sigm import ultra_fast_sigmoid as ultra_fast_sigmoid

_CONVOLUTIONS = ("abstract_conv", "conv", "conv3d2d", "corr", "corr3d")
_NEED_NUMBA = ("blocksparse", "ctc", "neighbours", "opt", *_CONVOLUTIONS)
_LAZY = {"ConvOp": f"{__name__}.conv:ConvOp", **{name: f"{__name__}.{name}" for name in _NEED_NUMBA}}
_GONE = nnet.UNNEEDED | {"Conv3D": ("it ended with Theano 1.0", "theano.tensor.nnet.conv3d")}
__getattr__ = _gone.getattr_of(__name__, _GONE, _LAZY)
