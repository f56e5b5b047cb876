"""The root as one instruction: NumPy's numbers, and in the place of PyTensor's root in compiled graphs."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.scalar.basic import Sqrt

from ptembed import rewrites  # noqa: F401
from ptembed.ops.root import Root


def roots(f):
    """The kinds of all scalar roots in a compiled graph, fused or not."""
    ops = [node.op.scalar_op for node in f.maker.fgraph.toposort() if hasattr(node.op, "scalar_op")]
    inside = [inner.op for op in ops if hasattr(op, "fgraph") for inner in op.fgraph.toposort()]
    return {type(op) for op in [*ops, *inside] if isinstance(op, Sqrt)}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numbers_of_numpy(dtype):
    x = pt.vector("x", dtype=dtype)
    f = pytensor.function([x], [pt.sqrt(x), 2 / (1 + pt.sqrt(x))], mode="NUMBA")
    values = np.array([0, 2, 0.1, np.inf, np.nan, 1e-40], dtype)
    root, fused = f(values)
    assert root.dtype == dtype and roots(f) == {Root}
    np.testing.assert_array_equal(root, np.sqrt(values))
    np.testing.assert_allclose(fused, 2 / (1 + np.sqrt(values)), rtol=1e-6)
    assert np.isnan(f(np.array([-1], dtype))[0])


def test_integers_and_other_linkers_are_left_alone():
    i, x = pt.lvector("i"), pt.dvector("x")
    assert roots(pytensor.function([i], pt.sqrt(i), mode="NUMBA")) == {Sqrt}
    assert roots(pytensor.function([x], pt.sqrt(x), mode=pytensor.compile.mode.Mode("py", "fast_run"))) == {Sqrt}
