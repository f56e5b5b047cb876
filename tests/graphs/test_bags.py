"""Bags of embeddings against loops over them; masks, weights, empty bags, and what a step writes."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
import twins
from checks import assert_in_place, assert_no_dense_node, assert_unchanged
from hypothesis import given, settings
from hypothesis import strategies as st
from pytensor.compile.mode import Mode, get_mode

from ptembed import graphs
from ptembed.graphs.bags import bag, classifier, mask_of, pool
from ptembed.graphs.losses import cross_entropy
from ptembed.graphs.memory import triples

N, d, C = 300, 4, 3
PYTHON = Mode("py", "fast_compile")
NUMBA = get_mode("NUMBA").excluding("inplace_elemwise")  # whose nodes cannot be run one by one
rng = np.random.default_rng(0)
E0, M0, U0, b0 = (rng.normal(size=shape) for shape in ((N, d), (N, d), (d, C), (C,)))
IDS, OFFSETS = np.array([5, 7, 5, -1, 0, 5]), np.array([0, 3, 3, 4, 6])
W = rng.uniform(0.5, 2, len(IDS))


def shared(value, name, dtype="float64"):
    return pytensor.shared(value.astype(dtype), name=name)


@pytest.fixture(scope="module")
def pools():
    where, offsets, weights = pt.lvector("where"), pt.lvector("offsets"), pt.dvector("weights")
    outs = [pool(E0, where, offsets, reduce=how) for how in ("sum", "mean", "max")]
    outs += [pool(E0, where, offsets, weights=weights, reduce=how) for how in ("sum", "mean")]
    return pytensor.function([where, offsets, weights], outs, mode=PYTHON)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=6), st.integers(0, 99))
@settings(max_examples=50, deadline=None)
def test_equals_loops(pools, lengths, seed):
    draw, offsets = np.random.default_rng(seed), np.cumsum([0, *lengths])
    where, weights = draw.integers(0, N, offsets[-1]), draw.uniform(0.5, 2, offsets[-1])
    expected = [twins.pooled(E0[where], offsets, reduce=how) for how in ("sum", "mean", "max")]
    expected += [twins.pooled(E0[where], offsets, weights, how) for how in ("sum", "mean")]
    for got, wanted in zip(pools(where, offsets, weights), expected, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("mask", [None, "own", "tied"])
@pytest.mark.parametrize("reduce", ["sum", "mean", "max"])
def test_masked_bags(reduce, mask, dtype):
    E = shared(E0, "E", dtype)
    M = {None: None, "own": shared(M0, "M", dtype), "tied": shared(M0[0], "M", dtype)}[mask]
    made = bag(E, IDS, OFFSETS, mask=M, reduce=reduce)
    factor = {None: 1, "own": M0[IDS], "tied": M0[0]}[mask]
    got = made.values.eval(mode=PYTHON)
    assert got.dtype == dtype
    assert len(made.params) == (1 if mask is None else 2)
    np.testing.assert_allclose(got, twins.pooled(E0[IDS] * factor, OFFSETS, reduce=reduce), rtol=1e-5)
    one = bag(E, IDS[:3], mask=M, reduce=reduce).values.eval(mode=PYTHON)
    np.testing.assert_allclose(one, got[0], rtol=1e-6)


@pytest.mark.parametrize("reduce", ["sum", "mean", "max"])
def test_a_single_bag_may_be_empty(reduce):
    np.testing.assert_array_equal(bag(shared(E0, "E"), [], reduce=reduce).values.eval(mode=PYTHON), np.zeros(d))


def test_weights_of_a_single_bag():
    for reduce in ("sum", "mean"):
        got = bag(shared(E0, "E"), IDS, weights=W, reduce=reduce).values.eval(mode=PYTHON)
        np.testing.assert_allclose(got, twins.pooled(E0[IDS], [0, len(IDS)], W, reduce)[0])


def test_masks_begin_at_ones():
    E = shared(E0, "E", "float32")
    own, tied = mask_of(E), mask_of(E, tied=True, name="m")
    assert (own.name, tied.name, own.dtype) == ("E_mask", "m", "float32")
    assert (own.get_value() == 1).all() and own.get_value().shape == (N, d) and tied.get_value().shape == (d,)
    values = bag(E, IDS, OFFSETS, mask=own).values.eval(mode=PYTHON)
    np.testing.assert_array_equal(values, bag(E, IDS, OFFSETS).values.eval(mode=PYTHON))


def step_of(dtype, mode, batch, make=graphs.adagrad, squares=False):
    """A training step of a masked bag with all its variables; nodes of a softmax cannot be run one by one."""
    E, M, U, b = (shared(v, n, dtype) for v, n in ((E0, "E"), (M0, "M"), (U0, "U"), (b0, "b")))
    ids, offsets = pt.lvector("ids"), pt.lvector("offsets")
    y = pt.lvector("y") if batch else pt.lscalar("y")
    logits, params = classifier(bag(E, ids, offsets if batch else None, mask=M), U, b)
    loss = (logits**2).sum() if squares else cross_entropy(logits, y, weights=[1.0, 2.0, 0.5]).sum()
    inputs = [ids, offsets, y] if batch else [ids, y]
    updates = make(loss, params, 0.1)
    return pytensor.function(inputs, loss, updates=updates, mode=mode, on_unused_input="ignore"), (E, M, U, b)


@pytest.mark.parametrize("batch", [True, False])
def test_a_step_writes_the_rows_read_and_no_others(batch):
    arguments = (IDS, OFFSETS, [0, 1, 2, 1]) if batch else (IDS, 2)
    results = []
    for mode in (NUMBA, PYTHON):
        step, variables = step_of("float64", mode, batch, squares=True)
        results.append([step(*arguments), *(v.get_value() for v in variables)])
        if mode is NUMBA:
            assert_in_place(step, *variables[:2])
            assert_no_dense_node(step, variables[0], *arguments)
    for ours, python in zip(*results, strict=True):
        np.testing.assert_allclose(ours, python, rtol=1e-9)
    untouched = np.setdiff1d(np.arange(N), IDS % N)
    np.testing.assert_array_equal(results[0][1][untouched], E0[untouched])
    assert (results[0][1][IDS] != E0[IDS]).all() and (results[0][2][IDS] != M0[IDS]).all()


def test_gradients_are_numerical_ones():
    step, (E, *_) = step_of("float64", PYTHON, True, graphs.sgd)
    start = E.get_value()
    step(IDS, OFFSETS, [0, 1, 2, 1])
    gradient = (start - E.get_value()) / 0.1
    for row, column in ((5, 0), (N - 1, 3), (0, 1)):
        losses = []
        for change in (1e-6, -1e-6):
            other, (E, *_) = step_of("float64", PYTHON, True, graphs.sgd)
            moved = start.copy()
            moved[row, column] += change
            E.set_value(moved)
            losses.append(other(IDS, OFFSETS, [0, 1, 2, 1]))
        np.testing.assert_allclose(gradient[row, column], (losses[0] - losses[1]) / 2e-6, rtol=1e-5)


def test_a_memory_by_one_argument():
    E, A, R, U = shared(E0, "E"), shared(E0, "A"), shared(M0[:2], "R"), shared(U0, "U")
    entries, places = np.array([[0, 1, 9], [3, 0, 8]]), np.array([0, 1, 1, 2, 2])
    logits, params = classifier(bag(E, IDS, OFFSETS), U, memory=triples(A, R, entries, places), hops=2)
    query = twins.pooled(E0[IDS], OFFSETS)
    expected = twins.attended(query, E0[[0, 3]] + M0[[1, 0]], E0[[9, 8]], places, 2) @ U0
    np.testing.assert_allclose(logits.eval(mode=PYTHON), expected)
    assert [getattr(p, "W", p).name for p in params] == ["E", "A", "R", "U"]


@pytest.mark.parametrize("linker", ["numba", "py"])
def test_what_does_not_fit_changes_nothing(linker):
    step, _ = step_of("float64", Mode(linker, "fast_run"), True)
    for offsets in ([0, 3, 3, 4, 5], [1, 3, 3, 4, 6], [0, 4, 3, 4, 6]):
        assert_unchanged(step, [IDS, np.array(offsets), [0, 1, 2, 1]], ValueError, "offsets must begin with 0")
    assert "got 300" in assert_unchanged(step, [IDS + N - 5, OFFSETS, [0, 1, 2, 1]], IndexError)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: bag(pt.dmatrix("E"), IDS), TypeError, "W must be a shared tensor"),
        (lambda: bag(shared(E0[0], "E"), IDS), TypeError, "E must be a matrix"),
        (lambda: bag(shared(E0, "E"), IDS[None]), TypeError, "ids must be a vector of integers"),
        (lambda: bag(shared(E0, "E"), IDS * 1.0), TypeError, "ids must be a vector of integers"),
        (lambda: bag(shared(E0, "E"), IDS, mask=pt.dmatrix()), TypeError, "mask must be a shared matrix"),
        (lambda: bag(shared(E0, "E"), IDS, OFFSETS * 1.0), TypeError, "offsets must be a vector of integers"),
        (lambda: bag(shared(E0, "E"), IDS, reduce="product"), ValueError, "reduce must be one of sum, mean, max"),
        (lambda: bag(shared(E0, "E"), IDS, weights=W, reduce="max"), ValueError, "weights have no meaning"),
        (lambda: bag(shared(E0, "E"), IDS, weights=W[None]), TypeError, "weights must be a vector"),
        (lambda: classifier(bag(shared(E0, "E"), IDS), U0, memory=()), TypeError, "a memory needs bags with offsets"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
