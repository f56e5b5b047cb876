"""``theano.tensor``: symbolic arrays.

Starts from all that PyTensor's ``tensor`` has; what differs in name or call is in :mod:`ptembed.theano.tensor.basic`.
"""

from pytensor.tensor import *

from ptembed.theano.gradient import consider_constant, grad, hessian, jacobian
from ptembed.theano.tensor import basic, nnet, sharedvar, subtensor, var
from ptembed.theano.tensor.basic import *
from ptembed.theano.tensor.var import TensorConstant, TensorVariable
