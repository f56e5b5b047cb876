"""Convolution and its gradients, against loops; what they refuse; how much memory a tile takes."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
import twins
from pytensor.compile.mode import Mode
from pytensor.gradient import verify_grad

from ptembed.ops import convolution_tiles as tiles
from ptembed.ops.convolution import Convolution, ConvolutionGradInputs, ConvolutionGradWeights

CASES = {
    "plain": {},
    "flipped": {"filter_flip": True, "border_mode": "half"},
    "all options": {
        "border_mode": ((1, 0), (2, 3)),
        "subsample": (2, 3),
        "filter_dilation": (2, 1),
        "num_groups": 2,
        "filter_flip": True,
    },
    "strided full": {"border_mode": "full", "subsample": (3, 2)},
    "unshared": {"unshared": True, "num_groups": 2, "subsample": (2, 1), "filter_flip": True, "border_mode": (0, 1)},
    "one dimension": {"convdim": 1, "border_mode": "full", "filter_dilation": (2,)},
    "three dimensions": {
        "convdim": 3,
        "border_mode": (1, 0, "half"),
        "subsample": (1, 2, 1),
        "num_groups": 2,
        "filter_dilation": (1, 1, 2),
        "filter_flip": True,
    },
}
COMPILED = [("numba", "plain"), ("numba", "all options"), ("numba", "unshared"), ("numba", "three dimensions")]
INTERPRETED = [("py", case) for case in CASES]


def arrays(op, dtype="float64", images=(3, 4), lengths=(7, 6, 5), kernels=6, kernel=(3, 2, 2)):
    rng, n = np.random.default_rng(0), op.convdim
    x = rng.standard_normal((*images, *lengths[:n])).astype(dtype)
    places = op.lengths(lengths[:n], kernel[:n])
    shape = (kernels, *(places if op.unshared else ()), images[1] // op.num_groups, *kernel[:n])
    w, top = rng.standard_normal(shape), rng.standard_normal((images[0], kernels, *places))
    return x, w.astype(dtype), top.astype(dtype)


def all_three(op, linker, dtype="float64"):
    x, w = (pt.tensor(dtype=dtype, shape=(None,) * n) for n in (2 + op.convdim, op.kernel_ndim()))
    top = pt.tensor(dtype=dtype, shape=(None,) * x.type.ndim)
    y = op(x, w)
    return pytensor.function(
        [x, w, top], [y, *pytensor.grad(None, [x, w], known_grads={y: top})], mode=Mode(linker, "fast_run")
    )


@pytest.mark.parametrize(("linker", "case"), [*INTERPRETED, *COMPILED, ("cvm", "all options")])
def test_results_and_gradients_are_those_of_loops(linker, case):
    op = Convolution(**CASES[case])
    x, w, top = arrays(op)
    y, dx, dw = all_three(op, linker)(x, w, top)
    np.testing.assert_allclose(y, twins.convolution(x, w, op), atol=1e-12)
    for direction, gradient, by_images in ((x, dx, True), (w, dw, False)):
        direction = np.random.default_rng(1).standard_normal(direction.shape)
        change = twins.convolution(direction, w, op) if by_images else twins.convolution(x, direction, op)
        np.testing.assert_allclose((gradient * direction).sum(), (change * top).sum(), rtol=1e-10)


@pytest.fixture(scope="module")
def compiled():
    return all_three(Convolution(border_mode=1), "numba", "float32")


@pytest.mark.parametrize(
    "sizes",
    [
        {"images": (70, 2), "lengths": (3, 3)},
        {"images": (2, 3), "lengths": (90, 300), "kernels": 2},
        {"images": (3, 40), "lengths": (70, 20), "kernels": 60},
        {"images": (3, 5), "lengths": (9, 8), "kernel": (1, 1)},
        {"images": (0, 2)},
        {"images": (2, 0)},
        {"kernels": 0},
    ],
    ids=str,
)
def test_tiles_of_all_kinds(compiled, sizes):
    op = Convolution(border_mode=1)
    given = arrays(op, "float32", **sizes)
    for found, expected in zip(compiled(*given), all_three(op, "py", "float32")(*given), strict=True):
        assert found.dtype == "float32"
        np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-3)


def test_inputs_that_are_not_contiguous(compiled):
    op = Convolution(border_mode=1)
    given = [np.asfortranarray(a) for a in arrays(op, "float32")]
    np.testing.assert_allclose(compiled(*given)[0], twins.convolution(*given[:2], op), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("linker", ["py", "numba"])
def test_integers_stay_integers(linker):
    x, w = pt.tensor4(dtype="int32"), pt.tensor4(dtype="int32")
    f = pytensor.function([x, w], Convolution()(x, w), mode=Mode(linker, "fast_run"))
    y = f(np.full((1, 2, 3, 3), 7, "int32"), np.full((1, 2, 2, 2), -3, "int32"))
    assert (y.dtype, y.ravel().tolist()) == ("int32", [-168] * 4)


@pytest.mark.parametrize("case", ["all options", "unshared", "three dimensions"])
def test_gradients_of_gradients(case):
    op, mode = Convolution(**CASES[case]), Mode("py", "fast_compile")
    x, w, top = arrays(op, images=(1, 2), lengths=(4, 5, 3), kernels=2, kernel=(2, 2, 1))
    rng, n = np.random.default_rng(0), op.convdim
    verify_grad(op, [x, w], rng=rng, mode=mode)
    verify_grad(lambda x, top: op.sibling(1)(x, top, list(w.shape[-n:])), [x, top], rng=rng, mode=mode)
    verify_grad(lambda w, top: op.sibling(2)(w, top, list(x.shape[-n:])), [w, top], rng=rng, mode=mode)


def test_shapes_are_inferred():
    x, w = pt.tensor4(), pt.tensor4()
    y = Convolution(border_mode="half", subsample=(2, 1))(x, w)
    f = pytensor.function([x, w], [v.shape for v in (y, *pytensor.grad(y.sum(), [x, w]))], mode=Mode("py", "fast_run"))
    assert not [node for node in f.maker.fgraph.apply_nodes if isinstance(node.op, Convolution)]
    shapes = f(np.ones((2, 3, 8, 9)), np.ones((5, 3, 3, 3)))
    assert [s.tolist() for s in shapes] == [[2, 5, 4, 9], [2, 3, 8, 9], [5, 3, 3, 3]]


def test_what_is_refused_when_the_graph_is_made():
    for options in ({"border_mode": -1}, {"border_mode": "same"}, {"subsample": (0, 1)}, {"num_groups": 0}):
        with pytest.raises(ValueError, match=next(iter(options))):
            Convolution(**options)
    with pytest.raises(TypeError, match="img must be 4D"):
        Convolution()(pt.tensor3(), pt.tensor4())
    with pytest.raises(ValueError, match="channels of the images"):
        Convolution()(np.ones((1, 3, 5, 5)), np.ones((1, 2, 2, 2)))
    with pytest.raises(TypeError, match="shape must be 2 integers"):
        ConvolutionGradInputs()(pt.tensor4(), pt.tensor4(), pt.dvector())


@pytest.mark.parametrize("linker", ["py", "numba"])
def test_what_is_refused_in_the_call(linker, request):
    numba = linker == "numba"
    f = request.getfixturevalue("compiled") if numba else all_three(Convolution(border_mode=1), linker, "float32")
    x, w, top = (np.ones(s, "float32") for s in ((2, 3, 5, 5), (4, 3, 3, 3), (2, 4, 5, 5)))
    for given, message in (
        ((x[:, :2], w, top), "channels of the images"),
        ((x[:, :, :0], w, top), "kernels must fit"),
        ((x, np.ones((4, 3, 8, 3), "float32"), top), "kernels must fit"),
        ((x, w, top[:, :, 1:]), "gradient must have the shape"),
    ):
        with pytest.raises(ValueError, match=message):
            f(*given)


def test_a_tile_holds_the_patches_of_few_places():
    for B, lines, width, K in ((128, 24, 24, 25), (64, 224, 224, 576), (1000, 1, 1, 4608), (2, 5, 100_000, 9)):
        g = np.zeros(tiles.NUMBERS, np.int64)
        g[tiles.B], g[tiles.PLACES], g[tiles.PLACES + 1], g[tiles.PLACES + 2] = B, 1, lines, width
        images, step = tiles.tile(g, K, tiles.WIDE)
        assert 1 <= images <= B
        assert step == lines or images == 1
        assert images * step * width <= max(tiles.WIDE, tiles.TILE // K, width)


def test_kinds_know_each_other():
    op = Convolution(subsample=(2, 1), num_groups=3)
    assert op.sibling(1) == ConvolutionGradWeights(subsample=(2, 1), num_groups=3)
    assert op.sibling(1).sibling(2).sibling(0) == op
