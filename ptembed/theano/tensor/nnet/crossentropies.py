r"""Cross-entropies, between rows of probabilities and between single ones.

For a row of probabilities c and the number y of its true class the cross-entropy is :math:`-\log c_y`. Where c is a
softmax, it is computed from what the softmax is of, so that it and its gradient stay finite for any saturation:
:func:`local_crossentropy_of_softmax` finds this in graphs, as Theano's optimizers did.
"""

import pytensor.tensor as pt
from pytensor.gradient import DisconnectedType, disconnected_type
from pytensor.graph.rewriting.basic import copy_stack_trace, node_rewriter
from pytensor.raise_op import CheckAndRaise
from pytensor.tensor.elemwise import DimShuffle
from pytensor.tensor.rewriting.basic import register_stabilize

from ptembed.theano.tensor.nnet.softmaxes import (
    ExpressionOp,
    Softmax,
    SoftmaxWithBias,
    is_float,
    softmax_grad,
)

__all__ = [
    "CrossentropyCategorical1Hot",
    "CrossentropyCategorical1HotGrad",
    "CrossentropySoftmax1HotWithBiasDx",
    "CrossentropySoftmaxArgmax1HotWithBias",
    "binary_crossentropy",
    "categorical_crossentropy",
    "crossentropy_categorical_1hot",
    "crossentropy_categorical_1hot_grad",
    "crossentropy_softmax_1hot",
    "crossentropy_softmax_1hot_with_bias",
    "crossentropy_softmax_1hot_with_bias_dx",
    "crossentropy_softmax_argmax_1hot_with_bias",
    "crossentropy_softmax_max_and_argmax_1hot",
    "crossentropy_softmax_max_and_argmax_1hot_with_bias",
    "sigmoid_binary_crossentropy",
]

_check_classes = CheckAndRaise(ValueError, "y_i value out of bounds")


def _is_discrete(x) -> bool:
    return x.type.ndim == 1 and x.dtype.startswith(("int", "uint"))


def _positions(y, x):
    """The index of column y_i in each row i of x, checked."""
    y = _check_classes(y, pt.all(y >= 0), pt.all(y < x.shape[1]))
    return pt.arange(y.shape[0]), y


class CrossentropySoftmaxArgmax1HotWithBias(ExpressionOp):
    r"""Of ``x + b``: :math:`-\log s_{y}` by rows, the softmax s, and the column of the largest element.

    The inputs are a float matrix x (N, K), a float vector b (K,) and a vector of ints y (N,), the numbers of the
    classes. The results are vectors (N,) of the dtypes of x and y, and between them a matrix like x.

    Raises
    ------
    ValueError
        For arrays of other kinds; in the call for a class that is not in [0, K).
    """

    def filter_inputs(self, x, b, y_idx):
        x, b, y_idx = super().filter_inputs(x, b, y_idx)
        if not is_float(x, (2,)):
            raise ValueError("x must be 2-d tensor of floats", x.type)
        if not is_float(b, (1,)):
            raise ValueError("b must be 1-d tensor of floats", b.type)
        if not _is_discrete(y_idx):
            raise ValueError("y_idx must be 1-d tensor of [u]ints", y_idx.type)
        return x, b, y_idx

    def build_inner_graph(self, x, b, y_idx):
        z = x + b
        m = z.max(axis=1, keepdims=True)
        e = pt.exp(z - m)
        total = e.sum(axis=1, keepdims=True)
        nll = m[:, 0] + pt.log(total[:, 0]) - z[_positions(y_idx, z)]
        return [nll.astype(x.dtype), (e / total).astype(x.dtype), pt.argmax(z, axis=1).astype(y_idx.dtype)]

    def pullback(self, inputs, outputs, output_grads):
        y_idx = inputs[2]
        g_nll, g_sm, _ = output_grads
        terms = []
        if not isinstance(g_nll.type, DisconnectedType):
            terms.append(crossentropy_softmax_1hot_with_bias_dx(g_nll, outputs[1], y_idx))
        if not isinstance(g_sm.type, DisconnectedType):
            terms.append(softmax_grad(g_sm, outputs[1]))
        if not terms:
            return [disconnected_type() for _ in inputs]
        dx = sum(terms[1:], terms[0])
        return [dx, dx.sum(axis=0), disconnected_type()]


class CrossentropySoftmax1HotWithBiasDx(ExpressionOp):
    r""":math:`g_i (s_{ij} - [j = y_i])`: the gradient by x of :class:`CrossentropySoftmaxArgmax1HotWithBias`.

    The inputs are g (N,) or a number, the softmax s (N, K) and the classes y (N,).

    Raises
    ------
    ValueError
        For arrays of other kinds; in the call for a class that is not in [0, K).
    """

    def filter_inputs(self, dy, sm, y_idx):
        dy, sm, y_idx = super().filter_inputs(dy, sm, y_idx)
        if not is_float(dy, (0, 1)):
            raise ValueError("dy must be {0,1}-d tensor of floats", dy.type)
        if not is_float(sm, (2,)):
            raise ValueError("sm must be 2-d tensor of floats", sm.type)
        if not _is_discrete(y_idx):
            raise ValueError("y_idx must be 1-d tensor of [u]ints", y_idx.type)
        return dy, sm, y_idx

    def build_inner_graph(self, dy, sm, y_idx):
        g = pt.alloc(dy, y_idx.shape[0]) if dy.ndim == 0 else dy
        dx = (g[:, None] * sm).astype(sm.dtype)
        return [pt.inc_subtensor(dx[_positions(y_idx, sm)], -g.astype(sm.dtype))]


class CrossentropyCategorical1Hot(ExpressionOp):
    r""":math:`-\log c_{i y_i}` for a matrix c of probabilities and the classes y, a vector of int32 or int64.

    Raises
    ------
    TypeError
        For arrays of other kinds.
    """

    def filter_inputs(self, coding_dist, true_one_of_n):
        c, y = super().filter_inputs(coding_dist, true_one_of_n)
        if c.type.ndim != 2:
            raise TypeError("matrix required for argument: coding_dist")
        if y.type.ndim != 1 or y.dtype not in ("int32", "int64"):
            raise TypeError(f"integer vector required for argument: true_one_of_n (got type: {y.type})")
        return c, y

    def build_inner_graph(self, c, y):
        return [-pt.log(c[pt.arange(c.shape[0]), y])]

    def pullback(self, inputs, outputs, output_grads):
        c, y = inputs
        (g,) = output_grads
        return [crossentropy_categorical_1hot_grad(g, c, y), disconnected_type()]


class CrossentropyCategorical1HotGrad(ExpressionOp):
    r"""The gradient of :class:`CrossentropyCategorical1Hot`: :math:`-g_i / c_{i y_i}` at the classes, else 0."""

    def build_inner_graph(self, g_y, coding_dist, true_one_of_n):
        at = pt.arange(true_one_of_n.shape[0]), true_one_of_n
        values = (-g_y / coding_dist[at]).astype(coding_dist.dtype)
        return [pt.set_subtensor(pt.zeros_like(coding_dist)[at], values)]

    def through_softmax(self, g_y, sm, true_one_of_n):
        """Give the gradient by what ``sm``, the coding, is the softmax of, where the result here may be infinite."""
        return crossentropy_softmax_1hot_with_bias_dx(g_y, sm, true_one_of_n)


crossentropy_softmax_argmax_1hot_with_bias = CrossentropySoftmaxArgmax1HotWithBias()
crossentropy_softmax_1hot_with_bias_dx = CrossentropySoftmax1HotWithBiasDx()
crossentropy_categorical_1hot = CrossentropyCategorical1Hot()
crossentropy_categorical_1hot_grad = CrossentropyCategorical1HotGrad()


@register_stabilize("fast_compile")
@node_rewriter([CrossentropyCategorical1Hot])
def local_crossentropy_of_softmax(fgraph, node):
    """Compute the cross-entropy of a softmax from what it is of."""
    c, y = node.inputs
    if not isinstance(getattr(c.owner, "op", None), Softmax | SoftmaxWithBias) or c.ndim != 2:
        return None
    x, b = c.owner.inputs if isinstance(c.owner.op, SoftmaxWithBias) else _without_bias(c.owner.inputs[0])
    nll = crossentropy_softmax_argmax_1hot_with_bias(x, b, y)[0]
    copy_stack_trace(node.outputs[0], nll)
    return [node.outputs[0].type.filter_variable(nll)]


def _without_bias(x):
    """``x`` without the vectors that are added to each of its rows, and the sum of these."""
    terms = x.owner.inputs if x.owner is not None and x.owner.op == pt.add else [x]
    biases = [t for t in terms if _is_row_of_vector(t)]
    rest = [t for t in terms if t not in biases]
    if not rest:  # a sum of vectors
        rest, biases = biases[:1], biases[1:]
    if not biases or not any(t.type.broadcastable == x.type.broadcastable for t in rest):
        return x, pt.zeros((x.shape[1],), dtype=x.dtype)
    return _sum(rest).astype(x.dtype), _sum([b.owner.inputs[0] for b in biases]).astype(x.dtype)


def _sum(terms):
    return sum(terms[1:], terms[0])


def _is_row_of_vector(x) -> bool:
    node = x.owner
    return (
        node is not None
        and isinstance(node.op, DimShuffle)
        and tuple(node.op.new_order) == ("x", 0)
        and is_float(node.inputs[0], (1,))
        and node.inputs[0].type.broadcastable == (False,)
    )


def crossentropy_softmax_1hot_with_bias(x, b, y_idx, **kwargs):
    """Give the first two results of :class:`CrossentropySoftmaxArgmax1HotWithBias`."""
    return crossentropy_softmax_argmax_1hot_with_bias(x, b, y_idx, **kwargs)[:2]


def crossentropy_softmax_1hot(x, y_idx, **kwargs):
    """:func:`crossentropy_softmax_1hot_with_bias` without a bias."""
    return crossentropy_softmax_1hot_with_bias(x, pt.zeros_like(x[0, :]), y_idx, **kwargs)


def crossentropy_softmax_max_and_argmax_1hot_with_bias(x, b, y_idx, **kwargs):
    """Give the cross-entropy, the softmax, its largest element by rows, and the column of that."""
    nll, sm = crossentropy_softmax_1hot_with_bias(x, b, y_idx, **kwargs)
    return nll, sm, pt.max(sm, axis=-1), pt.argmax(sm, axis=-1)


def crossentropy_softmax_max_and_argmax_1hot(x, y_idx, **kwargs):
    """:func:`crossentropy_softmax_max_and_argmax_1hot_with_bias` without a bias."""
    return crossentropy_softmax_max_and_argmax_1hot_with_bias(x, pt.zeros_like(x[0, :]), y_idx, **kwargs)


def binary_crossentropy(output, target):
    r"""Elementwise :math:`-(t \log o + (1 - t) \log(1 - o))`; ``output`` must lie between 0 and 1."""
    return -(target * pt.log(output) + (1.0 - target) * pt.log(1.0 - output))


class _SigmoidBinaryCrossentropy(ExpressionOp):
    inline = True

    def build_inner_graph(self, x, t):
        return [pt.softplus(-abs(x)) + x * ((x > 0) - t)]

    def pullback(self, inputs, outputs, output_grads):
        (x, t), (g,) = inputs, output_grads
        return [g * (pt.sigmoid(x) - t), -g * x]


def sigmoid_binary_crossentropy(output, target):
    """:func:`binary_crossentropy` of ``sigmoid(output)``, finite for any saturation.

    Parameters
    ----------
    output : array of floats
        What the sigmoid is of.
    target : array like ``output``
        Probabilities.
    """
    return _SigmoidBinaryCrossentropy()(output, target)


def categorical_crossentropy(coding_dist, true_dist):
    r"""Row-wise :math:`-\sum_j t_{ij} \log c_{ij}`.

    Parameters
    ----------
    coding_dist : matrix
        The probabilities c that the model gives, a row for each case.
    true_dist : matrix like ``coding_dist``, or int vector
        The true probabilities t, or the number of the true class.

    Returns
    -------
    vector

    Raises
    ------
    TypeError
        If ``true_dist`` has neither the rank of ``coding_dist`` nor one less.
    """
    if true_dist.ndim == coding_dist.ndim:
        return -pt.sum(true_dist * pt.log(coding_dist), axis=coding_dist.ndim - 1)
    if true_dist.ndim == coding_dist.ndim - 1:
        return crossentropy_categorical_1hot(coding_dist, true_dist)
    raise TypeError("rank mismatch between coding and true distributions")
