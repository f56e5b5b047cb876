"""What all optimizers share: nothing is written when something fails, writes are in place, bad input is told."""

import checks
import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.compile.mode import Mode
from pytensor.gradient import disconnected_grad

from ptembed.graphs import adam, gradients, lazily, max_norm, per_row, rows, sgd
from ptembed.ops import Together

PY = Mode("py", "fast_run")


def matrix(name="W", shape=(50, 4), dtype="float32"):
    return pytensor.shared(np.random.default_rng(0).normal(size=shape).astype(dtype), name=name)


@pytest.fixture(scope="module", params=["numba", "cvm", "py"])
def guarded(request):
    """Two matrices and a vector, whose parts of the loss do not meet, so that any could be written first.

    One history depends on the gradient and one, like the counts of Adam, does not.
    """
    U, V, b = matrix("U"), matrix("V", (30, 3)), matrix("b", (4,))
    i, j, scale = pt.lvector("i"), pt.lvector("j"), pt.fvector("scale")
    ru, rv = rows(U, i), rows(V, j)
    loss = (ru.values**2).sum() + (rv.values**2 * scale[:, None]).sum() + (b**2).sum() * scale[0]

    def formula(w, g, v, t):
        return w - 0.1 * g, v + g, t + 1

    updates = lazily(formula, loss, [ru, b, rv], {"v": 0, "t": per_row()}, guard=True)
    return pytensor.function([i, j, scale], loss, updates=updates, mode=Mode(request.param, "fast_run")), updates


OK = np.array([0, 1, 1, -2]), np.array([5, 5, 6]), np.ones(3, "float32")


def test_a_step_changes_the_rows_read(guarded):
    f, updates = guarded
    before = {shared: shared.get_value() for shared in updates}
    f(*OK)
    read = {"U": [0, 1, 48], "V": [5, 6], "b": [0, 1, 2, 3]}
    for shared, value in before.items():
        changed = shared.get_value() != value
        assert np.flatnonzero(changed.reshape(len(changed), -1).any(axis=1)).tolist() == read[shared.name[0]]


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ((np.array([0, 50]), *OK[1:]), IndexError, "[-50, 50) for a matrix of 50 rows, got 50"),
        ((OK[0], np.array([5, -31, 6]), OK[2]), IndexError, "[-30, 30) for a matrix of 30 rows, got -31"),
        ((*OK[:2], np.array([1, 1, np.nan], "float32")), FloatingPointError, "row 6 of V"),
        ((*OK[:2], np.array([np.inf, 1, 1], "float32")), FloatingPointError, "infinity for row"),
        ((*OK[:2], np.ones(4, "float32")), ValueError, ""),
    ],
)
def test_nothing_is_written_by_a_step_that_fails(guarded, wrong, error, message):
    f, _ = guarded
    assert message in checks.assert_unchanged(f, wrong, error)


@pytest.mark.parametrize("linker", ["numba", "cvm", "py"])
def test_the_guard_names_rows_of_dense_parameters(linker):
    W, x = matrix(shape=(3, 2)), pt.fmatrix("x")
    f = pytensor.function([x], updates=sgd((W * x).sum(), W, 0.1, guard=True), mode=Mode(linker, "fast_run"))
    bad = np.array([[1, 1], [1, 1], [np.nan, 1]], "float32")
    assert "row 2 of W" in checks.assert_unchanged(f, [bad], FloatingPointError)


@pytest.fixture(scope="module")
def compiled():
    """Adam under the default mode."""
    W, b, idx = matrix(shape=(500, 4)), matrix("b", (4,)), pt.lvector("idx")
    r = rows(W, idx)
    updates = adam(((r.values + b) ** 2).sum(), [r, b])
    return W, updates, pytensor.function([idx], updates=updates)


def test_matrix_and_histories_are_written_in_place(compiled):
    _, updates, f = compiled
    checks.assert_in_place(f, *(shared for shared in updates if shared.name.startswith("W")))
    memory = {shared: shared.get_value(borrow=True).ctypes.data for shared in updates if shared.name.startswith("W")}
    f([3, 3, 4])
    assert memory == {shared: shared.get_value(borrow=True).ctypes.data for shared in memory}


def test_no_node_is_as_large_as_the_matrix(compiled):
    W, _, f = compiled
    checks.assert_no_dense_node(f, W, np.array([3, 3, 4]))


def test_rows_are_written_in_place_beside_an_output_that_is_a_view():
    W, idx = matrix(shape=(500, 4)), pt.lvector("idx")
    before = W.get_value()
    r = rows(W, idx)
    f = pytensor.function([idx], W[:2], updates=sgd((r.values**2).sum(), r, 0.1))
    memory = W.get_value(borrow=True).ctypes.data
    seen = f([0, 3])
    assert W.get_value(borrow=True).ctypes.data == memory
    np.testing.assert_array_equal(seen, before[:2])
    np.testing.assert_allclose(W.get_value()[:4], before[:4] * [[0.8], [1], [1], [0.8]], rtol=1e-6)


def test_the_checks_see_a_dense_update():
    W, idx = matrix(), pt.lvector("idx")
    f = pytensor.function([idx], updates={W: pt.cumsum(W, axis=0) + idx.sum().astype("float32")}, mode=PY)
    with pytest.raises(AssertionError, match="W is written to new memory"):
        checks.assert_in_place(f, W)
    with pytest.raises(AssertionError, match="as large as W"):
        checks.assert_no_dense_node(f, W, np.array([3]))


def test_dense_parameters_alone_have_plain_updates():
    W, b, idx = matrix(), matrix("b", (4,)), pt.lvector("idx")
    updates = sgd(((W[idx] + b) ** 2).sum(), [W, b], 0.1)
    nodes = {x.owner.op for x in pytensor.graph.traversal.ancestors(updates.values()) if x.owner}
    assert not [op for op in nodes if isinstance(op, Together)]
    assert updates[W].owner.inputs[0] is W


def test_histories_begin_as_described_without_touching_other_rows():
    W = matrix(shape=(3, 2))
    r = rows(W, [1])
    histories = {"a": 2, "z": lambda W: -W, "n": lambda W: np.arange(3, dtype=W.dtype)}
    updates = lazily(lambda w, g, a, z, n: (w, a, z, n), r.values.sum(), r, histories)
    value = {shared.name: shared.get_value() for shared in updates}
    assert value["W_a"].tolist() == [[2, 2]] * 3 and value["W_n"].tolist() == [0, 1, 2]
    np.testing.assert_array_equal(value["W_z"], -W.get_value())


def test_matrices_of_different_dtypes_in_one_call():
    U, V = matrix("U", (4, 2), "float32"), matrix("V", (4, 2), "float64")
    ru, rv = rows(U, [0, 1]), rows(V, [2, 3])
    for shared, new in adam((ru.values * rv.values).sum(), [ru, rv], learning_rate=pt.dscalar()).items():
        assert new.type.dtype == shared.type.dtype == {"U": "float32", "V": "float64"}[shared.name[0]]


def test_a_constraint_holds_for_the_rows_written():
    W, idx = pytensor.shared(np.full((3, 2), 10.0), name="W"), pt.lvector("idx")
    r = rows(W, idx)
    pytensor.function([idx], updates=sgd(r.values.sum(), r, 1.0, constraint=max_norm(2.0)), mode=PY)([1, 1])
    np.testing.assert_allclose(np.linalg.norm(W.get_value(), axis=1), [200**0.5, 2, 200**0.5])


def test_given_gradients_in_the_place_of_a_loss():
    W, b = matrix(shape=(3, 2), dtype="float64"), matrix("b", (2,), "float64")
    r = rows(W, [2, 2])
    loss = ((r.values + b) ** 2).sum()
    one, other = sgd(loss, [r, b], 0.1), sgd([2 * g for g in gradients(loss, [r, b])], [r, b], 0.05)
    W_one, b_one, W_other, b_other = pytensor.function([], [one[W], one[b], other[W], other[b]], mode=PY)()
    np.testing.assert_allclose(W_one, W_other, rtol=1e-14)
    np.testing.assert_allclose(b_one, b_other, rtol=1e-14)


def test_wrong_parameters():
    W, idx = matrix(), pt.lvector("idx")
    r, x = rows(W, idx), pt.fmatrix("x")
    loss = (r.values**2).sum()
    with pytest.raises(TypeError, match="params must be Rows or shared tensors, got Matrix"):
        sgd(loss, [r, x], 0.1)
    with pytest.raises(TypeError, match="W must hold floats to be trained, got dtype int64"):
        whole = rows(pytensor.shared(np.ones((2, 2), "int64"), name="W"), idx)
        sgd(whole.values.sum(), whole, 0.1)
    for twice in ([r, W], [r, rows(W, idx)], [r, r]):
        with pytest.raises(ValueError, match="W must be given once, got it twice"):
            sgd(loss, twice, 0.1)


def test_wrong_losses():
    W, idx = matrix(), pt.lvector("idx")
    r, other = rows(W, idx), rows(W, idx + 1)
    with pytest.raises(TypeError, match="the loss must be a scalar"):
        sgd(r.values, r, 0.1)
    with pytest.raises(ValueError, match="the loss must depend on each parameter, got b on which it does not"):
        sgd((r.values**2).sum(), [r, matrix("b", (2,))], 0.1)
    for lost in (W.sum(), W[3].sum(), other.values.sum()):
        with pytest.raises(ValueError, match="the loss must read W through the values of one Rows only"):
            sgd((r.values**2).sum() + lost, r, 0.1)
    for kept in (disconnected_grad(other.values).sum(), W.shape[0] * 1.0):
        assert W in sgd((r.values**2).sum() + kept, r, 0.1)


def test_wrong_gradients():
    W, idx = matrix(), pt.lvector("idx")
    r = rows(W, idx)
    with pytest.raises(ValueError, match="one gradient for each of 1 params, got 2"):
        sgd([r.part, r.part], r, 0.1)
    with pytest.raises(ValueError, match="the gradient of W must have rank 2"):
        sgd([r.part[0]], r, 0.1)


def test_wrong_hyper_parameters():
    r = rows(matrix(), [0])
    loss = r.values.sum()
    with pytest.raises(TypeError, match="learning_rate must be a number or a symbolic scalar, got 'fast'"):
        sgd(loss, r, "fast")
    with pytest.raises(TypeError, match="learning_rate must be a number or a symbolic scalar"):
        sgd(loss, r, pt.dvector())
    with pytest.raises(ValueError, match=r"learning_rate must lie in \[0, inf\), got -1"):
        sgd(loss, r, -1)
    with pytest.raises(ValueError, match=r"beta2 must lie in \[0, 1\), got 1.0"):
        adam(loss, r, beta2=1.0)
    with pytest.raises(TypeError, match="gaurd"):
        sgd(loss, r, 0.1, gaurd=True)
