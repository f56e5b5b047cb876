"""Pooling and convolution of signals: Theano 1.0.5's numbers, names, older keywords and errors."""

import importlib
import pickle
import warnings

import numpy as np
import pytest

MODES = ["max", "sum", "average_inc_pad", "average_exc_pad"]
X = ((np.arange(60) * 37) % 61).reshape(2, 5, 6).astype("float64")
X[0, 0, 0] = np.nan

# of X[0] with windows of 3 x 2 and steps of 2 x 3, recorded from Theano 1.0.5: with a row of padding and no border,
# without padding and with the border
POOLED = {
    "max": ([[np.nan, 50], [56, 45], [56, 60]], [[np.nan, 50], [56, 60]]),
    "sum": ([[np.nan, 108], [213, 147], [132, 149]], [[np.nan, 157], [203, 198]]),
    "average_inc_pad": ([[np.nan, 18], [35.5, 24.5], [22, 149 / 6]], [[np.nan, 157 / 6], [203 / 6, 33]]),
    "average_exc_pad": ([[np.nan, 27], [35.5, 24.5], [33, 37.25]], [[np.nan, 157 / 6], [203 / 6, 33]]),
}
# the gradient of the sum of squares of the first, by the last rows of X[0]
LAST_ROWS = {
    "max": [[224, 0, 0, 90, 0, 0], [0, 0, 0, 0, 120, 0]],
    "sum": [[690, 690, 0, 592, 592, 0], [264, 264, 0, 298, 298, 0]],
    "average_inc_pad": [
        [115 / 6, 115 / 6, 0, 148 / 9, 148 / 9, 0],
        [22 / 3, 22 / 3, 0, 149 / 18, 149 / 18, 0],
    ],
}


@pytest.fixture
def pool(theano):
    with theano.change_flags(floatX="float64"):
        yield importlib.import_module("theano.tensor.signal.pool")


@pytest.fixture
def T(theano):
    return theano.tensor


def compute(theano, inputs, outputs, *values):
    return theano.function(inputs, outputs, mode=theano.Mode("py", "fast_run"))(*values)


@pytest.mark.parametrize("mode", MODES)
def test_values_and_gradients(theano, T, pool, mode):
    x = T.dtensor3("x")
    first = pool.pool_2d(x, (3, 2), True, (2, 3), (1, 0), mode)
    second = pool.pool_2d(x, (3, 2), False, (2, 3), mode=mode)
    got = compute(theano, [x], [first, second, T.grad((first**2).sum(), x)], X)
    np.testing.assert_allclose(got[0][0], POOLED[mode][0])
    np.testing.assert_allclose(got[1][0], POOLED[mode][1])
    if mode in LAST_ROWS:
        np.testing.assert_allclose(got[2][0, 3:], LAST_ROWS[mode])


def test_gradient_of_a_mean_without_the_padding(theano, T, pool):
    x = T.dmatrix("x")
    y = pool.pool_2d(x, (2, 2), True, pad=(1, 1), mode="average_exc_pad")
    g = compute(theano, [x], T.grad((y * np.array([[1, 2], [3, 4]])).sum(), x), np.ones((2, 2)))
    assert g.tolist() == [[1, 2], [3, 4]]


def test_three_dimensions(theano, T, pool):
    x = T.dtensor4("x")
    value = np.random.RandomState(0).rand(2, 4, 5, 6)
    y = compute(theano, [x], pool.pool_3d(x, (2, 2, 3), ignore_border=True), value)
    want = value[:, :, :4].reshape(2, 2, 2, 2, 2, 2, 3).max(axis=(2, 4, 6))
    np.testing.assert_array_equal(y, want)


def test_a_patch_keeps_its_largest_numbers(theano, T, pool):
    x = T.dmatrix("x")
    value = np.array([[1.0, 2, 3, 4, 9], [5, 6, 8, 8, 9]])
    got = compute(theano, [x], pool.max_pool_2d_same_size(x, (2, 2)), value)
    assert got.tolist() == [[0, 0, 0, 0, 0], [0, 6, 8, 8, 0]]


def test_hessian(theano, T, pool):
    x = T.dvector("x")
    y = pool.pool_2d(T.outer(x, x), (2, 2), ignore_border=True)
    H = compute(theano, [x], T.hessian(T.exp(y.sum()), x), [1.0, 2.0])
    np.testing.assert_allclose(H, [[0, 0], [0, 18 * np.exp(4)]])


@pytest.mark.parametrize("function", ["pool_2d", "pool_3d"])
def test_older_keywords(theano, T, pool, function):
    ndim = int(function[-2])
    x, n = T.dtensor4("x"), (2,) * ndim
    with pytest.warns(UserWarning) as caught:
        old = getattr(pool, function)(x, ds=n, st=(1,) * ndim, padding=(1,) * ndim, ignore_border=True)
    names = [str(w.message).split("'")[1] for w in caught if "DEPRECATION" in str(w.message)]
    assert sorted(names) == ["ds", "padding", "st"]
    assert {w.filename for w in caught} == {__file__}
    new = getattr(pool, function)(x, n, True, (1,) * ndim, (1,) * ndim)
    value = np.random.RandomState(1).rand(2, 3, 4, 5)
    np.testing.assert_array_equal(*compute(theano, [x], [old, new], value))


def test_without_ignore_border_there_is_a_warning(T, pool):
    with pytest.warns(UserWarning, match="ignore_border") as caught:
        y = pool.pool_2d(T.dmatrix(), (2, 2))
    assert y.owner.op.ignore_border is False and caught[0].filename == __file__


def test_names_that_an_op_answers_to(theano, T, pool):
    x = T.dtensor4("x")
    y = pool.Pool(True)(x, (2, 2))
    g = T.grad(y.sum(), x)
    assert isinstance(y.owner.op, pool.Pool) and not isinstance(y.owner.op, pool.MaxPoolGrad)
    assert isinstance(g.owner.op, pool.MaxPoolGrad) and isinstance(g.owner.op, pool.PoolGrad)
    assert pool.Pool(True) == y.owner.op == pickle.loads(pickle.dumps(y.owner.op)) != pool.Pool(False)
    assert str(y.owner.op) == "Pool{ignore_border=True, mode='max', ndim=2}"
    mean = pool.pool_2d(x, (2, 2), True, mode="average_inc_pad")
    assert isinstance(T.grad(mean.sum(), x).owner.op, pool.AveragePoolGrad)
    v = T.Rop(y, x, x)
    assert isinstance(v.owner.op, pool.DownsampleFactorMaxGradGrad)
    assert pool.PoolingMode_t.fromalias("max") == pool.PoolingMode_t.POOLING_MAX == 0


def test_shapes(T, pool):
    assert pool.Pool.out_shape((9, 8, 6), (2, 2)) == [9, 4, 3]
    assert pool.Pool.out_shape((7, 7), (3, 3), stride=(2, 2)) == pool.PoolGrad.out_shape((7, 7), (3, 3), False, (2, 2))
    _, *lengths = pool.Pool.out_shape((T.lscalar("n"), T.constant(7), 9), (3, 3), True, (2, 2), (1, 1))
    assert [int(T.as_tensor_variable(v).eval()) for v in lengths] == [4, 5]
    with pytest.warns(UserWarning, match="'ds' parameter"):
        assert pool.Pool.out_shape((8, 6), ds=(2, 2)) == [4, 3]
    with pytest.raises(TypeError, match="at least 2 dimensions"):
        pool.Pool.out_shape((5,), (2, 2))


REFUSED = [
    (NotImplementedError, "pool_2d requires a dimension >= 2, got 1", lambda p, m: p.pool_2d(m[0], (2, 2), True)),
    (NotImplementedError, "pool_3d requires a dimension >= 3, got 2", lambda p, m: p.pool_3d(m, (2, 2, 2), True)),
    (ValueError, "must provide a tuple value for the window", lambda p, m: p.pool_2d(m)),
    (ValueError, "both 'ds' and 'ws'", lambda p, m: p.pool_2d(m, (2, 2), True, ds=(2, 2))),
    (ValueError, "both 'st' and 'stride'", lambda p, m: p.pool_2d(m, (2, 2), True, (2, 2), st=(2, 2))),
    (ValueError, "both 'padding' and 'pad'", lambda p, m: p.pool_2d(m, (2, 2), pad=(1, 1), padding=(1, 1))),
    (ValueError, "Got 'min'", lambda p, m: p.pool_2d(m, (2, 2), True, mode="min")),
    (TypeError, "vector of ints", lambda p, m: p.pool_2d(m, (2.0, 2.0), True)),
    (ValueError, r"stride must be 1 or more.*got \[0, 1\]", lambda p, m: p.pool_2d(m, (2, 2), True, (0, 1))),
    (ValueError, "padding must be 0 or more", lambda p, m: p.pool_2d(m, (2, 2), True, pad=(-1, 0))),
    (NotImplementedError, "smaller than the window", lambda p, m: p.pool_2d(m, (2, 2), True, None, (2, 2), "sum")),
    (NotImplementedError, "only with ignore_border=True", lambda p, m: p.pool_2d(m, (2, 2), False, pad=(1, 1))),
]


@pytest.mark.parametrize("error, message, make", REFUSED, ids=[message for _, message, _ in REFUSED])
def test_refused_when_the_graph_is_made(T, pool, error, message, make):
    with pytest.raises(error, match=message):
        make(pool, T.dmatrix())


def test_the_names_before_theano_0_9(theano, T):
    from theano.tensor.signal import downsample

    x = T.dtensor3("x")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        border = downsample.max_pool_2d(x, (3, 2), st=(2, 3))
        padded = downsample.max_pool_2d(x, ds=(3, 2), ignore_border=True, st=(2, 3), padding=(1, 0), mode="sum")
    op = downsample.DownsampleFactorMax((3, 2), True, (2, 3), (1, 0))
    y = op(x)
    g = downsample.DownsampleFactorMaxGrad((3, 2), True, (2, 3), (1, 0))(x, y, 2 * y)
    got = compute(theano, [x], [border, padded, y, g], X)
    np.testing.assert_array_equal(got[0][0], POOLED["max"][1])
    np.testing.assert_array_equal(got[1][0], POOLED["sum"][0])
    np.testing.assert_array_equal(got[2][0], POOLED["max"][0])
    np.testing.assert_array_equal(got[3][0, 3:], LAST_ROWS["max"])
    assert isinstance(y.owner.op, downsample.DownsampleFactorMax)
    assert downsample.DownsampleFactorMax.out_shape((2, 5, 6), (3, 2), True, (2, 3), (1, 0)) == [2, 3, 2]


@pytest.mark.parametrize("path", ["sandbox.cuda.dnn", "gpuarray.dnn", "sandbox.gpuarray.dnn"])
def test_the_pooling_of_a_gpu_runs_on_the_cpu(theano, T, path):
    package, _, name = ("theano." + path).rpartition(".")
    dnn_pool = getattr(importlib.import_module(package), name).dnn_pool
    x = T.dtensor4("x")
    got = compute(theano, [x], [dnn_pool(x, (3, 2), (2, 3), m, (1, 0)) for m in MODES] + [dnn_pool(x, (2, 2))], X[None])
    for mode, y in zip(MODES, got, strict=False):
        np.testing.assert_allclose(y[0, 0], POOLED[mode][0])
    assert got[-1].shape == (1, 2, 4, 5)


def test_convolution_of_images_and_filters(theano, T):
    from theano.tensor.signal.conv import conv2d

    images, filters = np.random.RandomState(2).rand(3, 7, 5), np.random.RandomState(3).rand(2, 2, 3)
    want = np.array([[valid(image, f) for f in filters] for image in images])
    x, y = T.dtensor3("x"), T.dtensor3("y")
    outputs = [conv2d(x, y), conv2d(x[0], y), conv2d(x, y[0]), conv2d(x[0], y[0]), conv2d(x, y, subsample=(2, 1))]
    outputs.append(conv2d(x, y, (3, 7, 5), (2, 2, 3)))
    got = compute(theano, [x, y], outputs, images, filters)
    for a, b in zip(got, [want, want[0], want[:, 0], want[0, 0], want[:, :, ::2], want], strict=True):
        np.testing.assert_allclose(a, b)
    with pytest.raises(AssertionError, match="input must be a matrix or a tensor3, got 4"):
        conv2d(T.dtensor4(), y)


def valid(image, f):
    rows, columns = np.array(image.shape) - f.shape + 1
    turned = f[::-1, ::-1]
    return [[(image[i : i + len(f), j : j + f.shape[1]] * turned).sum() for j in range(columns)] for i in range(rows)]


def test_importing_theano_does_not_import_pooling(python):
    code = "import ptembed.theano, sys; print('ptembed.ops.pooling' in sys.modules)"
    assert python("-c", code).stdout.strip() == "False"
