"""Attention over the entries of a memory, against loops; only touched rows are written."""

import itertools

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
import twins
from checks import assert_no_dense_node
from pytensor.compile.mode import Mode, get_mode

from ptembed import graphs
from ptembed.graphs.memory import Memory, attend, triples, used_slots

PYTHON = Mode("py", "fast_compile")
NUMBA = get_mode("NUMBA").excluding("inplace_elemwise")  # whose nodes cannot be run one by one
rng = np.random.default_rng(0)
N, d = 200, 4
A0, R0, Q0 = rng.normal(size=(N, d)), rng.normal(size=(3, d)), rng.normal(size=(4, d))
ENTRIES, OFFSETS = np.array([[0, 1, 5], [7, 0, 6], [9, 2, 0], [0, 2, 3], [1, 1, 1]]), np.array([0, 2, 2, 3, 5])


def memory(dtype="float64"):
    A, R = pytensor.shared(A0.astype(dtype), name="A"), pytensor.shared(R0.astype(dtype), name="R")
    return triples(A, R, ENTRIES, OFFSETS), A, R


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("hops", [1, 3])
def test_equals_loops(hops, dtype):
    got = attend(Q0.astype(dtype), memory(dtype)[0], hops).eval(mode=PYTHON)
    keys = A0[ENTRIES[:, 0]] + R0[ENTRIES[:, 1]]
    expected = twins.attended(Q0, keys, A0[ENTRIES[:, 2]], OFFSETS, hops)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, expected, rtol=1e-12 if dtype == "float64" else 1e-4)
    np.testing.assert_array_equal(got[1], Q0[1].astype(dtype))


def test_large_scores_do_not_overflow():
    keys, values = np.array([[1e6], [-1e6]]), np.array([[1.0], [2.0]])
    np.testing.assert_array_equal(
        attend(np.ones((1, 1)), Memory(keys, values, np.array([0, 2]), [])).eval(mode=PYTHON), [[2]]
    )


def test_unused_slots():
    slots = np.full((4, 3, 3), -1)
    for i, (start, stop) in enumerate(itertools.pairwise(OFFSETS)):
        slots[i, 1 : 1 + stop - start] = ENTRIES[start:stop]
    entries, offsets = used_slots(slots)
    np.testing.assert_array_equal(entries.eval(mode=PYTHON), ENTRIES)
    np.testing.assert_array_equal(offsets.eval(mode=PYTHON), OFFSETS)


def test_only_touched_rows_are_written():
    found, results = [], []
    for mode in (NUMBA, PYTHON):
        made, A, R = memory()
        loss = (attend(Q0, made, 2) ** 2).sum()
        step = pytensor.function([], loss, updates=graphs.adam(loss, made.params, 0.1), mode=mode)
        found.append(step)
        results.append((step(), A.get_value(), R.get_value()))
    for ours, python in zip(*results, strict=True):
        np.testing.assert_allclose(ours, python, rtol=1e-9)
    changed = np.flatnonzero((results[0][1] != A0).any(axis=1))
    alone = 9  # the key of a single entry has no gradient
    assert changed.tolist() == np.setdiff1d(ENTRIES[:, [0, 2]], alone).tolist()
    assert_no_dense_node(found[0], pytensor.shared(A0))


def test_gradient_of_the_query():
    made = Memory(*(x.eval(mode=PYTHON) for x in memory()[0][:2]), OFFSETS, [])
    pytensor.gradient.verify_grad(lambda q: attend(q, made, 2), [Q0], rng=rng, mode="FAST_COMPILE")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: triples(pytensor.shared(A0), pytensor.shared(R0), ENTRIES * 1.0, OFFSETS),
            TypeError,
            "entries must be",
        ),
        (lambda: triples(pytensor.shared(A0), pt.dmatrix(), ENTRIES, OFFSETS), TypeError, "W must be a shared tensor"),
        (lambda: used_slots(ENTRIES), TypeError, "slots must be integers of rank 3"),
        (lambda: attend(Q0, memory()[0], 0), ValueError, "hops must be at least 1, got 0"),
        (lambda: attend(Q0[:1], memory()[0]).eval(mode=PYTHON), ValueError, "one more than there are queries"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
