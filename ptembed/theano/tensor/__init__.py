"""``theano.tensor``: symbolic arrays.

Starts from all that PyTensor's ``tensor`` has; what differs in name or call is in :mod:`ptembed.theano.tensor.basic`.
"""

# isort: skip_file
# The order counts: PyTensor's names first (modules among them), then ours, and of our own the functions last: where a
# function has the name of a module (var), the name is the function's.
from pytensor.tensor import *

from ptembed.theano.gradient import Lop, Rop, consider_constant, grad, hessian, jacobian
from ptembed.theano.tensor.nnet import sigmoid
from ptembed.theano.tensor.sharedvar import TensorSharedVariable
from ptembed.theano.tensor.subtensor import inc_subtensor, set_subtensor
from ptembed.theano.tensor.var import TensorConstant, TensorVariable
from ptembed.theano.tensor.basic import *
