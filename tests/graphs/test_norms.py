"""Norms of rows: clipping, constraints, penalties."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pytensor.compile.mode import Mode

from ptembed.graphs import clip_global, clip_rows, gradients, l2, max_norm, rows

PY = Mode("py", "fast_run")
LIMIT = 1.5


@pytest.fixture(scope="module")
def clipped():
    x, y = pt.dmatrix("x"), pt.dvector("y")
    outputs = [*clip_rows([x, y], LIMIT), *clip_global([x, y], LIMIT), max_norm(LIMIT)(x)]
    return pytensor.function([x, y], outputs, mode=PY)


@given(arrays("float64", (3, 2), elements=st.floats(-10, 10)), arrays("float64", 4, elements=st.floats(-10, 10)))
@settings(max_examples=100, deadline=None)
def test_equals_loops(clipped, x, y):
    def shrink(row, norm):
        return row if norm <= LIMIT else row * (LIMIT / norm)

    by_row_x, by_row_y, global_x, global_y, kept = clipped(x, y)
    norm = np.sqrt(sum(value**2 for value in [*x.flat, *y]))
    expected = [shrink(row, np.sqrt(sum(row**2))) for row in x]
    np.testing.assert_allclose(by_row_x, expected, rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(by_row_y, [shrink(value, abs(value)) for value in y], rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(global_x, shrink(x, norm), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(global_y, shrink(y, norm), rtol=1e-12, atol=1e-300)
    np.testing.assert_array_equal(kept, by_row_x)


@pytest.mark.parametrize("clip", [clip_rows, clip_global, lambda grads, limit: [max_norm(limit)(g) for g in grads]])
@pytest.mark.parametrize("limit", [1.0, np.float64(1), pt.constant(1.0, dtype="float64")])
def test_dtypes_are_kept(clip, limit):
    grads = [pt.fscalar(), pt.fvector(), pt.fmatrix(), pt.ftensor3()]
    assert [(g.type.dtype, g.type.ndim) for g in clip(grads, limit)] == [("float32", n) for n in range(4)]


def test_a_row_read_twice_is_clipped_by_the_norm_of_its_sum():
    r = rows(pytensor.shared(np.ones((3, 2)), name="W"), [1, 1, 2])
    grads = gradients((r.values * [[3.0, 4.0], [3.0, 4.0], [0.3, 0.4]]).sum(), r)
    np.testing.assert_allclose(clip_rows(grads, 5.0)[0].eval(mode=PY), [[3, 4], [0.3, 0.4]])


def test_the_penalty_and_its_gradient():
    W, b = pytensor.shared(np.full((3, 2), 2.0), name="W"), pytensor.shared(np.array([1.0, 3.0]), name="b")
    r = rows(W, [1, 1])
    penalty = l2([r, b])
    value, by_row, by_b = pytensor.function([], [penalty, *gradients(penalty, [r, b])], mode=PY)()
    assert value == 0.5 * (2 * 4 + 1 + 9)
    assert l2(pytensor.shared(np.ones(2, "float32"))).type.dtype == "float32"
    assert by_row.tolist() == [[2, 2]] and by_b.tolist() == [1, 3]


@pytest.mark.parametrize("limit", [0, -1.0, float("nan")])
def test_limits_are_positive(limit):
    for build in (
        lambda: clip_rows([pt.dmatrix()], limit),
        lambda: clip_global([pt.dmatrix()], limit),
        lambda: max_norm(limit),
    ):
        with pytest.raises(ValueError, match="limit must be positive, got"):
            build()
