import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from checks import assert_in_place, assert_unchanged
from pytensor.compile.mode import Mode, get_mode
from pytensor.tensor.elemwise import Elemwise
from random_steps import Step
from twins import pair_logistic_step

from ptembed.graphs import adam, rows, sgd
from ptembed.ops.row_loop import RowLoop
from ptembed.rewrites import row_kernels, row_slots  # noqa: F401

N, d, RATE = 9, 5, 0.1
rng = np.random.default_rng(0)
W0 = rng.normal(size=(N, d))
TRIPLES = {
    "distinct": [[0, 1, 2], [3, 4, 5]],
    "repeated": [[0, 1, 2], [0, 1, 0], [1, 1, 3], [8, 0, 8], [2, 2, 2]],
    "negative": [[-1, 8, 0], [-9, 0, 4], [5, -2, 7]],
    "one": [[4, 4, 1]],
    "none": np.zeros((0, 3), int),
}


def loss_of(r, p, n):
    return (pt.softplus(-(r * p).sum(axis=-1)) + pt.softplus((r * n).sum(axis=-1))).sum()


def columns(x):
    return x[:, 0], x[:, 1], x[:, 2]


def by_rows(W):
    ids = pt.lmatrix("ids")
    r = rows(W, ids)
    loss = loss_of(*columns(r.values))
    return [ids], loss, sgd(loss, r, RATE)


def by_three_reads(W):
    ids = pt.lvectors("ref", "pos", "neg")
    r = rows(W, *ids)
    loss = loss_of(*r.values)
    return ids, loss, sgd(loss, r, RATE)


def by_increments(W):
    ids = pt.lmatrix("ids")
    part = W[ids]
    loss = loss_of(*columns(part))
    return [ids], loss, {W: pt.inc_subtensor(part, -RATE * pytensor.grad(loss, part))}


def by_three_increments(W):
    ids = pt.lvectors("ref", "pos", "neg")
    parts = [W[i] for i in ids]
    loss = loss_of(*parts)
    new = W
    for i, g in zip(ids, pytensor.grad(loss, parts), strict=True):
        new = pt.inc_subtensor(new[i], -RATE * g)
    return ids, loss, {W: new}


def by_dense_gradient(W):
    ids = pt.lmatrix("ids")
    loss = loss_of(*columns(W[ids]))
    return [ids], loss, {W: W - RATE * pytensor.grad(loss, W)}


FORMS = {f.__name__: f for f in (by_rows, by_three_reads, by_increments, by_three_increments, by_dense_gradient)}


@pytest.fixture(scope="module", params=FORMS)
def step(request):
    W = pytensor.shared(W0, name="W")
    inputs, loss, updates = FORMS[request.param](W)
    f = pytensor.function(inputs, loss, updates=updates, mode="NUMBA")
    return W, f, lambda ids: f(*np.asarray(ids).T) if len(inputs) == 3 else f(ids)


def loops(f):
    return [node.op for node in f.maker.fgraph.apply_nodes if isinstance(node.op, RowLoop)]


@pytest.mark.parametrize("name", TRIPLES)
def test_every_form_of_the_step_is_the_step(step, name):
    W, _, call = step
    W.set_value(W0)
    expected = W0.copy()
    for _ in range(2):
        np.testing.assert_allclose(call(TRIPLES[name]), pair_logistic_step(expected, TRIPLES[name], RATE), rtol=1e-9)
    np.testing.assert_allclose(W.get_value(), expected, rtol=1e-9)


def test_every_form_compiles_to_loops_in_place(step):
    W, f, _ = step
    assert_in_place(f, W)
    assert all(op.inplace == bool(op.written()) for op in loops(f))
    floats = [out for node in f.maker.fgraph.apply_nodes for out in node.outputs if out.type.dtype == "float64"]
    assert max(out.type.ndim for out in floats) == 2
    assert {type(out.owner.op) for out in floats} <= {RowLoop}


@pytest.mark.parametrize("wrong", [N, -N - 1])
def test_a_wrong_row_number_changes_nothing(step, wrong):
    _, f, _ = step
    triples = np.array([[0, 1, 2], [3, 1, wrong]])
    args = triples.T if len(f.maker.fgraph.inputs) == 4 else [triples]
    assert str(wrong) in assert_unchanged(f, args, IndexError)


def test_it_can_be_left_out_by_name():
    W = pytensor.shared(W0, name="W")
    inputs, loss, updates = by_rows(W)
    mode = get_mode("NUMBA").excluding("row_kernels")
    f = pytensor.function(inputs, loss, updates=updates, mode=mode)
    assert not loops(f)


def test_other_linkers_are_left_alone():
    W = pytensor.shared(W0, name="W")
    inputs, loss, updates = by_rows(W)
    assert not loops(pytensor.function(inputs, loss, updates=updates, mode=Mode("py", "fast_run")))


PROTECTING = {
    "default": "NUMBA",
    "no rewrites but the linker's": Mode("numba", None),
    "nothing in place": get_mode("NUMBA").excluding("inplace"),
}


@pytest.mark.parametrize("name", PROTECTING)
def test_a_matrix_without_an_update_is_never_written(name):
    W, ids = pytensor.shared(W0, name="W"), pt.lvector("ids")
    f = pytensor.function([ids], pt.inc_subtensor(W[ids], 2 * W[ids]), mode=PROTECTING[name])
    assert loops(f) and not any(op.inplace for op in loops(f))
    np.testing.assert_allclose(f([0, 3])[[0, 3]], 3 * W0[[0, 3]])
    np.testing.assert_array_equal(W.get_value(), W0)


def test_histories_at_distinct_rows_are_read_and_written_in_one_loop():
    W = pytensor.shared(W0, name="W")
    ids = pt.lmatrix("ids")
    r = rows(W, ids)
    loss = loss_of(*columns(r.values))
    f = pytensor.function([ids], loss, updates=adam(loss, r, RATE), mode="NUMBA")
    assert_in_place(f, W)
    writing = [op for op in loops(f) if op.inplace]
    assert len(writing) == 1 and len(writing[0].written()) == 4


def test_rows_that_are_written_back_are_read_by_each_loop_and_handed_by_none():
    W, U, idx = pytensor.shared(W0, name="W"), pytensor.shared(np.ones((d, 3)), name="U"), pt.lvector("idx")
    r = rows(W, idx)
    loss = (pt.tanh(pt.dot(r.values.sum(axis=0), U)) ** 2).sum() + (r.values**3).sum()
    updates = adam(loss, [r, U], RATE)
    f, plain = (
        pytensor.function([idx], loss, updates=updates, mode=mode)
        for mode in (get_mode("NUMBA"), Mode("py", "fast_run").excluding("row_kernels"))
    )
    writing = [loop for loop in map(str, loops(f)) if "write" in loop and "inplace" in loop]
    assert len(writing) == 1 and writing[0].count("read") == 4  # W, m, v and t
    assert_in_place(f, *(shared for shared in updates if shared.name.startswith("W")))
    before = {shared: shared.get_value() for shared in updates}
    results = []
    for step in (f, plain):
        for shared, value in before.items():
            shared.set_value(value)
        results.append([*map(step, ([1, 4, 1], [4, 8, 0]))] + [shared.get_value() for shared in updates])
    for got, expected in zip(*results, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-12)


def test_a_table_that_is_written_otherwise_is_not_read_later():
    (W, V), (idx, other) = (pytensor.shared(W0, name=name) for name in "WV"), pt.lvectors("ij")
    r = rows(W, idx)
    late = pt.set_subtensor(V[r.ids], r.part * pt.exp(W[other]).sum())
    f = pytensor.function([idx, other], updates={W: pt.inc_subtensor(W[other], 1.0), V: late}, mode="NUMBA")
    assert_in_place(f, W, V)


def test_single_rows_make_a_loop_without_an_axis():
    W = pytensor.shared(W0, name="W")
    ids = pt.lvector("ids")
    r = rows(W, ids)
    loss = loss_of(r.values[0], r.values[1], r.values[2])
    f = pytensor.function([ids], loss, updates=sgd(loss, r, RATE), mode="NUMBA")
    assert sorted(op.rank for op in loops(f)) == [0, 1]
    expected = W0.copy()
    np.testing.assert_allclose(f([3, 0, 3]), pair_logistic_step(expected, [[3, 0, 3]], RATE))
    np.testing.assert_allclose(W.get_value(), expected)


def test_groups_of_rows_make_a_loop_with_two_axes():
    W, C = pytensor.shared(W0, name="W"), pytensor.shared(W0[::-1].copy(), name="C")
    i, K = pt.lvector("i"), pt.lmatrix("K")
    r, c = rows(W, i), rows(C, K)
    loss = pt.softplus((r.values[:, None, :] * c.values).sum(axis=2)).sum()
    f = pytensor.function([i, K], loss, updates=sgd(loss, [r, c], RATE), mode="NUMBA")
    assert 2 in {op.rank for op in loops(f)}
    assert_in_place(f, W, C)
    at, group = np.array([1, 1]), np.array([[0, 2, 0], [3, 0, -1]])
    w, v, G, H = W0.copy(), W0[::-1].copy(), np.zeros((N, d)), np.zeros((N, d))
    score = np.einsum("md,mqd->mq", w[at], v[group])
    coefficient = 1 / (1 + np.exp(-score))
    np.add.at(G, at, np.einsum("mq,mqd->md", coefficient, v[group]))
    np.add.at(H, group, coefficient[:, :, None] * w[at][:, None])
    np.testing.assert_allclose(f(at, group), np.log1p(np.exp(score)).sum())
    np.testing.assert_allclose(W.get_value(), w - RATE * G)
    np.testing.assert_allclose(C.get_value(), v - RATE * H)


def test_costly_functions_are_not_computed_again():
    X, Y = pt.dmatrix("X"), pt.dmatrix("Y")
    e = pt.exp(X)
    f = pytensor.function([X, Y], [(e * Y).sum(axis=1), e * (Y * Y).sum(axis=1)[:, None]], mode="NUMBA")
    inside = [node.op.scalar_op for op in loops(f) for node in op.nodes if isinstance(node.op, Elemwise)]
    assert inside and not any("exp" in str(scalar_op).lower() for scalar_op in inside)


@pytest.mark.parametrize("seed", range(6))
def test_random_steps_give_the_same_numbers(seed):
    step = Step(seed)
    _, expected = step.run(Mode("py", "fast_compile"))
    _, results = step.run("NUMBA")
    tolerance = 1e-8 if step.dtype == "float64" else 3e-4
    for got, wanted in zip(results, expected, strict=True):
        assert got.shape == wanted.shape and got.dtype == wanted.dtype
        np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance)
