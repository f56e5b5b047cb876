"""Dense updates become row writes in place: same numbers, nothing of size N x d; what cannot be exact is left alone."""

import warnings
from collections import Counter

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytensor.compile.mode import Mode, optdb
from pytensor.graph.fg import FunctionGraph
from pytensor.link.vm import VMLinker
from pytensor.scan.op import Scan
from row_forms import (
    FORMS,
    IDX,
    LEFT_ALONE,
    SCANS,
    N,
    clipped_by_norm,
    cost_of,
    dense_adagrad,
    dense_adam,
    dense_rmsprop,
    double_rate,
    elementwise_before_the_read,
    mean_and_sign,
    momentum,
    parts,
    rate_per_cell,
    row_for_padding,
    scalars_in_scan,
    several_reads,
    sgd,
    shared_rate_that_decays,
    vector,
    weight_decay,
)

from ptembed import _pytensor
from ptembed.rewrites import dense_history
from ptembed.rewrites.dense_history import DenseHistoryWarning


def built(build, dtype):
    p = parts(dtype)
    made = build(p)
    updates, outputs = made if isinstance(made, tuple) else (made, [])
    return p, list(updates.items()), list(outputs)


def compiled(p, updates, outputs, mode):
    return pytensor.function(list(p.given), outputs, updates=updates, mode=mode, on_unused_input="ignore")


def numbers_after(p, updates, outputs, mode, steps=2):
    """Run some steps from the same start; gives the outputs of the last one and the shared variables after it."""
    step = compiled(p, updates, outputs, mode)
    start = {var: var.get_value() for var, _ in updates}
    for _ in range(steps):
        outs = step(*p.given.values())
    after = [var.get_value() for var in start]
    for var, value in start.items():
        var.set_value(value)
    return outs + after


def same(found, expected, dtype):
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=2e-6 if dtype == "float32" else 1e-13)


PY = Mode("py", "fast_run")


IN_FLOAT32 = [several_reads, double_rate, mean_and_sign, dense_adagrad, clipped_by_norm]


@pytest.mark.parametrize(
    ("build", "dtype"),
    [(build, "float64") for build in FORMS.values()] + [(build, "float32") for build in IN_FLOAT32],
)
def test_numbers_are_those_of_the_dense_graph(build, dtype):
    graph = built(build, dtype)
    same(numbers_after(*graph, PY), numbers_after(*graph, PY.excluding("row_updates")), dtype)


def dense_results(p, updates, outputs, exclude=()):
    """Run a step and name the nodes that made anything as large as N, but a shared variable written in place."""
    large = []

    def look(node, thunk, storage_map, compute_map):
        for var in node.outputs:
            value = storage_map[var][0]
            if (
                isinstance(value, np.ndarray)
                and value.size >= N
                and not any(np.shares_memory(value, m) for m in stored)
            ):
                large.append(str(node))

    step = compiled(
        p,
        updates,
        outputs,
        Mode(VMLinker(use_cloop=False, c_thunks=False, callback=look), "fast_run").excluding(*exclude),
    )
    stored = [p_var.get_value(borrow=True) for p_var in step.get_shared()]
    step(*p.given.values())
    return large


DENSE_BEFORE_THE_READ = {elementwise_before_the_read, row_for_padding}


@pytest.mark.parametrize("build", [build for build in FORMS.values() if build not in DENSE_BEFORE_THE_READ])
def test_nothing_of_the_size_of_the_matrix_is_made(build):
    assert dense_results(*built(build, "float32")) == []


def test_the_look_for_large_results_finds_them():
    assert dense_results(*built(vector, "float32"), exclude=["row_updates"])


def operations(p, updates, outputs, mode):
    return Counter(str(node.op) for node in compiled(p, updates, outputs, mode).maker.fgraph.apply_nodes)


@pytest.mark.parametrize("build", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_left_alone(build):
    graph = built(build, "float64")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DenseHistoryWarning)
        assert operations(*graph, PY) == operations(*graph, PY.excluding("row_updates"))


@pytest.mark.parametrize("build", SCANS.values(), ids=SCANS)
def test_rows_read_in_scan_are_written_after_it(build):
    graph = built(build, "float64")
    same(numbers_after(*graph, PY), numbers_after(*graph, PY.excluding("row_updates")), "float64")
    assert dense_results(*graph) == []


def test_rows_read_in_scan_are_not_written_in_it():
    p, updates, outputs = built(scalars_in_scan, "float64")
    step = compiled(p, updates, outputs, PY)
    inside = [
        node for scan in step.maker.fgraph.toposort() if isinstance(scan.op, Scan) for node in inner_nodes(scan.op)
    ]
    assert inside and not any(isinstance(node.op, _pytensor.ROW_WRITES) for node in inside)


def inner_nodes(op):
    return FunctionGraph(*_pytensor.inner_graph(op), clone=False).toposort()


def test_rows_of_another_shape_in_each_step_stay_in_scan():
    def step(i, W, idx):
        return cost_of(W[idx[:i]])

    p = parts("float64")
    idx, lengths = pt.constant(IDX), pt.constant([2, 4, 3])
    costs = pytensor.scan(step, sequences=[lengths], non_sequences=[p.W, idx], return_updates=False)
    graph = p, [(p.W, sgd(p, costs.sum()))], []
    same(numbers_after(*graph, PY), numbers_after(*graph, PY.excluding("row_updates")), "float64")


@pytest.mark.parametrize("cut", [np.s_[:, :2], np.s_[1:3]], ids=["columns", "rows"])
def test_parts_by_slices_stay_in_scan(cut):
    def step(h, W):
        return pt.tanh(h + W[cut].sum())

    p = parts("float64")
    h = pytensor.scan(step, outputs_info=[p.A.sum()], non_sequences=[p.W], n_steps=3, return_updates=False)
    graph = p, [(p.W, sgd(p, h[-1]))], []
    with pytensor.config.change_flags(on_opt_error="raise"):
        same(numbers_after(*graph, PY), numbers_after(*graph, PY.excluding("row_updates")), "float64")


@pytest.mark.parametrize("build", [several_reads, dense_adagrad, scalars_in_scan])
@pytest.mark.parametrize("linker", ["numba", "cvm"])
def test_numbers_under_the_other_linkers(build, linker):
    graph = built(build, "float32")
    same(numbers_after(*graph, Mode(linker, "fast_run")), numbers_after(*graph, PY.excluding("row_updates")), "float32")


def test_excluded_by_name():
    graph = built(several_reads, "float32")
    assert operations(*graph, PY) != operations(*graph, PY.excluding("row_updates"))
    names = [name for name in optdb.__position__ if name.startswith("row_updates")]
    kept = [optdb.query(PY.excluding("row_updates").provided_optimizer)]
    assert len(names) == 3 and not any(name in str(kept) for name in names)


@pytest.fixture
def nothing_warned(monkeypatch):
    monkeypatch.setattr(dense_history, "warned", set())


@pytest.mark.parametrize(
    ("build", "lazy"),
    [(momentum, "momentum or nesterov"), (dense_rmsprop, "rmsprop or adadelta"), (dense_adam, "adam")],
)
def test_a_history_that_decays_densely_is_named_once(build, lazy, nothing_warned):
    graph = built(build, "float32")
    with pytest.warns(DenseHistoryWarning, match=rf"ptembed\.graphs\.updates\.{lazy} "):
        compiled(*graph, PY)
    with warnings.catch_warnings():
        warnings.simplefilter("error", DenseHistoryWarning)
        compiled(*graph, PY)


@pytest.mark.parametrize("build", [vector, dense_adagrad, weight_decay, rate_per_cell, shared_rate_that_decays])
def test_other_updates_are_not_taken_for_histories(build, nothing_warned):
    with warnings.catch_warnings():
        warnings.simplefilter("error", DenseHistoryWarning)
        compiled(*built(build, "float32"), PY)


def test_row_writes_of_the_user_run_in_place_beside_views():
    p = parts("float32")
    updates = [(p.W, pt.inc_subtensor(p.W[p.idx], pt.exp(p.W[p.i]) + p.W[p.j]))]
    assert dense_results(p, updates, [p.W[p.i]]) == []


TERMS = st.recursive(
    st.sampled_from(["g", "h", "frozen"]),
    lambda term: st.one_of(
        st.tuples(st.sampled_from(["scale", "column", "row", "cell", "divide", "negate"]), term),
        st.tuples(st.sampled_from(["add", "subtract", "choose"]), term, term),
    ),
    max_leaves=5,
)


def expression(p, leaves, term):
    if isinstance(term, str):
        return leaves[term]
    kind, *rest = term
    a, b = [expression(p, leaves, part) for part in rest] * (2 if len(rest) == 1 else 1)
    return {
        "scale": lambda: p.lr * a,
        "column": lambda: a * p.B[5],
        "row": lambda: a * p.A[:, None],
        "cell": lambda: a * pt.exp(-p.B),
        "divide": lambda: a / (p.lr + p.A[:, None]),
        "negate": lambda: -a,
        "add": lambda: a + b,
        "subtract": lambda: a - b,
        "choose": lambda: pt.switch(p.A[:, None] > 1, a, b),
    }[kind]()


@settings(max_examples=15, deadline=None, derandomize=True)
@given(TERMS)
def test_any_linear_expression_of_gradients(term):
    p = parts("float64")
    leaves = {
        "g": pt.grad(cost_of(p.W[p.idx], p.W[p.i]), p.W),
        "h": pt.grad(cost_of(p.W[p.table]), p.W),
        "frozen": pt.set_subtensor(pt.grad(cost_of(p.W[p.idx2]), p.W)[0], 0),
    }
    graph = p, [(p.V, p.V - expression(p, leaves, term))], []
    same(numbers_after(*graph, PY), numbers_after(*graph, PY.excluding("row_updates")), "float64")
    assert dense_results(*graph) == []
