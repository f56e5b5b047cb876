"""Draws from categories, with replacement (counts) and without (the categories drawn), made of uniform numbers.

A uniform number ``u`` draws the first category at which the sum of the probabilities is above ``u``. The sums are of
float64 whatever the probabilities' dtype, as those of Theano's C code were, whose draws these are.
"""

import warnings

import numpy as np
import pytensor.tensor as pt
from numba import njit
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.tensor.type import discrete_dtypes, integer_dtypes

from ptembed import _pytensor
from ptembed.theano.configparser import config
from ptembed.theano.gof._protocol import TheanoOp

__all__ = ["ChoiceFromUniform", "MultinomialFromUniform", "MultinomialWOReplacementFromUniform"]

WRONG_COUNT = "unis.shape[0] != pvals.shape[0] * n: one uniform number is needed for each draw"
TOO_FEW = "Cannot sample without replacement n samples bigger than the size of the distribution."


class MultinomialFromUniform(TheanoOp, Op):
    """Counts of how often each category is drawn.

    Parameters
    ----------
    odtype : str
        The counts' dtype; ``auto`` for that of the probabilities.

    Notes
    -----
    It is called with ``pvals``, shape (m, K), of any numeric dtype; ``unis``, shape (m * n,), the uniform numbers: of
    each row's first draw, then of each row's second; and ``n``, the number of draws, 1 if it is left out. The result
    has the shape (m, K). A row whose probabilities sum to less than ``u`` draws nothing with it.
    """

    __props__ = ("odtype",)

    def __init__(self, odtype):
        self.odtype = odtype

    def __str__(self):
        return f"{type(self).__name__}{{{self.odtype}}}"

    def __setstate__(self, state):
        self.__dict__ = {"odtype": "auto", **state}

    def make_node(self, pvals, unis, n=1):
        """Check the inputs.

        Raises
        ------
        NotImplementedError
            For probabilities that are no matrix, or uniform numbers that are no vector.
        TypeError
            For an ``n`` that is no integer scalar.
        """
        pvals, unis, n = pt.as_tensor(pvals), pt.as_tensor(unis), pt.as_tensor(n)
        for name, v, ndim in (("pvals", pvals, 2), ("unis", unis, 1)):
            if v.type.ndim != ndim:
                raise NotImplementedError(f"{name} ndim should be {ndim}, got {v.type.ndim}: reshape it")
        if n.type.ndim or n.type.dtype not in integer_dtypes:
            raise TypeError(f"n must be an integer scalar, got {n.type}")
        shape = [1 if one else None for one in pvals.type.broadcastable]
        return Apply(self, [pvals, unis, n], [pt.tensor(dtype=self._dtype(pvals), shape=shape)])

    def _dtype(self, pvals):
        return pvals.type.dtype if self.odtype == "auto" else self.odtype

    def perform(self, node, inputs, output_storage):
        pvals, unis, *n = inputs
        unis = _by_draw(pvals, unis, int(*n or [1]))  # nodes of old pickles have no n
        sums = np.cumsum(pvals, axis=1, dtype="float64")
        counts = np.zeros(pvals.shape, dtype=node.outputs[0].type.dtype)
        for draw in unis:
            above = sums > draw[:, None]
            rows = np.flatnonzero(above.any(axis=1))
            counts[rows, above.argmax(axis=1)[rows]] += 1
        output_storage[0][0] = counts

    def grad(self, inputs, output_grads):
        return [pt.zeros_like(x, dtype=config.floatX if x.dtype in discrete_dtypes else x.dtype) for x in inputs]

    def infer_shape(self, node, shapes):
        return [shapes[0]]


class ChoiceFromUniform(MultinomialFromUniform):
    """The categories drawn, one column a draw.

    Parameters
    ----------
    odtype : str
        The categories' dtype; ``auto`` for int64.
    replace : bool, optional
        Whether a category that was drawn may be drawn again. If not, its probability becomes zero and the row's others
        are divided by their sum.

    Notes
    -----
    It is called as :class:`MultinomialFromUniform` is; the result has the shape (m, n). A draw that finds no category,
    because the probabilities sum to less than ``u``, is -1.
    """

    __props__ = ("odtype", "replace")

    def __init__(self, odtype, replace=False):
        super().__init__(odtype)
        self.replace = replace

    def __setstate__(self, state):
        super().__setstate__({"replace": False, **state})

    def _dtype(self, pvals):
        return "int64" if self.odtype == "auto" else self.odtype

    def perform(self, node, inputs, output_storage):
        pvals, unis, n = inputs
        if n > pvals.shape[1]:
            raise ValueError(TOO_FEW)
        unis = _by_draw(pvals, unis, int(n))
        drawn = np.full((len(pvals), int(n)), -1, dtype=node.outputs[0].type.dtype)
        pvals = pvals.copy()
        for c, draw in enumerate(unis):
            above = np.cumsum(pvals, axis=1, dtype="float64") > draw[:, None]
            rows = np.flatnonzero(above.any(axis=1))
            drawn[rows, c] = above.argmax(axis=1)[rows]
            if not self.replace and c < len(unis) - 1:
                for row in rows:
                    _without(pvals[row], drawn[row, c])
        output_storage[0][0] = drawn

    def infer_shape(self, node, shapes):
        return [(shapes[0][0], node.inputs[2])]


class MultinomialWOReplacementFromUniform(ChoiceFromUniform):
    """The older name of :class:`ChoiceFromUniform`."""

    def __init__(self, *args, **kwargs):
        text = "MultinomialWOReplacementFromUniform is deprecated, use ChoiceFromUniform instead."
        warnings.warn(text, DeprecationWarning, stacklevel=2)
        super().__init__(*args, **kwargs)


def _by_draw(pvals, unis, n):
    if len(unis) != len(pvals) * n:
        raise ValueError(WRONG_COUNT)
    return unis.reshape(n, len(pvals))


def _without(p, m):
    """Take category ``m`` out of the probabilities ``p``; the sum is rounded as Theano's C code did."""
    rest = p.dtype.type(np.cumsum(p[: m + 1], dtype="float64")[m] - p[m])
    p[m] = 0
    with np.errstate(invalid="ignore"):
        p /= np.cumsum(np.append(rest, p[m:]), dtype=p.dtype)[-1]


@njit
def first_above(p, u):
    """Give the first category at which the sum is above ``u``, or -1, and that sum."""
    total = 0.0
    for m in range(len(p)):
        total += p[m]
        if total > u:
            return m, total
    return -1, total


@_pytensor.numba_kernel(MultinomialFromUniform)
def multinomial_kernel(op, node):
    if len(node.inputs) == 2:
        raise NotImplementedError("MultinomialFromUniform of an old pickle has no n: make the graph anew")
    dtype = np.dtype(node.outputs[0].type.dtype)

    @njit
    def multinomial(pvals, unis, n):
        draws, rows = n.item(), len(pvals)
        if len(unis) != rows * draws:
            raise ValueError(WRONG_COUNT)
        counts = np.zeros(pvals.shape, dtype)
        for i in range(rows * draws):
            m, _ = first_above(pvals[i % rows], unis[i])
            if m >= 0:
                counts[i % rows, m] += 1
        return counts

    return multinomial


@_pytensor.numba_kernel(ChoiceFromUniform)
def choice_kernel(op, node):
    dtype, kind, replace = np.dtype(node.outputs[0].type.dtype), np.dtype(node.inputs[0].type.dtype), op.replace

    @njit(error_model="numpy")  # the last category leaves nothing to divide by
    def choice(pvals, unis, n):
        draws, rows = n.item(), len(pvals)
        if draws > pvals.shape[1]:
            raise ValueError(TOO_FEW)
        if len(unis) != rows * draws:
            raise ValueError(WRONG_COUNT)
        pvals = pvals.copy()
        drawn = np.full((rows, draws), -1, dtype)
        for i in range(rows * draws):
            p, c = pvals[i % rows], i // rows
            m, total = first_above(p, unis[i])
            drawn[i % rows, c] = m
            if m >= 0 and not replace and c < draws - 1:
                rest = kind.type(total - p[m])
                p[m] = 0
                for k in range(m, len(p)):
                    rest = kind.type(rest + p[k])
                for k in range(len(p)):
                    p[k] = p[k] / rest
        return drawn

    return choice
