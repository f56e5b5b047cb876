"""Patches of images: against loops, back to images, and gradients."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from twins import patches_by_loops

from ptembed.ops.patches import MODES, Images2Neibs

IMAGES = np.random.default_rng(0).normal(size=(2, 3, 5, 7))
CASES = [  # mode, shape of a patch, step
    ("valid", (3, 3), (2, 2)),
    ("valid", (2, 1), (3, 3)),
    ("half", (3, 3), (2, 3)),
    ("half", (3, 5), (1, 2)),
    ("full", (2, 3), (5, 4)),
    ("wrap_centered", (3, 5), (2, 2)),
    ("ignore_borders", (2, 2), (2, 2)),
    ("ignore_borders", (6, 2), (1, 1)),
]


@pytest.fixture(scope="module", params=MODES)
def compiled(request):
    x, c, r = pt.dtensor4(), pt.lvector(), pt.lvector()
    rows = Images2Neibs(request.param)(x, c, r)
    g = pt.grad((rows**3).sum(), x)
    outputs = [rows, g, rows.shape]
    return request.param, [pytensor.function([x, c, r], outputs, mode=m) for m in ("FAST_COMPILE", "NUMBA")]


def test_patches_their_shapes_and_gradients(compiled):
    mode, functions = compiled
    for c, r in [case[1:] for case in CASES if case[0] == mode]:
        want = patches_by_loops(IMAGES, c, r, mode)
        places = patches_by_loops(np.arange(1.0, IMAGES.size + 1).reshape(IMAGES.shape), c, r, mode).astype(int)
        gradient = np.bincount(places.ravel(), 3 * want.ravel() ** 2, IMAGES.size + 1)[1:].reshape(IMAGES.shape)
        for f in functions:
            rows, g, shape = f(IMAGES, c, r)
            np.testing.assert_array_equal(rows, want)
            np.testing.assert_array_equal(shape, want.shape)
            np.testing.assert_allclose(g, gradient, atol=1e-14)


@pytest.mark.parametrize(
    "mode, c, r, error",
    [
        ("valid", (2, 2), (2, 2), TypeError),
        ("valid", (6, 7), (1, 1), TypeError),
        ("half", (3, 3), (3, 3), TypeError),
        ("full", (3, 3), (4, 4), TypeError),
        ("wrap_centered", (2, 3), (1, 1), TypeError),
        ("wrap_centered", (7, 3), (1, 1), TypeError),
        ("ignore_borders", (0, 2), (1, 1), ValueError),
        ("ignore_borders", (2, 2), (1, 0), ValueError),
    ],
)
def test_what_does_not_fit_is_refused(compiled, mode, c, r, error):
    if mode == compiled[0]:
        for f in compiled[1]:
            with pytest.raises((error, ZeroDivisionError)):
                f(IMAGES, c, r)


def test_bad_inputs_are_refused_when_the_graph_is_made():
    with pytest.raises(NotImplementedError, match="mode must be one of valid, half"):
        Images2Neibs("other")
    with pytest.raises(AssertionError, match="ten4 must have 4 dimensions"):
        Images2Neibs()(pt.matrix(), (2, 2))
    with pytest.raises(TypeError, match="must be integers"):
        Images2Neibs()(pt.tensor4(), (2.0, 2.0))
