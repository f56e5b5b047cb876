"""Random streams give the numbers that they gave on Theano, call after call, wherever the function runs."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from random_streams import expressions, outcome

from ptembed import theano as dropin
from ptembed.theano import tensor as T
from ptembed.theano.compile import tiered
from ptembed.theano.compile.drawing import DrawnInTurns
from ptembed.theano.tensor import raw_random
from ptembed.theano.tensor.shared_randomstreams import RandomStreams

RECORD = json.loads((Path(__file__).parent / "random_streams.json").read_text())


def first_stream(seed):
    """What the first stream of ``RandomStreams(seed)`` draws from."""
    return np.random.RandomState(int(np.random.RandomState(seed).randint(2**30)))


@pytest.mark.parametrize("float_x", ["float32", "float64"])
def test_all_expressions_were_recorded(float_x):
    assert sorted(RECORD[float_x]) == sorted(expressions())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("float_x", ["float32", "float64"])
@pytest.mark.parametrize("expression", expressions())
def test_as_on_theano(theano, expression, float_x):
    want = RECORD[float_x][expression]
    with theano.change_flags(linker="py", optimizer="fast_compile", floatX=float_x):
        got = outcome(expression, float_x)
    if "error" in want:
        assert want["error"][0] in got["error"]
        return
    assert {k: v for k, v in got.items() if k != "calls"} == {k: v for k, v in want.items() if k != "calls"}
    for one, other in zip(got["calls"], want["calls"], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-15, strict=True)  # the last bit of log and sqrt is the machine's


@pytest.mark.parametrize("linker", ["py", "cvm"])
def test_a_compiled_function_goes_on_with_the_stream(monkeypatch, linker):
    monkeypatch.setattr(tiered, "BUDGET", 3)
    kind = tiered.TieredLinker() if linker == "cvm" else linker
    W = dropin.shared(np.zeros((2, 3)))
    u = RandomStreams(5).uniform((2, 3))
    f = dropin.function([], (W * u).sum(), updates=[(W, W + u)], mode=dropin.Mode(kind, "fast_run"))
    for _ in range(5):
        f()
    stream = first_stream(5)
    np.testing.assert_allclose(W.get_value(), sum(stream.uniform(size=(2, 3)) for _ in range(5)), rtol=1e-15)


def drawn_and_used():
    streams, x = RandomStreams(5), T.dmatrix("x")
    mask = streams.binomial(x.shape, p=0.5, dtype="float64")
    return [x], [T.nnet.softmax(x * mask), mask], []


def drawn_in_a_loop():
    streams, x = RandomStreams(5), T.dmatrix("x")
    steps, updates = dropin.scan(lambda row: row * streams.uniform((3,)), sequences=x)
    return [x], [steps], updates


def drawn_from_what_is_computed():
    streams, x = RandomStreams(5), T.dmatrix("x")
    return [x], [2 * streams.binomial(p=T.nnet.sigmoid(x.dot(x.T)))], []


def drawn_from_what_was_drawn_while_a_matrix_is_written_into():
    streams, x = RandomStreams(5), T.dmatrix("x")
    W = dropin.shared(np.linspace(-1, 1, 12).reshape(3, 4))
    row = W[1]
    hidden = streams.binomial(p=T.nnet.sigmoid(x.dot(W)), dtype="float64")
    visible = streams.binomial(p=T.nnet.sigmoid(hidden.dot(W.T)), dtype="float64")
    noise = streams.normal((4,), avg=row)
    return [x], [visible, visible.sum() + row, noise], {W: T.inc_subtensor(row, hidden.sum(0))}


@pytest.mark.filterwarnings("error:a function runs node by node")
@pytest.mark.parametrize(
    "made",
    [
        drawn_and_used,
        drawn_in_a_loop,
        drawn_from_what_is_computed,
        drawn_from_what_was_drawn_while_a_matrix_is_written_into,
    ],
)
def test_wherever_it_runs_a_function_gives_the_same(monkeypatch, made):
    monkeypatch.setattr(tiered, "BUDGET", 3)
    x = np.linspace(-1, 1, 6).reshape(2, 3)

    def calls(linker):
        inputs, outputs, updates = made()
        f = dropin.function(inputs, outputs, updates=updates, mode=dropin.Mode(linker, "fast_run"))
        got = [f(x) for _ in range(5)]
        return got, f

    got, f = calls(tiered.TieredLinker())
    for one, other in zip(got, calls("py")[0], strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12)
    assert isinstance(f.vm.tier, DrawnInTurns) == (made is not drawn_in_a_loop)


def test_a_first_compiled_call_that_fails_changes_nothing(monkeypatch):
    monkeypatch.setattr(tiered, "BUDGET", 1)
    u, W, limit = RandomStreams(5).uniform((2,)), dropin.shared(np.ones(3)), T.dscalar()
    drawn = T.opt.Assert()(u, T.all(u < limit))
    f = dropin.function([limit], drawn, updates=[(W, W + 1)], mode=dropin.Mode(tiered.TieredLinker(), "fast_run"))
    with pytest.raises(AssertionError):
        f(0.0)
    np.testing.assert_array_equal(W.get_value(), 1)
    np.testing.assert_allclose(f(2.0), first_stream(5).uniform(size=2), rtol=1e-15)
    np.testing.assert_array_equal(W.get_value(), 2)


def test_the_state_is_moved_on_in_place_in_a_compiled_function():
    f = dropin.function([], RandomStreams(5).uniform((2,)))
    draws = [node.op for node in f.maker.fgraph.apply_nodes if isinstance(node.op, raw_random.RandomFunction)]
    assert [op.inplace for op in draws] == [True]


def test_a_draw_that_does_not_update_leaves_its_state_alone():
    f = dropin.function([], RandomStreams(5).normal((2,)), no_default_updates=True)
    np.testing.assert_array_equal(f(), f())


def test_a_loop_draws_anew_in_each_step_and_call():
    # numbers of Theano 1.0.5
    steps, updates = dropin.scan(lambda: RandomStreams(7).uniform((2,)), n_steps=3)
    f = dropin.function([], steps, updates=updates, mode=dropin.Mode("py", "fast_run"))
    first = [[0.05574946, 0.50196735], [0.41076316, 0.34854525], [0.23155819, 0.03300078]]
    np.testing.assert_allclose(f(), first, atol=5e-9)
    second = [[0.51036778, 0.9759568], [0.81519423, 0.59663868], [0.25451373, 0.87369861]]
    np.testing.assert_allclose(f(), second, atol=5e-9)


def test_seed_starts_all_streams_anew():
    streams = RandomStreams(5)
    f = dropin.function([], [streams.uniform((2,)), streams.normal((2,))])
    before = f()
    f()
    streams.seed(5)
    np.testing.assert_array_equal(f(), before)
    streams.seed()
    np.testing.assert_array_equal(f(), before)


def test_the_state_of_a_stream_can_be_read_and_written():
    streams = RandomStreams(5)
    u = streams.uniform((2,))
    f = dropin.function([], u)
    assert streams.updates() == [u.update] == streams.state_updates
    saved = pickle.dumps(streams[u.rng])
    before = f()
    streams[u.rng] = pickle.loads(saved)
    np.testing.assert_array_equal(f(), before)


def test_a_shared_state_is_a_copy_unless_borrowed():
    state = np.random.RandomState(3)
    assert dropin.shared(state, borrow=True).get_value(borrow=True) is state
    kept = dropin.shared(state)
    state.rand()
    assert kept.get_value().rand() == np.random.RandomState(3).rand()


def test_a_function_outside_of_raw_random_may_draw():
    def sum_of_two(state, low, size):
        return state.uniform(low, 1, size) + state.uniform(low, 1, size)

    op = raw_random.RandomFunction(sum_of_two, T.dvector)
    numbers = RandomStreams(5).gen(op, (3,), 0.5)
    stream = first_stream(5)
    want = stream.uniform(0.5, 1, 3) + stream.uniform(0.5, 1, 3)
    np.testing.assert_array_equal(dropin.function([], numbers)(), want)


def test_the_probability_of_a_draw_keeps_the_gradient_of_what_it_masks():
    x = T.dvector()
    mask = RandomStreams(7).binomial(x.shape, p=0.5, dtype="float64")
    g, kept = dropin.function([x], [T.grad((x * mask).sum(), x), mask])(np.ones(5))
    np.testing.assert_array_equal(g, kept)


def test_large_integers_are_not_rounded():
    large = dropin.function([], RandomStreams(5).random_integers((50,), 2**60, 2**60 + 5))()
    assert set(large - 2**60) == set(range(6))


def test_the_shape_of_counts_is_known_when_they_are_drawn(recwarn):
    counts = RandomStreams(5).multinomial((2,), pvals=[0.5, 0.5])
    assert dropin.function([], counts.shape)().tolist() == [2, 2]
    assert not recwarn.list


@pytest.mark.parametrize(
    ("draw", "error", "words"),
    [
        (lambda s: s.uniform((-2,)), ValueError, "length must not be negative"),
        (lambda s: s.uniform((2,), ndim=1 + 1), ValueError, "ndim must be the length of size"),
        (lambda s: s.uniform((2.0,)), TypeError, "must be of integers, got float"),
        (lambda s: s.uniform(3), TypeError, "must be a vector"),
        (lambda s: s.choice(), TypeError, "size must be given"),
        (lambda s: s.permutation(ndim=2), TypeError, "ndim must be 1"),
        (lambda s: s.multinomial(pvals=[0.5, 0.6]), ValueError, "must sum to 1, got 1.1"),
        (lambda s: s.multinomial(pvals=[-0.5, 0.6]), ValueError, "must not be negative, got -0.5"),
    ],
)
def test_bad_input(draw, error, words):
    with pytest.raises(error, match=words):
        dropin.function([], draw(RandomStreams(1)))()


@pytest.mark.parametrize("p", [1.5, -0.5, [0.5, 1.5], float("nan")])
def test_a_probability_that_is_none_is_refused_when_the_graph_is_made(p):
    with pytest.raises(ValueError, match=r"p must lie in \[0, 1\], got"):
        RandomStreams(1).binomial((2,), p=p)


def test_a_size_that_cannot_be_known_is_refused_when_the_graph_is_made():
    s, size = RandomStreams(1), dropin.tensor.lvector()
    for draw in (s.uniform, s.normal, s.binomial, s.multinomial, s.permutation, s.random_integers):
        with pytest.raises(ValueError, match="cannot be determined"):
            draw(size=size)
    with pytest.raises(TypeError, match="size must be given"):
        s.poisson(size=None, lam=dropin.tensor.dvector())


def test_a_state_must_be_a_random_state():
    with pytest.raises(TypeError, match=r"must be a numpy.random.RandomState, got Generator"):
        raw_random.random_state_type.filter(np.random.default_rng(1))
