"""Loops that read rows of a matrix, and the dense update of it: the rewrites of rows leave the numbers as they are."""

import numpy as np
import pytest

from ptembed import theano
from ptembed.theano import tensor as T

N, d, LR = 11, 3, 0.1
SENTENCES = np.array([[1, 4, 4], [7, 1, 10]], "int32")


def start():
    return np.random.RandomState(0).normal(size=(N, d))


def after(W, sentences):
    """Steps of gradient descent on the sum over sentences of ||h||^2, h = tanh(W[i] + h / 2) word for word, by hand."""
    costs = []
    for block in sentences:
        dW, cost = np.zeros_like(W), 0.0
        for sentence in block:
            states = [np.zeros(d)]
            for i in sentence:
                states.append(np.tanh(W[i] + states[-1] / 2))
            cost += (states[-1] ** 2).sum()
            dh = 2 * states[-1]
            for i, h in zip(sentence[::-1], states[::-1], strict=False):
                da = dh * (1 - h**2)
                dW[i] += da
                dh = da / 2
        W = W - LR * dW
        costs.append(cost)
    return W, costs


def nested(W, sentences):
    def word(i, h, W):
        return T.tanh(W[i] + h / 2)

    def sentence(words, total, W):
        states, _ = theano.scan(word, words, T.zeros((d,), dtype="float64"), W)
        return total + (states[-1] ** 2).sum()

    totals, _ = theano.scan(sentence, sentences, T.constant(0.0, dtype="float64"), W)
    return totals[-1]


def nested_with_the_inner_reads_at_once(W, sentences):
    def sentence(words, total, W):
        states, _ = theano.scan(lambda x, h: T.tanh(x + h / 2), W[words], T.zeros((d,), dtype="float64"))
        return total + (states[-1] ** 2).sum()

    totals, _ = theano.scan(sentence, sentences, T.constant(0.0, dtype="float64"), W)
    return totals[-1]


def nested_over_an_implicit_matrix(W, sentences):
    def sentence(words):
        states, _ = theano.scan(lambda i, h: T.tanh(W[i] + h / 2), words, T.zeros((d,), dtype="float64"))
        return (states[-1] ** 2).sum()

    return theano.map(sentence, sentences)[0].sum()


def one_loop_over_columns(W, sentences):
    def words(idx, h, W):
        return T.tanh(W[idx] + h / 2)

    states, _ = theano.scan(words, sentences.T, T.zeros((sentences.shape[0], d), dtype="float64"), W)
    return (states[-1] ** 2).sum()


def assert_descends(cost, linker):
    W, sentences = theano.shared(start(), "W"), T.imatrix("sentences")
    total = cost(W, sentences)
    step = theano.function(
        [sentences], total, updates=[(W, W - LR * T.grad(total, W))], mode=theano.Mode(linker, "fast_run")
    )
    blocks = [SENTENCES, SENTENCES[::-1, ::-1].copy(), SENTENCES[:1]]
    expected, costs = after(start(), blocks)
    np.testing.assert_allclose([float(step(block)) for block in blocks], costs, rtol=1e-12)
    np.testing.assert_allclose(W.get_value(), expected, rtol=1e-10)


@pytest.mark.parametrize("cost", [nested, nested_over_an_implicit_matrix])
def test_dense_descent_through_nested_loops(cost):
    assert_descends(cost, "py")


@pytest.mark.slow
@pytest.mark.parametrize("cost", [nested_with_the_inner_reads_at_once, one_loop_over_columns])
def test_dense_descent_through_loops(cost):
    assert_descends(cost, "py")


@pytest.mark.slow
def test_dense_descent_through_nested_loops_compiled():
    assert_descends(nested, "numba")
