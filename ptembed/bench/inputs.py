"""What the first layer on sparse input costs: ptembed, torch, SciPy, and PyTensor alone.

The step is the same for all: tanh of a product of a batch of sparse rows and ``W``, the sum of its squares as the loss,
and gradient descent. All sides begin with the same ``W``; only when they agree after three steps are they timed, in
turn in one process. Read :mod:`ptembed.bench.timing` for how time is taken.
"""

from dataclasses import dataclass

import numpy as np
import pytensor
import pytensor.sparse
import pytensor.tensor as pt
import scipy.sparse

from ptembed import graphs
from ptembed.bench.pages import markdown, publish
from ptembed.bench.row_peers import missing
from ptembed.bench.row_targets import Target
from ptembed.bench.theano_process import check_paths
from ptembed.bench.timing import Side, in_turn, machine, ratio
from ptembed.graphs.inputs import feature_rows, project

__all__ = ["QUICK", "Sizes", "main", "measure"]

RATE = 0.01
PACKAGES = ("pytensor", "numpy", "scipy", "numba", "torch")
OURS, FORWARD, SCIPY_FORWARD = "ptembed, W - lr * grad", "ptembed, forward alone", "SciPy, forward alone"
BAG, DENSE = "torch, EmbeddingBag, sparse gradient", "torch, dense"
OPTIMIZERS = ("sgd", "momentum", "adagrad", "rmsprop", "adam")

TEXT = """# The first layer on sparse input, side by side

`python -m ptembed.bench inputs{quick}` wrote this page, with one thread everywhere:
{machine}.

A step is forward, backward and update: y = tanh(x W), the loss the sum of y^2, gradient descent; x has {m} rows of
{n:,} features, {density:.1%} of them not zero, W is {n:,} x {d} float32. All sides began with the same W and agreed
after three steps; they took turns in one run, {rounds} rounds. A time is the median of the rounds' medians, a ratio the
median of the rounds' ratios.
{missing}
"""


@dataclass(frozen=True)
class Sizes:
    """What is measured: a batch of ``m`` rows of ``n`` features, ``d`` units; one row of ``flat`` features."""

    m: int = 128
    n: int = 10_000
    d: int = 500
    density: float = 0.005
    flat: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    nonzeros: int = 50
    units: int = 50
    rounds: int = 11
    calls: int = 20
    limit: float = 0.2


QUICK = Sizes(m=8, n=500, d=20, density=0.02, flat=(500, 2_000), nonzeros=5, units=4, rounds=2, calls=3, limit=0.01)


def main(out="docs/benchmarks", quick=False):
    """Measure everything and write ``inputs.md`` into the folder ``out``.

    Raises
    ------
    FileNotFoundError
        When there is no folder ``out``; before anything is measured.
    RuntimeError
        When two sides do not compute the same update.
    """
    check_paths(out, None)
    publish(measure(QUICK if quick else Sizes()), out, "inputs.md")


def measure(sizes):
    """Measure everything; gives the page."""
    absent = {name: line for name, line in missing("").items() if name == "torch"}
    steps, taken = _timed(sizes, absent)
    flat_taken = _flat(sizes)
    of = {side.name: times for side, times in zip(steps, taken, strict=True)}
    targets = [*_targets(of), _flat_target(sizes, flat_taken)]
    text = TEXT.format(
        quick=" --quick" * (sizes is QUICK), machine=machine(*PACKAGES),
        missing="".join(f"\n{line}.\n" for line in absent.values()),
        **{name: getattr(sizes, name) for name in ("m", "n", "d", "density", "rounds")},
    )  # fmt: skip
    rows = [(name, f"{np.median(t) * 1e3:.2f}", f"{ratio(t, of[OURS]):.2f}") for name, t in of.items()]
    flat_rows = [(f"{n:,}", f"{np.median(t) * 1e6:.1f}") for n, t in zip(sizes.flat, flat_taken, strict=True)]
    title = f"One row of {sizes.nonzeros} non-zeros, {sizes.units} units, over the number of features"
    return "\n".join([
        text,
        "## What a step is held to\n",
        markdown(("", "bound", "measured", "met"), [(*t[:3], "yes" if t.met else "**no**") for t in targets]),
        f"## A batch of {sizes.m}\n",
        markdown(("side", "ms", f"times {OURS}"), rows),
        f"## {title}\n",
        markdown(("features", "us a step"), flat_rows),
    ])  # fmt: skip


def _targets(of):
    bounds = [(BAG, OURS, 1), (SCIPY_FORWARD, FORWARD, 1), (DENSE, OURS, 5)]
    for slow, fast, bound in bounds:
        if slow in of:
            times = ratio(of[slow], of[fast])
            yield Target(f"{slow} / {fast}", f">= {bound}", f"{times:.2f}", times >= bound)


def _flat_target(sizes, taken):
    times = ratio(taken[-1], taken[0])
    what = f"one row, {sizes.flat[-1]:,} features / {sizes.flat[0]:,}"
    return Target(what, "<= 1.3", f"{times:.2f}", times <= 1.3)


def _timed(sizes, absent):
    X = scipy.sparse.random(sizes.m, sizes.n, sizes.density, "csr", dtype=np.float32, random_state=0)
    X = scipy.sparse.csr_matrix(X)
    W = np.random.default_rng(0).normal(0, 0.02, (sizes.n, sizes.d)).astype(np.float32)
    sides = [_naive(X, W, OURS), _naive(X, W, "PyTensor alone, W - lr * grad", rewritten=False)]
    sides += [_by_rows(X, W, name) for name in OPTIMIZERS] + [_scipy(X, W)]
    sides += [] if absent else [_torch_bag(X, W), _torch_dense(X, W)]
    _agree(sides, W, X)
    sides += [_forward(X, W), Side(SCIPY_FORWARD, lambda: X @ W, None, _nothing)]
    return sides, in_turn(sides, [_draw] * len(sides), sizes.rounds, sizes.calls, sizes.limit)


def _agree(sides, W, X):
    """Take three steps and check that all sides that do the same update have the same W then."""
    for side in sides:
        for _ in range(3):
            side.step()
    seen = np.unique(X.indices)
    expected = sides[0].rows(seen)
    change = np.abs(expected - W[seen]).max()
    for side in sides:
        if side.versus and np.abs(side.rows(seen) - expected).max() > 1e-3 * change:
            raise RuntimeError(f"all sides must compute the same update, but {side.name} differs from {sides[0].name}")


def _flat(sizes):
    """One row of some non-zeros, over the number of features."""
    sides, rng = [], np.random.default_rng(0)
    for n in sizes.flat:
        indices = np.sort(rng.choice(n, sizes.nonzeros, replace=False)).astype(np.int32)
        row = np.ones(sizes.nonzeros, np.float32), indices, np.array([0, sizes.nonzeros], np.int32)
        W = rng.standard_normal((n, sizes.units), np.float32) / 50
        sides.append(_naive(scipy.sparse.csr_matrix(row, shape=(1, n)), W, f"{n}"))
    return in_turn(sides, [_draw] * len(sides), sizes.rounds, 10 * sizes.calls, sizes.limit)


def _draw(calls):
    return [None] * calls


def _nothing(_):
    return ()


def _side(name, step, W, versus=True):
    return Side(name, step, lambda rows: W.get_value(borrow=True)[rows], _nothing, versus=versus)


def _naive(X, W, name, rewritten=True):
    x, W = pytensor.sparse.csr_matrix("x", dtype="float32"), pytensor.shared(W, name="W")
    y = pt.tanh(project(x, W))
    mode = pytensor.compile.mode.get_mode("NUMBA")
    mode = mode if rewritten else mode.excluding("sparse_products", "row_updates", "row_kernels")
    updates = [(W, W - np.float32(RATE) * pt.grad((y**2).sum(), W))]
    step = pytensor.function([x], updates=updates, mode=mode)
    step.trust_input = True
    return _side(name, lambda: step(X), W)


def _by_rows(X, W, optimizer):
    x, W = pytensor.sparse.csr_matrix("x", dtype="float32"), pytensor.shared(W, name="W")
    r = feature_rows(W, x)
    updates = getattr(graphs, optimizer)((pt.tanh(r.values) ** 2).sum(), r, RATE)
    step = pytensor.function([x], updates=updates, mode="NUMBA")
    step.trust_input = True
    return _side(f"ptembed, feature_rows, {optimizer}", lambda: step(X), W, versus=optimizer == "sgd")


def _forward(X, W):
    x, W = pytensor.sparse.csr_matrix("x", dtype="float32"), pytensor.shared(W, name="W")
    product = pytensor.function([x], project(x, W), mode="NUMBA")
    product.trust_input = True
    return _side(FORWARD, lambda: product(X), W)


def _scipy(X, W):
    """By hand, with the columns that are touched taken out beforehand."""
    W, touched = W.copy(), np.unique(X.indices)
    transposed = X[:, touched].T.tocsr()

    def step():
        y = np.tanh(X @ W)
        W[touched] -= np.float32(RATE) * (transposed @ (2 * y * (1 - y * y)))

    return Side("SciPy by hand, touched rows known", step, lambda rows: W[rows], _nothing)


def _torch_bag(X, W):
    import torch

    torch.set_num_threads(1)
    bag = torch.nn.EmbeddingBag.from_pretrained(torch.from_numpy(W.copy()), freeze=False, mode="sum", sparse=True)
    ids, offsets = (torch.from_numpy(v.astype("int64")) for v in (X.indices, X.indptr[:-1]))
    numbers, optimizer = torch.from_numpy(X.data), torch.optim.SGD(bag.parameters(), lr=RATE)

    def step():
        optimizer.zero_grad(set_to_none=True)
        (torch.tanh(bag(ids, offsets, per_sample_weights=numbers)) ** 2).sum().backward()
        optimizer.step()

    return Side(BAG, step, lambda rows: bag.weight.detach().numpy()[rows], _nothing)


def _torch_dense(X, W):
    import torch

    torch.set_num_threads(1)
    W, x = torch.nn.Parameter(torch.from_numpy(W.copy())), torch.from_numpy(X.toarray())

    def step():
        W.grad = None
        (torch.tanh(x @ W) ** 2).sum().backward()
        with torch.no_grad():
            W.add_(W.grad, alpha=-RATE)

    return Side(DENSE, step, lambda rows: W.detach().numpy()[rows], _nothing)
