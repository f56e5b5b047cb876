"""Functions of neural networks: Theano 1.0.5's numbers, and finite ones where a softmax underflows."""

import numpy as np
import pytest

X = np.array([-7.0, -1.5, 0.0, 0.25, 4.0])

# values and gradients at X, recorded from Theano 1.0.5 in float64
ELEMENTWISE = {
    "relu": ([0, 0, 0, 0.25, 4], [0, 0, 0.5, 1, 1]),
    "elu": (
        [-0.9990881180344455, -0.7768698398515702, 0, 0.25, 4],
        [0.0009118819655545162, 0.22313016014842982, 1, 1, 1],
    ),
    "selu": (
        [-1.7564961617648047, -1.3658143533672527, 0, 0.2626752468388701, 4.202803949421922],
        [0.0016031790825720052, 0.392284987480124, 1.7580993408473766, 1.0507009873554805, 1.0507009873554805],
    ),
    "softsign": ([-0.875, -0.6, 0, 0.2, 0.8], [0.015625, 0.16, 1, 0.64, 0.04]),
    "hard_sigmoid": ([0, 0.2, 0.5, 0.55, 1], [0, 0.2, 0.2, 0.2, 0]),
}

LOGITS = np.array([[1000.0, 0, -1000], [0, 1, 2]])
CLASSES = np.array([2, 1], "int32")
COST = 1000.7038029822222
GRADIENT = [[0.5, 0, -0.5], [0.045015286585190224, -0.37763576447260117, 0.3326204778874109]]


@pytest.fixture
def T(theano):
    with theano.change_flags(floatX="float64"):
        yield theano.tensor


def compute(theano, inputs, outputs, *values):
    return theano.function(inputs, outputs, mode=theano.Mode("py", "fast_run"))(*values)


def test_elementwise_functions_and_their_gradients(theano, T):
    x = T.dvector()
    ys = [getattr(T.nnet, name)(x) for name in ELEMENTWISE]
    got = compute(theano, [x], ys + [T.grad(y.sum(), x) for y in ys], X)
    want = [v for v, _ in ELEMENTWISE.values()] + [g for _, g in ELEMENTWISE.values()]
    for name, a, b in zip([*ELEMENTWISE, *ELEMENTWISE], got, want, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-15, err_msg=name)


def test_ultra_fast_sigmoid_is_near_the_sigmoid_and_has_its_gradient(theano, T):
    x = T.dvector()
    y = T.nnet.ultra_fast_sigmoid(x)
    y, g = compute(theano, [x], [y, T.grad(y.sum(), x)], X)
    np.testing.assert_allclose(y, 1 / (1 + np.exp(-X)), atol=0.05)
    np.testing.assert_allclose(g, y * (1 - y), rtol=1e-12)


@pytest.mark.parametrize("name", ["sigmoid", "softplus", "hard_sigmoid", "ultra_fast_sigmoid", "softsign"])
@pytest.mark.parametrize("dtype, want", [("int8", "float32"), ("uint16", "float32"), ("int64", "float64")])
def test_ints_become_floats(T, name, dtype, want):
    assert getattr(T.nnet, name)(T.vector(dtype=dtype)).dtype == want


def test_softmax_of_a_vector_is_a_row(theano, T):
    x = T.dvector()
    assert T.nnet.softmax(x).broadcastable == (True, False)
    np.testing.assert_allclose(compute(theano, [x], T.nnet.softmax(x), [0.0, np.log(3)]), [[0.25, 0.75]])


@pytest.mark.parametrize("kind", ["dtensor3", "dscalar", "lmatrix"])
def test_softmax_is_of_float_vectors_and_matrices(T, kind):
    with pytest.raises(ValueError, match="must be 1-d or 2-d tensor of floats"):
        T.nnet.softmax(getattr(T, kind)())


COSTS = {
    "log, then part": lambda T, x, y: -T.mean(T.log(T.nnet.softmax(x))[T.arange(y.shape[0]), y]),
    "part, then log": lambda T, x, y: -T.mean(T.log(T.nnet.softmax(x)[T.arange(y.shape[0]), y])),
    "classes": lambda T, x, y: T.nnet.categorical_crossentropy(T.nnet.softmax(x), y).mean(),
    "one-hot": lambda T, x, y: T.nnet.categorical_crossentropy(T.nnet.softmax(x), T.extra_ops.to_one_hot(y, 3)).mean(),
    "sum of two": lambda T, x, y: (lambda s: COSTS["classes"](T, x, y) + 0 * s.sum())(T.nnet.softmax(x)),
    "with bias": lambda T, x, y: -T.mean(T.log(T.nnet.softmax_with_bias(x, T.zeros((3,))))[T.arange(y.shape[0]), y]),
    "bias in a sum": lambda T, x, y: T.nnet.categorical_crossentropy(
        T.nnet.softmax(x + T._shared(np.zeros(3))), y
    ).mean(),
    "logsoftmax": lambda T, x, y: -T.mean(T.nnet.logsoftmax(x)[T.arange(y.shape[0]), y]),
    "one Op": lambda T, x, y: T.nnet.crossentropy_softmax_1hot(x, y)[0].mean(),
}


@pytest.mark.parametrize("cost", COSTS.values(), ids=COSTS)
def test_cross_entropy_of_a_saturated_softmax_is_finite(theano, T, cost):
    x, y = T.dmatrix(), T.ivector()
    c = cost(T, x, y)
    value, gradient = compute(theano, [x, y], [c, T.grad(c, x)], LOGITS, CLASSES)
    np.testing.assert_allclose(value, COST, rtol=1e-13)
    np.testing.assert_allclose(gradient, GRADIENT, rtol=1e-12)


def test_gradient_of_another_quotient_is_not_taken_for_that_of_a_logarithm(theano, T):
    x = T.dmatrix()
    s, t = T.nnet.softmax(x), T.nnet.softmax(2 * x)
    c = (T.sqr(x) * T.log(t) / s).sum() + T.log(s.T)[0].sum()
    theano.gradient.verify_grad(
        lambda v: theano.clone(c, {x: v}), [LOGITS[1:] / 3], rng=np.random.RandomState(0), mode=theano.Mode("py", None)
    )


def test_a_class_that_is_not_there_is_refused(theano, T):
    x, y = T.dmatrix(), T.ivector()
    with pytest.raises(ValueError, match="y_i value out of bounds"):
        compute(theano, [x, y], T.nnet.crossentropy_softmax_1hot(x, y)[0], LOGITS, np.array([0, -1], "int32"))


def test_naive_forms_index_as_numpy_does(theano, T):
    x, y = T.dmatrix(), T.ivector()
    nll = -T.log(T.nnet.softmax(x))[T.arange(y.shape[0]), y]
    last = compute(theano, [x, y], nll, LOGITS, np.array([-1, -1], "int32"))
    np.testing.assert_allclose(last, compute(theano, [x, y], nll, LOGITS, np.array([2, 2], "int32")))
    with pytest.raises(IndexError):
        compute(theano, [x, y], nll, LOGITS, np.array([0, 3], "int32"))


def test_saturated_binary_cross_entropy_is_finite(theano, T):
    x, t = T.dvector(), T.dvector()
    c = T.nnet.sigmoid_binary_crossentropy(x, t)
    got = compute(theano, [x, t], [c, T.grad(c.sum(), x)], [-800.0, 800.0, 0.0], [1.0, 1.0, 0.5])
    np.testing.assert_allclose(got, [[800, 0, np.log(2)], [-1, 0, 0]], atol=1e-300)


M = np.array([[1.0, 2, 4], [0, 3, -1], [2, 2, 5], [1, 0, 1]])


def test_batch_normalization_and_running_averages(theano, T):
    x = T.dmatrix()
    gamma, beta, ones = (T.constant(v) for v in (np.array([1.0, 2, 3]), np.array([0.0, 1, -1]), np.ones(3)))
    out, *rest = T.nnet.bn.batch_normalization_train(x, gamma, beta, running_mean=ones, running_var=ones)
    got = compute(theano, [x], [*rest, T.grad((out**2).sum(), x)], M)
    want = [  # of Theano 1.0.5
        [1.0, 1.75, 2.25],
        [1.4140721622265262, 0.9176242994830095, 0.419310248461028],
        [1.0, 1.075, 1.125],
        [0.9666666666666667, 1.0583333333333333, 1.6583333333333332],
        [
            [0.0, 0.00014180437100064225, 9.737611928728462e-05],
            [-0.0007996800959748514, 0.0007090218550054317, -0.00018084136439067144],
            [0.0007996800959748514, 0.00014180437100064225, 0.00015301961602154357],
            [0.0, -0.0009926305970049398, -6.955437091882288e-05],
        ],
    ]
    for a, b in zip(got, want, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("result", range(3))
def test_gradients_of_each_result_of_batch_normalization(theano, T, result):
    def f(x, gamma):
        return T.nnet.bn.batch_normalization_train(x, gamma, gamma)[result] * np.arange(1.0, 4.0)

    theano.gradient.verify_grad(f, [M, np.ones(3)], rng=np.random.RandomState(0), mode=theano.Mode("py", None))


@pytest.mark.parametrize("wrong, text", [({"epsilon": 1e-6}, "at least 1e-5"), ({"axes": (3,)}, "less than ndim")])
def test_batch_normalization_refuses(T, wrong, text):
    with pytest.raises(ValueError, match=text):
        T.nnet.bn.batch_normalization_train(T.dmatrix(), T.dvector(), T.dvector(), **wrong)


def test_confusion_matrix(theano, T):
    a, b = T.lvector(), T.lvector()
    counts, order = compute(theano, [a, b], T.nnet.confusion_matrix(a, b), [2, 0, 2, 2, 0, 1], [0, 0, 2, 2, 0, 2])
    np.testing.assert_array_equal(counts, [[2, 0, 0], [0, 0, 1], [1, 0, 2]])
    np.testing.assert_array_equal(order, [0, 1, 2])


def test_probabilities_of_targets_are_those_among_all_outputs(theano, T):
    rng = np.random.RandomState(0)
    W1, b1, W2, b2 = (T.constant(rng.normal(size=s)) for s in [(4, 3), (3,), (3, 4, 2), (3, 2)])
    x, y = T.constant(rng.normal(size=(2, 4))), T.constant(np.array([4, 1]))
    all_, some = (T.nnet.h_softmax(x, 2, 5, 3, 2, W1, b1, W2, b2, t) for t in (None, y))
    all_, some = compute(theano, [], [all_, some])
    assert all_.shape == (2, 5)
    np.testing.assert_allclose(some, all_[[0, 1], [4, 1]], rtol=1e-12)
