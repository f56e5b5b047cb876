"""The functions of neural networks."""

from ptembed.theano.tensor.nnet import conv
from ptembed.theano.tensor.nnet.conv import conv2d
from ptembed.theano.tensor.nnet.nnet import binary_crossentropy, categorical_crossentropy, relu, softmax
from ptembed.theano.tensor.nnet.sigm import sigmoid, softplus
