"""The first layer: against dense products, gradients by touched rows, data sets in parts, data of the wrong kind."""

import warnings

import numpy as np
import pytensor
import pytensor.sparse as ps
import pytensor.tensor as pt
import pytest
import scipy.sparse as sp
from checks import assert_in_place, assert_no_dense_node, assert_unchanged
from pytensor.compile.mode import Mode

from ptembed import graphs, train
from ptembed.graphs import inputs
from ptembed.graphs.inputs import SharedRows, dense_data, feature_rows, project, sparse_data

N, d, m = 500, 3, 4
PYTHON = Mode("py", "fast_compile")
values = np.random.default_rng(0).normal(size=(N, d))


def batch(kind="csr", dtype="float64", rows=m, seed=0):
    X = sp.random(rows, N, 0.01, kind, random_state=seed)
    X.data = np.round(X.data * 9) + 1
    return getattr(sp, f"{kind}_matrix")(X.astype(dtype))


def symbol(kind="csr", dtype="float64", name="x"):
    return getattr(ps, f"{kind}_matrix")(name, dtype=dtype)


def shared(dtype="float64"):
    return pytensor.shared(values.astype(dtype), name="W")


@pytest.mark.parametrize("dtype", ["float32", "float64", "int8", "int64", "uint8"])
@pytest.mark.parametrize("kind", ["csr", "csc", "dense"])
def test_project(kind, dtype):
    X = batch("csr" if kind == "dense" else kind)
    X, W = X.astype(dtype), values.astype("float32")
    x = pt.matrix("x", dtype=dtype) if kind == "dense" else symbol(kind, dtype)
    got = pytensor.function([x], project(x, W), mode=PYTHON)(X.toarray() if kind == "dense" else X)
    assert got.dtype == ("float64" if dtype == "float64" else "float32")
    np.testing.assert_allclose(got, X.toarray().astype("float64") @ W, rtol=1e-5, atol=1e-5)


def test_project_takes_data():
    X = batch()
    for given in (X, sp.coo_array(X), X.toarray()):
        np.testing.assert_allclose(project(given, values).eval(mode=PYTHON), X @ values)


def test_the_idiom_of_old_programs(theano):
    import theano.sparse

    def layer(x, W):
        return (theano.sparse.dot if type(x) is theano.sparse.basic.SparseVariable else theano.tensor.dot)(x, W)

    x, y = theano.sparse.csr_matrix("x", dtype="float64"), theano.tensor.dmatrix("y")
    X, W = batch(), theano.shared(values)
    f = pytensor.function([x, y], [layer(x, W), layer(y, W)], mode=PYTHON)
    for got in f(X, X.toarray()):
        np.testing.assert_allclose(got, X @ values)


@pytest.mark.parametrize("kind", ["csr", "csc"])
@pytest.mark.parametrize("make", ["adam", "adagrad"])
def test_feature_rows_are_trained_as_dense_ones_are(make, kind):
    W, E, x, X = shared(), shared(), symbol(kind), batch(kind)
    r = feature_rows(W, x)
    loss = (pt.tanh(r.values / 50) ** 2).sum()
    step = pytensor.function([x], [loss, r.ids], updates=getattr(graphs, make)(loss, r, 0.1), mode="NUMBA")
    dense = (pt.tanh(project(x, E) / 50) ** 2).sum()
    expected = pytensor.function([x], dense, updates=getattr(graphs, make)(dense, E, 0.1), mode=PYTHON)
    got, ids = step(X)
    np.testing.assert_allclose(got, expected(X))
    assert ids.tolist() == np.unique(X.nonzero()[1]).tolist()
    np.testing.assert_allclose(W.get_value(), E.get_value(), rtol=1e-9)
    assert_in_place(step, W)
    assert_no_dense_node(step, W, X)


def test_the_distinct_rows_are_not_copied_to_be_multiplied():
    W, x = shared("float32"), symbol(dtype="float32")
    r = feature_rows(W, x)
    step = pytensor.function([x], updates=graphs.sgd((r.values**2).sum(), r, 0.1), mode="NUMBA")
    product = next(node for node in step.maker.fgraph.toposort() if "CompressedDot" in str(node.op))
    assert product.inputs[3].owner is None
    X = batch(dtype="float32")
    step(X)
    np.testing.assert_allclose(W.get_value(), values - 0.2 * X.T @ (X @ values), rtol=1e-4, atol=1e-4)


def test_several_inputs_share_a_matrix():
    W, x, y = shared(), symbol(name="x"), symbol("csc", "int32", "y")
    r = feature_rows(W, x, y)
    one, other = r.values
    loss = (one[0] * other[1]).sum() + (other**2).sum()
    X, Y = batch(seed=1), batch("csc", "int32", rows=6, seed=2)
    step = pytensor.function([x, y], loss, updates=graphs.sgd(loss, r, 0.1), mode=PYTHON)
    E = shared()
    expected = (pt.dot(X.toarray()[0], E) * pt.dot(Y.toarray()[1], E)).sum() + (pt.dot(Y.toarray(), E) ** 2).sum()
    np.testing.assert_allclose(step(X, Y), expected.eval(mode=PYTHON))
    np.testing.assert_allclose(W.get_value(), (E - 0.1 * pt.grad(expected, E)).eval(mode=PYTHON))


@pytest.mark.parametrize("linker", ["numba", "py"])
def test_other_features_change_nothing(linker):
    W, x = shared(), symbol()
    r = feature_rows(W, x)
    loss = (r.values**2).sum()
    step = pytensor.function([x], loss, updates=graphs.adagrad(loss, r, 0.1), mode=Mode(linker, "fast_run"))
    wider = sp.csr_matrix((batch().data, batch().indices, batch().indptr), shape=(m, N + 1))
    assert_unchanged(step, [wider], ValueError, "as many columns")
    assert_unchanged(step, [batch()[:, : N - 1].tocsr()], ValueError, "as many columns")


def test_an_input_without_non_zeros():
    W, x = shared(), symbol()
    r = feature_rows(W, x)
    step = pytensor.function([x], r.values, updates=graphs.sgd((r.values**2).sum(), r, 0.1), mode="NUMBA")
    np.testing.assert_array_equal(step(sp.csr_matrix((2, N))), np.zeros((2, d)))
    np.testing.assert_array_equal(W.get_value(), values)


def test_ranges_of_a_shared_data_set():
    X = batch(rows=9)
    data = SharedRows(X, "float64")
    start, stop = pt.lscalars("start", "stop")
    f = pytensor.function(
        [start, stop], [ps.csm_shape(data[start:stop]), project(data[start:stop], values)], mode=PYTHON
    )
    for bounds in ((0, 9), (2, 5), (5, 2), (-3, 9), (-30, 4), (4, 99), (9, 9)):
        shape, product = f(*bounds)
        assert shape.tolist() == [len(X.toarray()[slice(*bounds)]), N]
        np.testing.assert_allclose(product, X.toarray()[slice(*bounds)] @ values)
    np.testing.assert_allclose(project(data[:], values).eval(mode=PYTHON), X @ values)


def test_a_range_is_a_view_and_never_dense():
    X, W = batch(rows=400), shared()
    data, start = SharedRows(X, "float64"), pt.lscalar("start")
    part = data[start : start + 6]
    f = pytensor.function([start], project(part, W), mode="NUMBA")
    assert X.nnz >= W.get_value().size <= 6 * X.shape[1]
    assert_no_dense_node(f, W, 3)


def test_a_block_of_steps_on_a_shared_data_set():
    X, W = batch(rows=40), shared()
    data, start = SharedRows(X, "float64"), pt.lscalar("start")
    r = feature_rows(W, data[start : start + 4])
    loss = (pt.tanh(r.values / 50) ** 2).sum()
    losses = train.block([start], loss, graphs.sgd(loss, r, 0.1))(np.arange(0, 40, 4))
    E = values.copy()
    for k, got in enumerate(losses):
        part = X[4 * k : 4 * k + 4]
        y = np.tanh(part @ E / 50)
        np.testing.assert_allclose(got, (y**2).sum())
        E -= 0.1 * part.T @ (2 * y * (1 - y**2)) / 50
    np.testing.assert_allclose(W.get_value(), E)


def test_data_in_order():
    messy = sp.csr_matrix((2, 4))
    messy.data, messy.indices, messy.indptr = np.array([1.0, 2, 4]), np.array([3, 0, 3], "int64"), np.array([0, 3, 3])
    made = sparse_data(messy, "float32", 4)
    assert (made.indices.tolist(), made.data.tolist(), made.dtype) == ([0, 3], [2, 5], "float32")
    assert messy.indices.tolist() == [3, 0, 3]
    tidy = batch()
    assert sparse_data(tidy) is tidy


def test_the_other_kind_is_converted_with_a_warning():
    with pytest.warns(UserWarning, match="X should be sparse, got a dense one"):
        assert sp.issparse(sparse_data(np.eye(3)))
    with pytest.warns(UserWarning, match="X should be dense, got a sparse one"):
        np.testing.assert_array_equal(dense_data(sp.eye(3)), np.eye(3))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(dense_data([[1, 2]], "float32", 2), [[1, 2]])


def test_the_other_kind_is_refused_when_large(monkeypatch):
    with pytest.raises(ValueError, match=r"X must be dense, got a sparse one that takes 80\.0 GB dense"):
        dense_data(sp.csr_matrix((100_000, 100_000)))
    monkeypatch.setattr(inputs, "SMALL", 100)
    with pytest.raises(ValueError, match="X must be sparse, got a dense one"):
        sparse_data(np.eye(9))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: project(pt.vector(), values), TypeError, "one row for each example"),
        (lambda: project(symbol(), pt.vector()), TypeError, "W must be a matrix"),
        (lambda: feature_rows(shared(), pt.matrix()), TypeError, "x must be sparse"),
        (lambda: feature_rows(pytensor.shared(values[0]), symbol()), TypeError, "W must be a matrix with one row"),
        (lambda: feature_rows(pt.dmatrix("W"), symbol()), TypeError, "W must be a shared tensor"),
        (lambda: SharedRows(batch())[3], TypeError, r"by a range of rows X\[start:stop\]"),
        (lambda: SharedRows(batch())[::2], TypeError, "by a range of rows"),
        (lambda: sparse_data(batch(), n_features=7), ValueError, "X must have 7 features, got 500"),
        (lambda: sparse_data(["a"]), TypeError, "a matrix of real numbers"),
        (lambda: sparse_data(sp.csr_matrix((np.ones(1), [5], [0, 1]), shape=(1, 9))[:, :9] * 1j), TypeError, "real"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_column_numbers_out_of_range():
    wrong = sp.csr_matrix((1, 3))
    wrong.data, wrong.indices, wrong.indptr = np.ones(1), np.array([3]), np.array([0, 1])
    with pytest.raises(ValueError, match=r"indices|index"):
        sparse_data(wrong)
