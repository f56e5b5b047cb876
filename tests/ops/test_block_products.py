"""Products of blocks: against loops, gradients, and updates in place."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.gradient import verify_grad
from twins import multiply_blocks_by_loops

from ptembed.ops.block_products import SparseBlockGemv, SparseBlockOuter

rng = np.random.default_rng(0)
W, H, O = rng.normal(size=(4, 3, 2, 5)), rng.normal(size=(6, 2, 2)), rng.normal(size=(6, 2, 5))
ROWS, COLUMNS = rng.integers(0, 4, (6, 2)), rng.integers(-3, 3, (6, 2))


@pytest.fixture(scope="module", params=["FAST_COMPILE", "NUMBA"])
def functions(request):
    o, w, h, i, j = pt.dtensor3(), pt.dtensor4(), pt.dtensor3(), pt.lmatrix(), pt.lmatrix()
    product = pytensor.function([o, w, h, i, j], SparseBlockGemv()(o, w, h, i, j), mode=request.param)
    outer = pytensor.function([w, h, o, i, j], SparseBlockOuter()(w, h, o, i, j, 2.0), mode=request.param)
    return product, outer


def test_products(functions):
    want = multiply_blocks_by_loops(O, W, H, ROWS, COLUMNS)
    np.testing.assert_allclose(functions[0](O, W, H, ROWS, COLUMNS), want)


def test_outer_products_of_repeated_blocks_add_up(functions):
    want = W.copy()
    for b, i, j in np.ndindex(6, 2, 2):
        want[ROWS[b, i], COLUMNS[b, j]] += 2 * np.outer(H[b, i], O[b, j])
    np.testing.assert_allclose(functions[1](W, H, O, ROWS, COLUMNS), want)


def test_a_block_that_is_not_there_is_refused(functions):
    for f, arrays in zip(functions, [(O, W, H), (W, H, O)], strict=True):
        with pytest.raises(IndexError):
            f(*arrays, ROWS + 1, COLUMNS)


@pytest.mark.parametrize("op", [SparseBlockGemv(), SparseBlockOuter()], ids=str)
def test_gradients(op):
    arrays = [O, W, H] if isinstance(op, SparseBlockGemv) else [W, H, O, 1.5]
    verify_grad(
        lambda a, b, c, *alpha: op(a, b, c, ROWS, COLUMNS, *alpha), arrays, rng=rng, mode=pytensor.compile.Mode("py")
    )


def test_what_nothing_else_needs_is_overwritten():
    o, w, h, i, j = pt.dtensor3(), pt.dtensor4(), pt.dtensor3(), pt.lmatrix(), pt.lmatrix()
    mode = pytensor.compile.Mode("py")
    f = pytensor.function([o, w, h, i, j], SparseBlockGemv()(o + 1, w, h, i, j), mode=mode)
    assert [n.op.inplace for n in f.maker.fgraph.apply_nodes if isinstance(n.op, SparseBlockGemv)] == [True]
    f = pytensor.function([o, w, h, i, j], SparseBlockGemv()(o, w, h, i, j), mode=mode)
    assert [n.op.inplace for n in f.maker.fgraph.apply_nodes] == [False]


def test_wrong_inputs_are_refused_when_the_graph_is_made():
    good = [pt.dtensor3(), pt.dtensor4(), pt.dtensor3(), pt.lmatrix(), pt.lmatrix()]
    for k, name in enumerate(("o", "W", "h", "inputIdx", "outputIdx")):
        with pytest.raises(TypeError, match=f"{name} must have"):
            SparseBlockGemv()(*good[:k], pt.lvector(), *good[k + 1 :])
    with pytest.raises(AssertionError, match="must be integers"):
        SparseBlockGemv()(*good[:4], pt.dmatrix())
