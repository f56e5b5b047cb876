"""The sides of :mod:`ptembed.bench.factored` on PyTensor, and the examples that all sides are given."""

from unittest import mock

import numpy as np
import pytensor
import pytensor.tensor as pt

from ptembed.bench.timing import Side
from ptembed.graphs import spherical
from ptembed.graphs.factored import FactoredOutput
from ptembed.ops import factored_step
from ptembed.ops.factored_minibatch import step as step_of_many
from ptembed.train import trusted

__all__ = [
    "EXTENDED",
    "LIMIT",
    "NUMBERS",
    "OURS",
    "PART",
    "PLAIN",
    "SYMBOLIC",
    "Z_LOSS",
    "Examples",
    "Trainer",
    "called",
    "compiled",
    "dense",
    "factored",
    "general",
    "square_product",
]

OURS, Z_LOSS = "ptembed, squared error", "ptembed, Z-loss"
PLAIN, SYMBOLIC = (f"ptembed, squared error, {how}nothing to stabilise" for how in ("", "Op by Op, "))
LIMIT = "one square product of as many operations"
EXTENDED = {
    "ptembed, squared error and L2": {"l2": 1e-3},
    "ptembed, squared error and momentum": {"momentum": 0.9},
}
NUMBERS = 16  # of different minibatches
PART = 1e-4  # of the learning rate: with it, nothing shrinks in thousands of steps
DRIFT = 0.13  # 2 eta times the largest eigenvalue of the mean of h h^T: an ordinary step size


class Examples:
    r"""Minibatches of hidden layers as rectifiers give them, with targets drawn by Zipf's law, and where W begins.

    Attributes
    ----------
    W : array, shape (D, d)
    H : array, shape (n, m, d)
    targets : int64 array, shape (n, m)
    eta : float
        A learning rate for the mean squared error of a minibatch, so that
        :math:`2 \eta \lambda_\max(H^T H / m) = 0.13`.
    """

    def __init__(self, D, d, m, n=NUMBERS, dtype="float32", W=None):
        self.m, self.rng = m, np.random.default_rng(0)
        self.W = self.rng.standard_normal((D, d), np.float32).astype(dtype, copy=False) if W is None else W
        self.W /= 100
        self.shares = np.cumsum(1 / np.arange(1, D + 1))
        self.H = (np.maximum(self.rng.standard_normal((n, m, d)), 0) / np.sqrt(d / 2)).astype(dtype)
        self.targets = self.draw((n, m))
        self.eta = DRIFT * m / 2 / float(np.linalg.norm(self.H[0], 2)) ** 2

    def draw(self, shape):
        """Draw outputs by Zipf's law."""
        found = np.searchsorted(self.shares, self.rng.random(shape) * self.shares[-1])
        return np.minimum(found, len(self.shares) - 1)

    def rate(self, part=1.0):
        """Give the learning rate, or a part of it, as a function takes it."""
        return np.asarray(part * self.eta, self.H.dtype)


def factored(examples, loss="squared_error", fused=True, name=OURS, part=1.0, **train):
    """ptembed's layer with a loss of the spherical family; gives the loss and the gradient by the hidden layer.

    ``part`` is of the learning rate.
    """
    layer, step = called(examples, loss, fused=fused, **train)
    eta = examples.rate(part)
    side = _side(name, lambda H, idx: step(H, idx, eta), examples, lambda ids: layer.to_dense()[0][ids])
    side.layer = layer
    return side


def general(examples, name):
    """ptembed's layer, which takes the step for many examples even where there is only one."""
    with pytensor.config.change_flags(numba__cache=False), mock.patch.object(factored_step, "single", step_of_many):
        return factored(examples, name=name)


def dense(examples):
    """The same layer as one matrix, by PyTensor's own gradient."""
    W, (H, idx) = pytensor.shared(examples.W, name="W"), _inputs(examples)
    cost = spherical.of_outputs(spherical.squared_error(), H @ W.T, idx[:, None]).mean()
    by_W, by_H = pytensor.grad(cost, [W, H])
    updates = {W: W - np.asarray(examples.eta, W.type.dtype) * by_W}
    step = pytensor.function([H, idx], [cost, by_H], updates=updates)
    step.trust_input = True
    return _side("PyTensor, dense, squared error", step, examples, lambda ids: W.get_value(borrow=True)[ids])


def square_product(examples):
    """A product of two square matrices that takes as many operations as the factored step: what BLAS needs for it."""
    m, d = examples.m, examples.W.shape[1]
    operations = 14 * m * d**2 + 9 * m**2 * d + m**3 / 3
    A = examples.rng.standard_normal((round((operations / 2) ** (1 / 3)),) * 2).astype(examples.W.dtype)
    out = np.empty_like(A)
    return Side(LIMIT, lambda i: np.matmul(A, A, out=out), None, _number)


class Trainer:
    """ptembed's layer on a given ``W``, for :func:`ptembed.bench.row_memory.extra_memory`: it draws the ids itself."""

    def __init__(self, W, m):
        self.examples = Examples(*W.shape, m, n=1, W=W)
        _, self.step = compiled(self.examples)
        self.examples.W = None

    def run(self, ids):
        """Take three steps whose targets are the first of each row of ``ids``."""
        for _ in range(3):
            self.step(self.examples.H[0], ids[:, 0], self.examples.rate())


def compiled(examples, loss="squared_error", **train):
    """ptembed's layer, and its training step: from H, targets and the learning rate to the loss and the gradient by H.

    ``train`` is what :meth:`ptembed.graphs.factored_step.Reading.train` takes.
    """
    layer = FactoredOutput.from_dense(examples.W, momentum="momentum" in train)
    H, idx = _inputs(examples)
    out, eta = layer(H, idx), pt.scalar("eta", dtype=H.type.dtype)
    made = spherical.z_loss(layer.D) if loss == "z_loss" else spherical.squared_error()
    cost = made(*out.sums).mean()
    gradient, updates = out.train(cost, eta, **train)
    step = pytensor.function([H, idx, eta], [cost, gradient], updates=updates)
    step.trust_input = True
    return layer, step


def called(examples, loss="squared_error", **train):
    """The same, called the shortest way."""
    layer, step = compiled(examples, loss, **train)
    return layer, trusted(step)


def _inputs(examples):
    return pt.matrix("H", dtype=examples.W.dtype), pt.lvector("idx")


def _side(name, step, examples, rows):
    return Side(name, lambda i: step(examples.H[i], examples.targets[i]), rows, _number)


def _number(i):
    return (i,)
