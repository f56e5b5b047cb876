"""Forms in which a program may write gradient descent on rows of a matrix: what becomes row writes, and what may not.

Each builder takes the parts of a graph, and gives its updates and perhaps outputs.
"""

from types import SimpleNamespace

import numpy as np
import pytensor
import pytensor.tensor as pt

N, d = 211, 5
IDX, IDX2, TABLE = np.int32([3, 17, 3, N - 1]), np.int64([17, 0, 40, 0]), np.int32([[3, 4, 3], [0, 17, 4]])

FORMS, LEFT_ALONE, SCANS = {}, {}, {}


def form(table):
    """Put a function of the parts of a graph, which gives its updates and perhaps outputs, into a table of forms."""
    return lambda build: table.setdefault(build.__name__, build)


def parts(dtype):
    """Give fresh inputs and shared variables, the same numbers each time."""
    rng = np.random.default_rng(0)

    def shared(name, *shape):
        return pytensor.shared(rng.normal(size=shape).astype(dtype), name=name)

    p = SimpleNamespace(dtype=dtype, W=shared("W", N, d), V=shared("V", N, d), A=shared("A", N), B=shared("B", N, d))
    p.A.set_value(abs(p.A.get_value())), p.B.set_value(abs(p.B.get_value()))
    p.idx, p.idx2, p.table = pt.ivector("idx"), pt.lvector("idx2"), pt.imatrix("table")
    p.i, p.j, p.lr = pt.iscalar("i"), pt.lscalar("j"), pt.scalar("lr", dtype=dtype)
    p.given = {p.idx: IDX, p.idx2: IDX2, p.table: TABLE, p.i: 3, p.j: 17, p.lr: np.asarray(0.1, dtype)}
    return p


def constant(p, value):
    return np.asarray(value, p.dtype)


def sgd(p, cost, W=None, lr=None):
    W = p.W if W is None else W
    return W - (constant(p, 0.1) if lr is None else lr) * pt.grad(cost, W)


def cost_of(*reads):
    return sum((pt.tanh(read) ** 2).sum() for read in reads)


@form(FORMS)
def vector(p):
    cost = cost_of(p.W[p.idx])
    return {p.W: sgd(p, cost)}, [cost]


@form(FORMS)
def scalars(p):
    cost = -pt.log(pt.sigmoid(pt.dot(p.W[p.i], p.W[p.j])))
    return {p.W: sgd(p, cost)}, [cost]


@form(FORMS)
def scalar_twice(p):
    return {p.W: sgd(p, (p.W[p.i] * p.W[p.i]).sum())}


@form(FORMS)
def ascent_along_a_view(p):
    return {p.W: p.W + pt.grad((p.W[p.i] * p.W[p.j]).sum(), p.W)}


@form(FORMS)
def row_is_an_output(p):
    cost = cost_of(p.W[p.i])
    return {p.W: sgd(p, cost)}, [cost, p.W[p.i], p.W[p.idx]]


@form(FORMS)
def index_matrix(p):
    return {p.W: sgd(p, cost_of(p.W[p.table].sum(axis=1)))}


@form(FORMS)
def take(p):
    return {p.W: sgd(p, cost_of(pt.take(p.W, p.idx, axis=0), p.W.take(p.table, axis=0)))}


@form(FORMS)
def several_reads(p):
    return {p.W: sgd(p, cost_of(p.W[p.idx], p.W[p.idx2], p.W[p.i], p.W[p.table], p.W[p.idx] * p.W[p.idx2]))}


@form(FORMS)
def tied_weights(p):
    h = pt.tanh(p.W[p.idx])
    return {p.W: sgd(p, pt.log(pt.exp(h @ p.W[p.idx2].T).sum(axis=1)).sum())}


@form(FORMS)
def cells(p):
    return {p.W: sgd(p, cost_of(p.W[p.idx, p.idx2 % d]), lr=p.lr)}


@form(FORMS)
def block_of_rows(p):
    return {p.W: sgd(p, cost_of(p.W[2:6]))}


@form(FORMS)
def negative_numbers(p):
    return {p.W: sgd(p, cost_of(p.W[p.idx - 4], p.W[p.i - 30]))}


@form(FORMS)
def no_rows(p):
    return {p.W: sgd(p, cost_of(p.W[p.idx[:0]]))}


@form(FORMS)
def matrix_of_known_shape(p):
    W = pytensor.shared(p.W.get_value(), shape=(N, d), name="W")
    return {W: sgd(p, cost_of(W[p.idx], W[p.i]), W)}


@form(FORMS)
def bias_vector(p):
    return {p.A: sgd(p, cost_of(p.A[p.idx], p.A[p.i]), p.A)}


@form(FORMS)
def rank_three(p):
    W = pytensor.shared(np.random.default_rng(1).normal(size=(N, 2, d)).astype(p.dtype), name="W")
    return {W: sgd(p, cost_of(W[p.table], W[p.i]), W, lr=p.B[0])}


@form(FORMS)
def symbolic_rate(p):
    return {p.W: sgd(p, cost_of(p.W[p.idx]), lr=p.lr)}


@form(FORMS)
def shared_rate_that_decays(p):
    rate = pytensor.shared(constant(p, 0.1), name="rate")
    return {p.W: sgd(p, cost_of(p.W[p.idx]), lr=rate), rate: rate * constant(p, 0.99)}


@form(FORMS)
def rate_per_column(p):
    return {p.W: sgd(p, cost_of(p.W[p.idx], p.W[p.i]), lr=p.B[0])}


@form(FORMS)
def rate_per_row(p):
    return {p.W: sgd(p, cost_of(p.W[p.idx], p.W[p.i], p.W[p.table]), lr=p.A[:, None])}


@form(FORMS)
def rate_per_cell(p):
    return {p.W: sgd(p, cost_of(p.W[p.idx], p.W[p.table]), lr=p.B)}


@form(FORMS)
def rate_computed_per_row(p):
    return {p.W: p.W - p.lr * pt.grad(cost_of(p.W[p.idx], p.W[p.table]), p.W) / pt.sqrt(p.A[:, None] + 1 + p.B**2)}


@form(FORMS)
def rate_from_another_update(p):
    rate = pt.inc_subtensor(p.A[p.idx], constant(p, 1))
    return {p.A: rate, p.W: p.W - pt.grad(cost_of(p.W[p.idx2]), p.W) / rate[:, None]}


@form(FORMS)
def mean_and_sign(p):
    g = pt.grad(-cost_of(p.W[p.idx]), p.W)
    return {p.W: p.W + p.lr * pt.neg(-g) / p.idx.shape[0].astype(p.dtype)}


@form(FORMS)
def factors_on_both_sides(p):
    g = pt.grad(cost_of(p.W[p.idx]), p.W)
    return {p.W: (-p.lr * g * constant(p, 3) + p.W) - p.B[1] * g * p.lr}


@form(FORMS)
def double_rate(p):
    lr = pt.dscalar("double")
    p.given[lr] = 0.1
    return {p.W: pt.cast(sgd(p, cost_of(p.W[p.idx]), lr=lr), p.dtype)}


@form(FORMS)
def two_costs(p):
    g, h = pt.grad(cost_of(p.W[p.idx]), p.W), pt.grad(cost_of(p.W[p.idx2], p.W[p.i]), p.W)
    return {p.W: p.W - p.lr * (g - p.B[2] * h) - p.lr * h}


@form(FORMS)
def two_matrices(p):
    cost = cost_of(p.W[p.idx] * p.V[p.idx2])
    return {p.W: sgd(p, cost), p.V: sgd(p, cost, p.V)}, [cost]


@form(FORMS)
def one_after_the_other(p):
    W = sgd(p, cost_of(p.W[p.idx]))
    return {p.W: W - p.lr * pt.grad(cost_of(W[p.idx2]), W)}


@form(FORMS)
def skipped_when_not_finite(p):
    cost = cost_of(p.W[p.idx])
    return {p.W: pt.switch(pt.isnan(cost), p.W, sgd(p, cost))}


@form(FORMS)
def increment_after(p):
    return {p.W: pt.inc_subtensor(sgd(p, cost_of(p.W[p.idx]))[p.idx2], p.lr)}


@form(FORMS)
def set_after(p):
    return {p.W: pt.set_subtensor(sgd(p, cost_of(p.W[p.idx]))[p.i], 0)}


@form(FORMS)
def set_and_increment_before(p):
    W = pt.inc_subtensor(pt.set_subtensor(p.W[p.i], 0)[p.idx2], 1)
    return {p.W: W - p.lr * pt.grad(cost_of(p.W[p.idx]), p.W)}


@form(FORMS)
def frozen_rows(p):
    g = pt.grad(cost_of(p.W[p.idx], p.W[p.idx2]), p.W)
    return {p.W: p.W - p.lr * pt.set_subtensor(g[p.idx2[:2]], 0)}


@form(FORMS)
def row_for_padding(p):
    return {p.W: sgd(p, cost_of(pt.set_subtensor(p.W[3], 0)[p.table], p.W[p.idx]), lr=p.B[3])}


@form(FORMS)
def elementwise_before_the_read(p):
    return {p.W: sgd(p, cost_of((p.W * p.A[:, None])[p.idx]))}


@form(FORMS)
def sequences_of_scan(p):
    h = pytensor.scan(
        lambda x, h: pt.tanh(x + h), sequences=[p.W[p.idx]], outputs_info=[pt.zeros(d, p.dtype)], return_updates=False
    )
    return {p.W: sgd(p, h[-1].sum())}


@form(FORMS)
def dense_adagrad(p):
    g = pt.grad(cost_of(p.W[p.idx], p.W[p.i]), p.W)
    acc = p.B + g**2
    return {p.B: acc, p.W: p.W - p.lr * g / pt.sqrt(acc + constant(p, 1e-6))}


@form(FORMS)
def clipped_by_value(p):
    return {
        p.W: p.W - p.lr * pt.clip(pt.grad(cost_of(p.W[p.idx], p.W[p.table]), p.W), constant(p, -0.1), constant(p, 0.1))
    }


@form(FORMS)
def clipped_by_norm(p):
    g = pt.grad(cost_of(p.W[p.idx], p.W[p.idx2]), p.W)
    norm = pt.sqrt((g**2).sum())
    return {p.W: p.W - p.lr * pt.switch(norm > 1, g / norm, g)}, [norm]


@form(FORMS)
def clipped_by_norm_of_rows(p):
    g = pt.grad(cost_of(p.W[p.idx], p.W[p.idx2]), p.W)
    norms = pt.sqrt((g**2).sum(axis=1, keepdims=True))
    return {p.W: p.W - p.lr * g * constant(p, 0.1) / pt.maximum(norms, constant(p, 0.1))}


@form(FORMS)
def signs(p):
    return {p.W: p.W - p.lr * pt.sign(pt.grad(cost_of(p.W[p.idx], p.W[p.idx2]), p.W))}


@form(FORMS)
def exponentiated(p):
    return {p.B: p.B * pt.exp(-p.lr * pt.grad(cost_of(p.B[p.idx]), p.B))}


@form(LEFT_ALONE)
def weight_decay(p):
    return {p.W: p.W - p.lr * (pt.grad(cost_of(p.W[p.idx]), p.W) + constant(p, 0.01) * p.W)}


@form(LEFT_ALONE)
def momentum(p):
    v = constant(p, 0.9) * p.V - p.lr * pt.grad(cost_of(p.W[p.idx]), p.W)
    return {p.V: v, p.W: p.W + v}


@form(LEFT_ALONE)
def dense_rmsprop(p):
    g = pt.grad(cost_of(p.W[p.idx]), p.W)
    square = constant(p, 0.9) * p.B + constant(p, 0.1) * g**2
    return {p.B: square, p.W: p.W - p.lr * g / pt.sqrt(square + constant(p, 1e-6))}


@form(LEFT_ALONE)
def dense_adam(p):
    g, mean, square = pt.grad(cost_of(p.W[p.idx]), p.W), p.V, p.B
    mean, square = constant(p, 0.9) * mean + constant(p, 0.1) * g, constant(p, 0.99) * square + constant(p, 0.01) * g**2
    return {p.V: mean, p.B: square, p.W: p.W - p.lr * mean / (pt.sqrt(square) + constant(p, 1e-6))}


@form(LEFT_ALONE)
def every_row_is_read(p):
    return {p.W: sgd(p, cost_of(p.W[p.idx]) + (p.W**2).sum())}


@form(LEFT_ALONE)
def gradient_is_an_output(p):
    g = pt.grad(cost_of(p.W[p.idx]), p.W)
    return {p.W: p.W - p.lr * g}, [g]


@form(LEFT_ALONE)
def mask(p):
    return {p.W: sgd(p, cost_of(p.W[p.A > 1]))}


@form(LEFT_ALONE)
def softmax_over_rows(p):
    g = pt.grad(cost_of(p.W[p.idx]), p.W)
    return {p.W: p.W - p.lr * pt.exp(g) / pt.exp(g).sum()}


@form(LEFT_ALONE)
def normalized_rows(p):
    g = pt.grad(cost_of(p.W[p.idx]), p.W)
    return {p.W: p.W - p.lr * g / (pt.sqrt((g**2).sum(axis=1, keepdims=True)) + p.A[:, None] * 0)}


@form(LEFT_ALONE)
def rate_from_all_rows(p):
    return {p.W: sgd(p, cost_of(p.W[p.idx]), lr=p.V @ p.V.T @ p.V)}


@form(SCANS)
def scalars_in_scan(p):
    h = pytensor.scan(
        lambda i, h, W: pt.tanh(h + W[i]) * W[i - 1],
        sequences=[p.idx],
        outputs_info=[pt.zeros(d, p.dtype)],
        non_sequences=[p.W],
        return_updates=False,
    )
    return {p.W: sgd(p, h[-1].sum(), lr=p.lr)}


@form(SCANS)
def vectors_in_scan(p):
    costs = pytensor.scan(
        lambda idx, W, V: cost_of(W[idx] * V[p.idx[:3]]),
        sequences=[p.table],
        non_sequences=[p.W, p.V],
        strict=False,
        return_updates=False,
    )
    return {p.W: sgd(p, costs.sum()), p.V: sgd(p, costs.sum(), p.V, lr=p.A[:, None])}


@form(SCANS)
def scan_and_other_reads(p):
    costs = pytensor.scan(lambda i, W: cost_of(W[i]), sequences=[p.idx], non_sequences=[p.W], return_updates=False)
    return {p.W: sgd(p, costs.sum() + cost_of(p.W[p.idx2]))}
