"""The sides of :mod:`ptembed.bench.factored` that torch has: dense layers, and what is used in their place.

Each takes minibatches by number, trains the layer, and gives the gradient by the hidden layer. They may share one
matrix ``W``, since their time does not depend on its values. A softmax needs other memory and other operations than the
squared error, and its sampled and adaptive forms are approximations: they are here for their time.
"""

import numpy as np

from ptembed.bench.timing import Side

__all__ = ["NEGATIVES", "adaptive_softmax", "full_softmax", "in_place", "linear", "sampled_softmax", "tensor"]

NEGATIVES = 8192
CUTOFFS = 4_000, 40_000, 200_000  # of the adaptive softmax, for Zipf's law


def tensor(W):
    """Copy ``W`` into a tensor, and keep torch to one thread."""
    import torch

    torch.set_num_threads(1)
    return torch.from_numpy(W.copy())


def linear(examples, W):
    """A linear layer without bias, squared error, and SGD."""
    import torch

    H, targets, every = _tensors(examples)
    weight = torch.nn.Parameter(W)
    optimizer = torch.optim.SGD([weight], lr=examples.eta)

    def step(i):
        h, o = _outputs(H[i], weight)
        # the sum of (o - y)^2 without y, which would be another m x D
        loss = (o * o).sum() - 2 * o[every, targets[i]].sum() + len(h)
        return _backward(loss / len(h), h, optimizer)

    return _side("torch, Linear, squared error, SGD", step, W)


def in_place(examples, W):
    """The same, its gradient and its update written by hand: one m x D, no D x d beside ``W``."""
    import torch

    H, targets, every = _tensors(examples)
    rate = 2 * examples.eta / examples.m

    def step(i):
        with torch.no_grad():
            o = H[i] @ W.T
            o[every, targets[i]] -= 1
            gradient = (o @ W).mul_(2 / len(o))
            W.addmm_(o.T, H[i], alpha=-rate)
            return gradient

    return _side("torch, squared error by hand, in place", step, W)


def full_softmax(examples, W):
    """A linear layer without bias, cross-entropy, and SGD."""
    import torch

    H, targets, _ = _tensors(examples)
    weight = torch.nn.Parameter(W)
    optimizer = torch.optim.SGD([weight], lr=examples.eta)

    def step(i):
        h, o = _outputs(H[i], weight)
        return _backward(torch.nn.functional.cross_entropy(o, targets[i]), h, optimizer)

    return _side("torch, full softmax, SGD", step, W, versus=False)


def sampled_softmax(examples, W):
    """A softmax over each target and some negatives, drawn beforehand by Zipf's law; sparse gradients, SGD."""
    import torch

    H, targets, _ = _tensors(examples)
    rows = torch.nn.Embedding.from_pretrained(W, freeze=False, sparse=True)
    optimizer = torch.optim.SGD(rows.parameters(), lr=examples.eta)
    negatives = torch.from_numpy(examples.draw((len(H), NEGATIVES)))
    first = torch.zeros(examples.m, dtype=torch.long)

    def step(i):
        h = H[i].clone().requires_grad_()
        w = rows(torch.cat([targets[i], negatives[i]]))
        scores = torch.cat([(h * w[: len(h)]).sum(1, keepdim=True), h @ w[len(h) :].T], 1)
        return _backward(torch.nn.functional.cross_entropy(scores, first), h, optimizer)

    return _side(f"torch, sampled softmax, {NEGATIVES:,} negatives, SGD", step, W, versus=False)


def adaptive_softmax(examples, _):
    """torch's ``AdaptiveLogSoftmaxWithLoss``, whose rare outputs have fewer numbers; SGD."""
    import torch

    H, targets, _ = _tensors(examples)
    D, d = examples.W.shape
    cutoffs = [c for c in CUTOFFS if c < D] or [D // 2]
    layer = torch.nn.AdaptiveLogSoftmaxWithLoss(d, D, cutoffs, div_value=4.0)
    optimizer = torch.optim.SGD(layer.parameters(), lr=examples.eta)

    def step(i):
        h = H[i].clone().requires_grad_()
        return _backward(layer(h, targets[i]).loss, h, optimizer)

    return _side("torch, adaptive softmax, SGD", step, layer.head.weight.data, versus=False)


def _tensors(examples):
    import torch

    return torch.from_numpy(examples.H), torch.from_numpy(examples.targets), torch.arange(examples.m)


def _outputs(h, weight):
    import torch

    h = h.clone().requires_grad_()
    return h, torch.nn.functional.linear(h, weight)


def _backward(loss, h, optimizer):
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return h.grad


def _side(name, step, W, versus=True):
    return Side(name, step, lambda rows: np.array(W[rows]), lambda i: (i,), versus=versus)
