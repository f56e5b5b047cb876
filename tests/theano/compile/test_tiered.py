"""The linker of the drop-in: interpreted first, compiled later, the same numbers."""

import builtins
import warnings

import numpy as np
import pytest
from pytensor.scan.op import Scan
from pytensor.tensor.random.utils import RandomStream

from ptembed import theano
from ptembed.theano import tensor as T
from ptembed.theano.compile import tiered

ids = np.array([1, 3, 3])


@pytest.fixture
def budget(monkeypatch):
    """Let a function be compiled at its third call."""
    monkeypatch.setattr(tiered, "BUDGET", 3)


def is_compiled(function):
    return function.vm.run != function.vm._count


def words(n=5, d=4):
    return theano.shared(np.linspace(0, 1, n * d).reshape(n, d), name="W")


def test_a_training_function_goes_on_where_the_interpreted_one_was(budget):
    def losses(linker):
        W, i = words(), T.lvector("i")
        cost = T.sum(T.nnet.sigmoid(3 * W[i] - 1) ** 2)
        step = theano.function(
            [i], cost, updates=[(W, W - 0.1 * T.grad(cost, W))], mode=theano.Mode(linker, "fast_run")
        )
        return [float(step(ids)) for _ in range(6)], W.get_value(), step

    tiers, W, step = losses(tiered.TieredLinker())
    expected, W_expected, _ = losses("py")
    assert is_compiled(step)
    assert len(set(tiers)) == 6
    np.testing.assert_allclose(tiers, expected, rtol=1e-12)
    np.testing.assert_allclose(W, W_expected, rtol=1e-12)


def test_few_calls_are_interpreted_and_many_compiled(budget):
    x = T.dvector("x")
    f = theano.function([x], T.exp(x) + 1)
    seen = []
    for _ in range(4):
        np.testing.assert_allclose(f([0.0, 1.0]), [2, np.e + 1])
        seen.append(is_compiled(f))
    assert seen == [False, False, True, True]


def test_a_first_call_on_large_arrays_is_compiled():
    x = T.dvector("x")
    f = theano.function([x], x.sum())
    assert f(np.ones(tiered.BUDGET * tiered.ELEMENTS_A_CALL)) == tiered.BUDGET * tiered.ELEMENTS_A_CALL
    assert is_compiled(f)


def test_results_of_earlier_calls_stay(budget):
    x = T.dvector("x")
    f = theano.function([x], [x * 2 + 1, x[::-1]])
    results = [f(np.full(3, k)) for k in range(5)]
    np.testing.assert_array_equal([r[0][0] for r in results], [1, 3, 5, 7, 9])
    np.testing.assert_array_equal([r[1][0] for r in results], range(5))


def test_only_the_branch_taken_is_computed_before_and_after(budget):
    x, y = T.dvector("x"), T.lvector("y")
    f = theano.function([x, y], theano.ifelse.ifelse(T.gt(x[0], 0), x.sum(), x[y].sum()))
    for _ in range(5):
        assert f([1.0, 2.0], [9]) == 3  # x[9] would be out of range


def test_errors_are_raised_before_and_after_and_change_nothing(budget):
    W, i = words(), T.lvector("i")
    cost = T.sum(W[i] ** 2)
    step = theano.function([i], cost, updates=[(W, W - 0.1 * T.grad(cost, W))])
    for _ in range(4):
        before = W.get_value()
        with pytest.raises(IndexError):
            step([7])
        np.testing.assert_array_equal(W.get_value(), before)
        step(ids)
    assert is_compiled(step)


def test_a_loop_is_interpreted_and_compiled_after_fewer_calls(monkeypatch):
    monkeypatch.setattr(tiered, "BUDGET", 3 * tiered.LOOP)
    W, i = words(), T.lvector("i")
    sums, _ = theano.scan(
        lambda k, total, W: total + W[k].sum(), sequences=i, outputs_info=T.zeros(()), non_sequences=W
    )
    f = theano.function([i], sums)
    expected = np.cumsum(W.get_value()[ids].sum(axis=1))
    for _ in range(4):
        np.testing.assert_allclose(f(ids), expected)
    assert is_compiled(f)


def test_running_a_loop_node_by_node_puts_nothing_into_it_that_numba_has_not():
    W, x = theano.shared(np.full((4, 4), 0.1), name="W"), T.dmatrix("x")
    h, _ = theano.scan(lambda x_t, h: T.tanh(T.dot(h, W) + x_t), sequences=x, outputs_info=T.zeros(4, "float64"))
    f = theano.function([x], h[-1])
    f(np.ones((3, 4)))
    assert not is_compiled(f)
    (loop,) = [node.op for node in f.maker.fgraph.apply_nodes if isinstance(node.op, Scan)]
    assert not any("Gemv" in str(node.op) for node in loop.fgraph.apply_nodes)


def test_what_numba_cannot_compile_stays_interpreted_and_says_so_once(budget, monkeypatch):
    x = T.dvector("x")
    f = theano.function([x], x * 2)

    def refuse():
        raise NotImplementedError("no such kernel")

    f.vm.compile = refuse
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        results = [f([1.0])[0] for _ in range(6)]
    assert results == [2] * 6
    assert [str(w.message) for w in caught] == [
        "a function runs node by node, Numba could not compile it: no such kernel"
    ]


def test_a_program_that_replaces_range_is_compiled_all_the_same(budget, monkeypatch):
    counted = range
    monkeypatch.setattr(builtins, "range", lambda *args: counted(*args))
    mine, x = range, T.dvector("x")
    f = theano.function([x], T.nnet.sigmoid(x).sum() + 11)
    assert [f([0.0]) for _ in counted(4)] == [11.5] * 4
    assert is_compiled(f) and f.vm.run != f.vm.interpreted and builtins.range is mine


def test_fused_elementwise_nodes_are_interpreted_as_their_parts():
    x, y = T.dmatrix("x"), T.drow("y")
    out = T.switch(T.gt(x, 0.5), T.tanh(x * y + 2), T.cast(x, "int64") - y)
    f = theano.function([x, y], out)
    assert any("Composite" in str(node) for node in f.maker.fgraph.apply_nodes)
    assert not any("Composite" in str(node) for node in f.vm.interpreted.nodes)
    a, b = np.array([[0.2, 0.8], [1.5, -3.0]]), np.array([[2.0, 3.0]])
    np.testing.assert_allclose(f(a, b), np.where(a > 0.5, np.tanh(a * b + 2), a.astype("int64") - b))


def test_a_random_stream_gives_the_same_numbers_before_and_after(budget):
    def numbers(calls):
        stream = RandomStream(3)
        draw = theano.function([], [stream.uniform(size=3), stream.normal()])
        return [np.append(*draw()) for _ in range(calls)], draw

    tiers, draw = numbers(5)
    assert is_compiled(draw)
    with theano.change_flags(linker="py"):
        np.testing.assert_allclose(numbers(5)[0], tiers)


def test_outputs_that_are_one_when_taken_apart_are_two(budget):
    x = T.vector("x")
    twice = theano.OpFromGraph([x], [T.tanh(x) + 1, T.tanh(x) + 1, x])
    f = theano.function([x], twice(x))
    for _ in range(3):
        first, second, same = f(np.array([0.0, 1.0], theano.config.floatX))
        np.testing.assert_allclose([first, second, same], [np.tanh([0, 1]) + 1] * 2 + [[0, 1]], rtol=1e-6)
        first[:] = 7
        assert second[0] == 1
