r"""The sides that run on PyTensor, and the limit: one loss, one update, written in all the ways there are.

Each maker gets the matrix, ``W`` of shape (N, d) and float32, keeps a copy of it, and gives a
:class:`~ptembed.bench.timing.Side`. One triple a step is written as it is in the recipes: a vector of three ids, and
the rows by their place in it. More are a matrix of ids, shape (m, 3).

Read next: :mod:`ptembed.bench.row_peers`, :mod:`ptembed.bench.hand_loops`.
"""

from dataclasses import replace

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.compile.mode import get_default_mode

from ptembed import graphs
from ptembed.bench import hand_loops
from ptembed.bench.timing import Side
from ptembed.train import block, trusted

__all__ = [
    *("OPTIMIZERS", "moved_bytes", "pair_logistic"),
    *("by_hand", "dense_form", "of_blocks", "of_calls", "of_functions", "row_form", "triple_after_triple"),
]

# the learning rate, and how many numbers of history there are for each number of W
OPTIMIZERS = {"SGD": (0.05, 0), "Adagrad": (0.05, 1), "row-wise Adagrad": (0.05, 0), "Adam": (1e-3, 2)}
EPSILON = 1e-10  # for Adam too: SparseAdam adds it elsewhere, so that a larger one would part the sides
ADAM = {"beta1": 0.9, "beta2": 0.999, "epsilon": EPSILON}
OURS = ("row_updates", "row_kernels")


def moved_bytes(optimizer, k, d):
    """Bytes that a step on ``k`` distinct rows must read and write: the rows, their histories and counts."""
    numbers = (1 + OPTIMIZERS[optimizer][1]) * d + (optimizer in ("row-wise Adagrad", "Adam"))
    return 2 * 4 * k * numbers


def pair_logistic(x):
    r"""The loss of triples of rows (r, p, n), shape (..., 3, d): :math:`\sum \operatorname{softplus}(-r \cdot p) +
    \operatorname{softplus}(r \cdot n)`."""
    r, p, n = (x[s] if x.type.ndim == 2 else x[:, s] for s in range(3))
    return (pt.softplus(-(r * p).sum(axis=-1)) + pt.softplus((r * n).sum(axis=-1))).sum()


def of_calls(optimizer, W, m):
    """The optimizers of ptembed, one step a call, by the shortest way into the compiled code."""
    side = of_functions(optimizer, W, m)
    return replace(side, name="ptembed, one step a call", step=trusted(side.step))


def of_functions(optimizer, W, m):
    """The same by a call of the PyTensor function, with ``trust_input``."""
    ids, loss, updates, W = _ours(optimizer, W, m)
    return _side("ptembed, one step a call of PyTensor's", ids, loss, updates, W)


def of_blocks(optimizer, W, m, steps):
    """The same, ``steps`` steps a call."""
    ids, loss, updates, W = _ours(optimizer, W, m)
    return Side(f"ptembed, {steps:,} steps a call", block([ids], loss, updates), _reader(W), _blocks(m), steps)


def dense_form(W, m, rewritten):
    """SGD as old programs have it, by the gradient with respect to all of ``W``; with or without ptembed's rewrites."""
    ids, W = _ids(m), _shared(W)
    loss = pair_logistic(W[ids])
    updates = {W: W - _rate("SGD") * pytensor.grad(loss, W)}
    return _side(f"dense form, {_by(rewritten)}", ids, loss, updates, W, rewritten)


def row_form(W, m, rewritten):
    """SGD as the recipes have it, by ``inc_subtensor`` of the rows read; with or without ptembed's rewrites."""
    ids, W = _ids(m), _shared(W)
    part = W[ids]
    loss = pair_logistic(part)
    updates = {W: pt.inc_subtensor(part, -_rate("SGD") * pytensor.grad(loss, part))}
    return _side(f"inc_subtensor, {_by(rewritten)}", ids, loss, updates, W, rewritten)


def by_hand(optimizer, W, m, steps=0):
    """The loop by hand, with exact batches; ``steps`` steps a call, or one."""
    step, state = _hand(optimizer, W.copy(), m)
    if not steps:
        return Side("Numba loop by hand", lambda ids: step(ids, *state), state[0].__getitem__)
    many, losses = hand_loops.block_of(step), np.empty(steps, np.float32)
    name = f"Numba loop by hand, {steps:,} steps a call"
    return Side(name, lambda ids: many(losses, ids, *state), state[0].__getitem__, block=steps)


def triple_after_triple(W, m):
    """The loop by hand without exact batches, which is another update."""
    W = W.copy()
    name = "Numba loop by hand, triple after triple"
    return Side(name, lambda ids: hand_loops.one_by_one(ids, W, _rate("SGD")), W.__getitem__, versus=False)


def _ours(optimizer, W, m):
    ids, W = _ids(m), _shared(W)
    read = graphs.rows(W, ids)
    loss = pair_logistic(read.values)
    rate = OPTIMIZERS[optimizer][0]
    updates = {
        "SGD": lambda: graphs.sgd(loss, read, rate),
        "Adagrad": lambda: graphs.adagrad(loss, read, rate, EPSILON),
        "row-wise Adagrad": lambda: graphs.rowwise_adagrad(loss, read, rate, EPSILON),
        "Adam": lambda: graphs.adam(loss, read, rate, **ADAM),
    }[optimizer]()
    return ids, loss, updates, W


def _hand(optimizer, W, m):
    G, rows, places = hand_loops.scratch(len(W), m, W.shape[1])
    epsilon, adam = np.float32(EPSILON), [np.float32(x) for x in ADAM.values()]
    like, per_row = np.zeros_like, lambda W: np.zeros(len(W), W.dtype)
    step, history, hyper = {
        "SGD": (hand_loops.sgd, [], []),
        "Adagrad": (hand_loops.adagrad, [like(W)], [epsilon]),
        "row-wise Adagrad": (hand_loops.rowwise_adagrad, [per_row(W)], [epsilon]),
        "Adam": (hand_loops.adam, [like(W), like(W), per_row(W)], adam),
    }[optimizer]
    own = (G,) if optimizer == "SGD" else (G, rows, places)
    return step, (W, *history, _rate(optimizer), *hyper, *own)


def _side(name, ids, loss, updates, W, rewritten=True):
    mode = get_default_mode()
    step = pytensor.function([ids], loss, updates=updates, mode=mode if rewritten else mode.excluding(*OURS))
    step.trust_input = True
    return Side(name, step, _reader(W), (lambda ids: (ids[0],)) if ids.type.ndim == 1 else (lambda ids: (ids,)))


def _ids(m):
    return pt.lvector("ids") if m == 1 else pt.lmatrix("ids")


def _blocks(m):
    return (lambda ids: (ids[:, 0],)) if m == 1 else (lambda ids: (ids,))


def _shared(W):
    return pytensor.shared(W, name="W", borrow=False)


def _reader(W):
    return lambda i: W.get_value(borrow=True)[i]


def _rate(optimizer):
    return np.float32(OPTIMIZERS[optimizer][0])


def _by(rewritten):
    return "rewritten by ptembed" if rewritten else "PyTensor alone"
