"""The functions of neural networks."""

from ptembed.theano.tensor.nnet import bn, conv, nnet, sigm
from ptembed.theano.tensor.nnet.bn import batch_normalization
from ptembed.theano.tensor.nnet.conv import ConvOp, conv2d
from ptembed.theano.tensor.nnet.nnet import *
from ptembed.theano.tensor.nnet.sigm import hard_sigmoid, scalar_sigmoid, sigmoid, sigmoid_inplace, softplus
from ptembed.theano.tensor.nnet.sigm import ultra_fast_sigmoid as ultra_fast_sigmoid
