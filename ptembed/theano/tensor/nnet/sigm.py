"""The sigmoid, what is like it but cheaper, and the softplus.

The rewrites that keep ``log(sigmoid(x))`` and its kin finite are PyTensor's, under Theano's names.
"""

import pytensor.scalar.math as _scalar
import pytensor.tensor as pt
import pytensor.tensor.rewriting.math as _rewriting
from pytensor.compile.mode import optdb
from pytensor.graph.rewriting.basic import copy_stack_trace, node_rewriter
from pytensor.tensor.elemwise import Elemwise

from ptembed.theano import _gone, scalar
from ptembed.theano.tensor.nnet.softmaxes import ExpressionOp

__all__ = [
    "ScalarSigmoid",
    "ScalarSoftplus",
    "hard_sigmoid",
    "scalar_sigmoid",
    "scalar_softplus",
    "sigmoid",
    "sigmoid_inplace",
    "softplus",
    "ultra_fast_sigmoid",
]

ScalarSigmoid, scalar_sigmoid = _scalar.Sigmoid, _scalar.sigmoid
ScalarSoftplus, scalar_softplus = _scalar.Softplus, _scalar.softplus
sigmoid, softplus = pt.sigmoid, pt.softplus
sigmoid_inplace = Elemwise(ScalarSigmoid(scalar.transfer_type(0)), {0: 0}, name="sigmoid_inplace")

register_local_1msigmoid = False


def in_floats(x):
    """Give ``x`` with the dtype that elementwise functions on floats have for it."""
    x = pt.as_tensor_variable(x)
    return pt.cast(x, scalar.upgrade_to_float(scalar.Scalar(dtype=x.dtype))[0].dtype)


class UltraFastSigmoid(ExpressionOp):
    r"""Three pieces for :math:`\tanh |x/2|`, at most 0.05 off; the gradient is :math:`y (1 - y)`."""

    def filter_inputs(self, x):
        return (in_floats(x),)

    def build_inner_graph(self, x):
        z = abs(0.5 * x)
        rational, linear = 1.5 * z / (1 + z), 0.935409070603099 + 0.0458812946797165 * (z - 1.7)
        tanh = pt.switch(z < 1.7, rational, pt.switch(z < 3, linear, 0.99505475368673))
        return [pt.cast(0.5 * (pt.switch(x >= 0, tanh, -tanh) + 1), x.dtype)]

    def pullback(self, inputs, outputs, output_grads):
        (y,), (g,) = outputs, output_grads
        return [g * y * (1 - y)]


ultra_fast_sigmoid = UltraFastSigmoid()


def hard_sigmoid(x):
    r"""Give :math:`\min(1, \max(0, 0.2 x + 0.5))`, at most 0.1 off the sigmoid.

    Parameters
    ----------
    x : array
        Of ints or floats.

    Examples
    --------
    >>> hard_sigmoid(pt.constant([-5.0, 0.0, 1.0])).eval().tolist()
    [0.0, 0.5, 0.7]
    """
    x = in_floats(x)
    slope, shift = (pt.constant(c, dtype=x.dtype) for c in (0.2, 0.5))
    return pt.clip(x * slope + shift, 0, 1)


def _instead_of_sigmoid(name, function):
    """Make the rewrite ``name``, which is left out unless a mode includes that name."""

    def replace(fgraph, node):
        result = pt.cast(function(node.inputs[0]), node.outputs[0].dtype)
        copy_stack_trace(node.outputs[0], result)
        return [result]

    rewrite = node_rewriter([sigmoid])(replace)
    optdb["uncanonicalize"].register(name, rewrite)
    return rewrite


local_hard_sigmoid = _instead_of_sigmoid("local_hard_sigmoid", hard_sigmoid)
local_ultra_fast_sigmoid = _instead_of_sigmoid("local_ultra_fast_sigmoid", ultra_fast_sigmoid)

_REWRITES = [
    "compute_mul",
    "is_1pexp",
    "is_exp",
    "is_mul",
    "is_neg",
    "local_1msigmoid",
    "local_exp_over_1_plus_exp",
    "local_sigm_times_exp",
    "log1msigm_to_softplus",
    "log1p_neg_sigmoid",
    "logsigm_to_softplus",
    "parse_mul_tree",
    "partition_num_or_denom",
    "perform_sigm_times_exp",
    "replace_leaf",
    "simplify_mul",
]
globals().update({name: getattr(_rewriting, name) for name in _REWRITES if hasattr(_rewriting, name)})

_OTHERWISE = ("PyTensor's other rewrites find the same expressions", "theano.tensor.nnet.softplus and sigmoid")
__getattr__ = _gone.getattr_of(
    __name__,
    {
        **dict.fromkeys(("local_inv_1_plus_exp", "log1pexp_to_softplus"), _OTHERWISE),
        "ultra_fast_sigmoid_inplace": ("it overwrote what it read", "ultra_fast_sigmoid"),
        "ultra_fast_scalar_sigmoid": ("it was compiled from C code", "ultra_fast_sigmoid"),
        "UltraFastScalarSigmoid": ("it was compiled from C code", "ultra_fast_sigmoid"),
    },
)
