import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.graph.rewriting.utils import rewrite_graph

from ptembed.ops import row_loop_kernel  # noqa: F401
from ptembed.ops.guard import together
from ptembed.ops.row_loop import RowLoop
from ptembed.ops.row_loop_source import row_loop_source

rng = np.random.default_rng(0)
LINKERS = [pytensor.compile.mode.Mode(linker, None) for linker in ("numba", "cvm", "py")]


def loop_of(inputs, outputs, rank, inplace=False):
    """A loop of simplified nodes: no shapes of constants are left in them."""
    return RowLoop(inputs, rewrite_graph(outputs, include=("canonicalize",)), rank, inplace)


def called(loop, *values, mode):
    """The results of a loop on values, and the values it may have changed."""
    inputs = [v.type() for v in loop.inputs]
    outputs = loop(*inputs, return_list=True)
    given = [pytensor.In(v, mutable=loop.inplace) for v in inputs]
    f = pytensor.function(given, outputs, mode=mode, accept_inplace=True, on_unused_input="ignore")
    values = [np.array(x) for x in values]
    return f(*values), values


def rows_and_cells():
    """Rank 1: read, multiply, sum over rows, squash, scale rows, add them up and store cells."""
    W, idx, X = pt.matrix("W", dtype="float64"), pt.lvector("idx"), pt.matrix("X", dtype="float64")
    read = W[idx]
    dot = (read * X).sum(axis=1)
    squashed = pt.tanh(dot)
    outputs = [dot, squashed[:, None] * read, (read + X).sum(axis=0), squashed.sum(), squashed[:, None]]
    values = rng.normal(size=(6, 3)), np.array([0, -1, 0, 4]), rng.normal(size=(4, 3))
    w, i, x = values
    r, t = w[i], np.tanh((w[i] * x).sum(1))
    expected = [(r * x).sum(1), t[:, None] * r, (r + x).sum(0), t.sum(), t[:, None]]
    return loop_of([W, idx, X], outputs, 1), values, expected


def groups():
    """Rank 2: rows in groups, summed over the group."""
    W, T, idx = pt.matrix("W", dtype="float64"), pt.matrix("T", dtype="float64"), pt.lmatrix("idx")
    X = pt.tensor3("X", dtype="float64", shape=(None, 1, None))
    scores = (W[idx] * X).sum(axis=2)
    outputs = [scores, scores.sum(axis=1), (scores[:, :, None] * W[idx]).sum(axis=1)]
    outputs.append(pt.inc_subtensor(T[idx], scores[:, :, None] * X))
    values = rng.normal(size=(5, 2)), rng.integers(-5, 5, (3, 4)), rng.normal(size=(3, 1, 2))
    w, i, x = values
    s, added = (w[i] * x).sum(2), w.copy()
    np.add.at(added, i, s[:, :, None] * x)
    expected = [s, s.sum(1), (s[:, :, None] * w[i]).sum(1), added]
    return loop_of([W, idx, X, T], outputs, 2), (*values, w), expected


def single_row():
    """Rank 0: row numbers that are looked up in the loop, a table of cells, zeros made by the loop."""
    W, b, idx, n = pt.matrix("W", dtype="float64"), pt.vector("b", dtype="float64"), pt.lvector("idx"), pt.lscalar("n")
    i, j = idx[0], idx[1]
    row = W[i] * b[j]
    zeros = pt.zeros((n, 3), dtype="float64")
    written = pt.inc_subtensor(pt.inc_subtensor(zeros[j], row)[i], 2 * row)
    values = rng.normal(size=(6, 3)), rng.normal(size=6), np.array([-1, 2]), np.array(6)
    w, c, (at, to), _ = values
    r = w[at] * c[to]
    expected = np.zeros((6, 3))
    expected[to] += r
    expected[at] += 2 * r
    return loop_of([W, b, idx, n], [row, row.sum(), written], 0), values, [r, r.sum(), expected]


LOOPS = {f.__name__: f for f in (rows_and_cells, groups, single_row)}


@pytest.mark.parametrize("mode", LINKERS, ids=["numba", "cvm", "py"])
@pytest.mark.parametrize("name", LOOPS)
def test_loop_gives_what_its_nodes_give(name, mode):
    loop, values, expected = LOOPS[name]()
    results, after = called(loop, *values, mode=mode)
    assert len(results) == len(expected)
    for got, wanted in zip(results, expected, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-12)
        assert got.shape == np.shape(wanted)
    for got, wanted in zip(after, values, strict=True):
        np.testing.assert_array_equal(got, wanted)


def adam_like(inplace):
    """Rows of M and W that are read and written at the same distinct numbers, and cells of t that wait for all of W."""
    W, M, t = pt.matrix("W", dtype="float64"), pt.matrix("M", dtype="float64"), pt.vector("t", dtype="float64")
    ids, G = pt.lvector("ids"), pt.matrix("G", dtype="float64")
    steps = t[ids] + 1
    m = 0.9 * M[ids] + 0.1 * G
    outputs = [
        pt.inc_subtensor(W[ids], -m / steps[:, None]),
        pt.set_subtensor(M[ids], m),
        pt.set_subtensor(t[ids], *together([steps], [W])),
    ]
    return loop_of([W, M, t, ids, G], outputs, 1, inplace)


@pytest.mark.parametrize("inplace", [False, True])
@pytest.mark.parametrize("mode", [LINKERS[0], LINKERS[2]], ids=["numba", "py"])
def test_tables_are_changed_in_place_or_not_at_all(mode, inplace):
    w, m, t = rng.normal(size=(5, 3)), rng.normal(size=(5, 3)), np.arange(5.0)
    ids, g = np.array([4, 1]), rng.normal(size=(2, 3))
    results, after = called(adam_like(inplace), w, m, t, ids, g, mode=mode)
    new_m, new_t = 0.9 * m[ids] + 0.1 * g, t[ids] + 1
    expected = [w.copy(), m.copy(), t.copy()]
    expected[0][ids] -= new_m / new_t[:, None]
    expected[1][ids], expected[2][ids] = new_m, new_t
    for got, kept, wanted, before in zip(results, after, expected, (w, m, t), strict=False):
        np.testing.assert_allclose(got, wanted, rtol=1e-12)
        assert np.shares_memory(got, kept) == inplace
        np.testing.assert_array_equal(kept, got if inplace else before)


@pytest.fixture(scope="module")
def sums():
    X, i, W = pt.fmatrix("X"), pt.lvector("i"), pt.fmatrix("W")
    loop = RowLoop([X, i, W], [(X * W[i]).sum(axis=1)], 1)
    return pytensor.function(loop.inputs, loop(*loop.inputs), mode=LINKERS[0])


def test_long_rows_are_summed_accurately(sums):
    X = rng.random((2, 300_001), "float32")
    W = np.ones((1, 300_001), "float32")
    np.testing.assert_allclose(sums(X, [0, 0], W), X.sum(axis=1, dtype="float64"), rtol=3e-7)


def test_a_long_row_beside_a_short_one():
    X, Y = pt.fmatrix("X"), pt.fmatrix("Y")
    loop = RowLoop([X, Y], [X.sum(axis=1) * pt.sqr(Y).sum(axis=1)], 1)
    x, y = rng.random((3, 4), "float32"), rng.random((3, 2_050), "float32")
    (got,), _ = called(loop, x, y, mode=LINKERS[0])
    np.testing.assert_allclose(got, x.sum(axis=1, dtype=float) * (y.astype(float) ** 2).sum(axis=1), rtol=5e-7)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_roots(dtype):
    X, table, i = pt.matrix("X", dtype=dtype), pt.vector("t", dtype=dtype), pt.lvector("i")
    loop = RowLoop([X, table, i], [pt.sqrt(table[i])[:, None] * X, pt.sqrt(X), (X * X).sum(axis=1)], 1)
    x = np.array([[0, 2, np.inf, -1, np.nan], [1e-30, 3, 4, 1e30, 7]], dtype)
    (scaled, roots, _), _ = called(loop, x, np.array([5, 6], dtype), [1, 0], mode=LINKERS[0])
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(roots, np.sqrt(x), rtol=2 * np.finfo(dtype).eps)
    np.testing.assert_allclose(scaled, np.sqrt(np.array([[6], [5]], dtype)) * x, rtol=2 * np.finfo(dtype).eps)


def test_nan_and_infinity_keep_their_meaning(sums):
    X = np.array([[np.nan, 1], [np.inf, 1], [-np.inf, np.inf]], "float32")
    np.testing.assert_array_equal(sums(X, [0, 0, 0], np.ones((1, 2), "float32")), [np.nan, np.inf, np.nan])


def test_no_rows_no_columns(sums):
    assert sums(np.ones((0, 3), "float32"), [], np.ones((2, 3), "float32")).shape == (0,)
    np.testing.assert_array_equal(sums(np.ones((2, 0), "float32"), [0, 1], np.ones((2, 0), "float32")), [0, 0])


@pytest.mark.parametrize("wrong", [2, -3])
def test_row_number_out_of_range(sums, wrong):
    with pytest.raises(IndexError, match=rf"\[-2, 2\) for a matrix of 2 rows, got {wrong}"):
        sums(np.ones((2, 3), "float32"), [0, wrong], np.ones((2, 3), "float32"))


@pytest.mark.parametrize("dtype", ["int8", "uint8", "uint64"])
def test_row_numbers_of_any_integer_dtype(dtype):
    W, idx = pt.fmatrix("W"), pt.vector("idx", dtype=dtype)
    loop = RowLoop([W, idx], [W[idx].sum(axis=1)], 1)
    f = pytensor.function(loop.inputs, loop(*loop.inputs), mode=LINKERS[0])
    w = np.arange(6, dtype="float32").reshape(3, 2)
    np.testing.assert_array_equal(f(w, np.array([2, 0], dtype)), [9, 1])
    highest = np.iinfo(dtype).max  # as int64, that of uint64 is -1
    with pytest.raises(IndexError, match=f"got {highest}"):
        f(w, np.array([2, highest], dtype))


@pytest.mark.parametrize(("m", "d"), [(3, 3), (2, 4), (1, 3), (2, 1)])
def test_sizes_that_do_not_agree(sums, m, d):
    with pytest.raises(ValueError, match="as many rows"):
        sums(np.ones((m, d), "float32"), [0, 1], np.ones((2, 3), "float32"))


def test_a_node_that_does_not_fit_is_refused():
    X = pt.dmatrix("X")
    with pytest.raises(ValueError, match="fit into a loop of rank 1"):
        RowLoop([X], [X.T], 1)


def test_inputs_of_another_type_are_refused():
    loop, _, _ = single_row()
    with pytest.raises(TypeError, match="input must be"):
        loop(pt.fmatrix(), *loop.inputs[1:])


def test_a_store_has_its_own_loop_unless_its_table_is_read():
    source = row_loop_source(adam_like(True))
    assert source.count("for c in") == 2
    assert "else" not in source
    assert source.index("o0[i3, c] +=") < source.index("o1[i3, c] =") < source.index("o2[i3] =")


def test_rows_are_asked_for_in_time():
    source = row_loop_source(adam_like(True))
    assert "if b0 + 6 < n0:" in source  # twelve rows: of two matrices
    assert source.count("prefetch_row(x2, np.int64(x3[b0 + 6]))") == 1


def test_short_rows_are_summed_without_parts():
    loop, _, _ = rows_and_cells()
    short, long = row_loop_source(loop).split("    else:\n")
    assert "if d0 <= 1024:" in short
    assert "range(part" not in short
    assert "range(np.uint64(part)" in long
