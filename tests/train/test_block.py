import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from checks import assert_in_place
from pytensor.compile.mode import Mode
from pytensor.tensor.random.utils import RandomStream
from twins import pair_logistic_step

from ptembed.graphs import adam, rows, sgd
from ptembed.ops.steps import Steps
from ptembed.train import block

N, d, RATE = 8, 3, 0.1
rng = np.random.default_rng(0)
W0 = rng.normal(size=(N, d))
PY = Mode("py", None)
LINKERS = {"numba": "NUMBA", "cvm": Mode("cvm", "fast_compile"), "py": Mode("py", "fast_run")}


def loss_of(r, p, n):
    return (pt.softplus(-(r * p).sum(axis=-1)) + pt.softplus((r * n).sum(axis=-1))).sum()


def triples(W):
    """A minibatch of triples: its input, its loss, the rows read."""
    ids = pt.lmatrix("ids")
    r = rows(W, ids)
    return ids, loss_of(r.values[:, 0], r.values[:, 1], r.values[:, 2]), r


@pytest.fixture(scope="module", params=LINKERS)
def minibatches(request):
    W = pytensor.shared(W0, name="W")
    ids, loss, r = triples(W)
    return W, block([ids], loss, sgd(loss, r, RATE), mode=LINKERS[request.param])


@pytest.fixture(scope="module", params=["numba", "py"])
def online(request):
    W = pytensor.shared(W0, name="W")
    ids = pt.lscalars("ref", "pos", "neg")
    r = rows(W, *ids)
    loss = loss_of(*r.values)
    return W, block(ids, loss, sgd(loss, r, RATE), mode=LINKERS[request.param])


def test_minibatches_in_order(minibatches):
    W, train = minibatches
    W.set_value(W0)
    expected, ids = W0.copy(), rng.integers(-N, N, (5, 4, 3))
    losses = [pair_logistic_step(expected, step, RATE) for step in ids]
    np.testing.assert_allclose(train(ids), losses, rtol=1e-9)
    np.testing.assert_allclose(W.get_value(), expected, rtol=1e-9)


def test_single_triples_in_order(online):
    W, train = online
    W.set_value(W0)
    expected, ids = W0.copy(), rng.integers(-N, N, (20, 3))
    losses = [pair_logistic_step(expected, step, RATE) for step in ids]
    np.testing.assert_allclose(train(*ids.T), losses, rtol=1e-9)
    np.testing.assert_allclose(W.get_value(), expected, rtol=1e-9)


@pytest.mark.parametrize("minibatches", ["numba", "py"], indirect=True)  # fast_compile does nothing in place
def test_the_matrix_is_changed_in_its_own_memory(minibatches):
    W, train = minibatches
    assert_in_place(train.function, W)
    before = W.get_value(borrow=True)
    train(np.zeros((2, 1, 3), int))
    assert np.shares_memory(before, W.get_value(borrow=True))
    (steps,) = (node.op for node in train.function.maker.fgraph.apply_nodes if isinstance(node.op, Steps))
    fgraph = steps.maker().fgraph
    assert fgraph.destroyers(fgraph.inputs[1])


def test_an_empty_block_does_nothing(minibatches, online):
    for (W, train), empty in ((minibatches, [np.zeros((0, 4, 3), int)]), (online, [[], [], []])):
        before = W.get_value()
        assert train(*empty).shape == (0,)
        np.testing.assert_array_equal(W.get_value(), before)


def test_steps_without_rows_do_nothing(minibatches):
    W, train = minibatches
    before = W.get_value()
    np.testing.assert_array_equal(train(np.zeros((3, 0, 3), int)), [0, 0, 0])
    np.testing.assert_array_equal(W.get_value(), before)


@pytest.mark.parametrize(("wrong", "step"), [(N, 2), (-N - 1, 0)])
def test_a_wrong_row_number_is_found_before_the_first_step(minibatches, wrong, step):
    W, train = minibatches
    before, ids = W.get_value(), rng.integers(0, N, (4, 5, 3))
    ids[step, 3, 1] = wrong
    with pytest.raises(IndexError, match=f"got {wrong} in step {step} of input ids: nothing was changed"):
        train(ids)
    np.testing.assert_array_equal(W.get_value(), before)


@pytest.mark.parametrize(
    ("args", "error", "words"),
    [
        ([[0, 1], [0, 1], [0]], ValueError, r"as many steps, got \[2, 2, 1\] for ref, pos, neg"),
        ([[0], [0]], TypeError, "must give 3 arrays, got 2"),
        ([[0.0], [0], [0]], TypeError, "ref must hold int64, got float64"),
        ([0, 0, 0], ValueError, "ref must be an array of rank 1, the leading axis being the steps, got rank 0"),
        ([[[0]], [0], [0]], ValueError, "got rank 2"),
        ([[0], [0], [N]], IndexError, f"got {N} in step 0 of input neg"),
    ],
)
def test_wrong_calls_change_nothing(online, args, error, words):
    W, train = online
    before = W.get_value()
    with pytest.raises(error, match=words):
        train(*(np.array(x) for x in args))
    np.testing.assert_array_equal(W.get_value(), before)


def test_smaller_integers_are_taken(online):
    _, train = online
    assert train(*np.array([[1, 2, 3]], "int8").T).shape == (1,)


def everything():
    """Adam on rows and a dense parameter with a count of steps, two outputs, a fixed rate, a given, a generator."""
    W, b = pytensor.shared(W0, name="W"), pytensor.shared(np.ones(d), name="b")
    ids, target, rate, scale = pt.lvector("ids"), pt.vector("target"), pt.scalar("rate"), pt.scalar("scale")
    noise = RandomStream(seed=3).normal(size=(d,))
    r = rows(W, ids)
    scores = r.values @ (b + noise) * scale
    loss = ((scores - target) ** 2).sum()
    updates = adam(loss, [r, b], rate)
    return [ids, target], [loss, scores], updates, {scale: b.sum()}, [rate], [W, b]


@pytest.mark.parametrize("linker", ["numba", "py"])
def test_a_block_is_its_steps_one_after_the_other(linker):
    inputs, outputs, updates, givens, fixed, shared = everything()
    step = pytensor.function([*inputs, *fixed], outputs, updates=updates, givens=givens, mode=PY)
    ids, targets = rng.integers(0, N, (6, 4)), rng.normal(size=(6, 4))
    expected = [step(i, t, 0.1) for i, t in zip(ids, targets, strict=True)]
    after = [var.get_value() for var in shared]
    inputs, outputs, updates, givens, fixed, shared = everything()
    train = block(inputs, outputs, updates, givens, fixed=fixed, mode=LINKERS[linker])
    for half in (slice(0, 2), slice(2, 6)):
        losses, scores = train(ids[half], targets[half], 0.1)
        np.testing.assert_allclose(losses, [loss for loss, _ in expected[half]], rtol=1e-8)
        np.testing.assert_allclose(scores, [score for _, score in expected[half]], rtol=1e-8)
    for var, value in zip(shared, after, strict=True):
        np.testing.assert_allclose(var.get_value(), value, rtol=1e-8)


def test_states_that_change_places():
    a, b, x = pytensor.shared(np.ones(2)), pytensor.shared(np.zeros(2)), pt.scalar("x")
    swap = block([x], [], {a: b + x, b: a}, mode="NUMBA")
    swap([1.0, 10.0, 100.0])
    np.testing.assert_array_equal(a.get_value(), [101, 101])
    np.testing.assert_array_equal(b.get_value(), [11, 11])


def test_columns_of_an_input_are_checked_against_their_own_matrix():
    W, C, ids = pytensor.shared(W0, name="W"), pytensor.shared(rng.normal(size=(100, d)), name="C"), pt.lvector("ids")
    score = (W[ids[0]] * C[ids[1]]).sum()
    train = block([ids], score, {W: W + 1}, mode=PY)
    assert train([[7, 99], [0, 8]]).shape == (2,)
    with pytest.raises(IndexError, match=r"\[-8, 8\) for W of 8 rows, got 99 in step 1"):
        train([[7, 99], [99, 7]])
    np.testing.assert_array_equal(W.get_value(), W0 + 2)


def test_wrong_graphs_are_refused():
    W, i, x = pytensor.shared(W0, name="W"), pt.lscalar("i"), pt.scalar("x")
    with pytest.raises(ValueError, match="got no x: add it to inputs or to fixed"):
        block([i], x * W[i].sum(), {W: W + 1})
    with pytest.raises(ValueError, match="must have an input"):
        block([], W.sum(), {W: W + 1})
    with pytest.raises(TypeError, match="inputs must be a list of input tensors"):
        block([W], W.sum(), {W: W + 1})
    with pytest.raises(TypeError, match="Cannot convert"):
        block([i], W[i].sum(), {W: W[0]})
