"""Softmax, rectifiers and cross-entropies."""

from ptembed.theano import _gone
from ptembed.theano.tensor.nnet.activations import *
from ptembed.theano.tensor.nnet.crossentropies import *
from ptembed.theano.tensor.nnet.hierarchical import h_softmax
from ptembed.theano.tensor.nnet.prepending import *
from ptembed.theano.tensor.nnet.sigm import sigmoid, softplus
from ptembed.theano.tensor.nnet.softmax_by_hand import SmallerExponentials as SmallerExponentials
from ptembed.theano.tensor.nnet.softmax_forms import local_argmax_pushdown
from ptembed.theano.tensor.nnet.softmaxes import *

_OPTIMIZERS = """
    crossentropy_to_crossentropy_with_softmax crossentropy_to_crossentropy_with_softmax_with_bias
    graph_merge_softmax_with_crossentropy_softmax local_advanced_indexing_crossentropy_onehot
    local_advanced_indexing_crossentropy_onehot_grad local_logsoftmax_grad
    local_softmax_grad_to_crossentropy_with_softmax_grad local_softmax_with_bias
    local_useless_crossentropy_softmax_1hot_with_bias_dx_alloc softmax_simplifier
"""
_NOT_NEEDED = (
    "gradients and compiled functions are stable without this optimizer",
    "crossentropies.local_crossentropy_of_softmax",
)
UNNEEDED = dict.fromkeys(_OPTIMIZERS.split(), _NOT_NEEDED)
__getattr__ = _gone.getattr_of(
    __name__,
    {
        **UNNEEDED,
        "ScalarSoftsign": ("softsign is an expression", "softsign"),
        "scalar_softsign": ("softsign is an expression", "softsign"),
    },
    {"local_logsoftmax": "pytensor.tensor.rewriting.special:local_logsoftmax"},
)
