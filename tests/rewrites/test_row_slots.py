import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.compile.mode import Mode
from pytensor.graph.rewriting.db import RewriteDatabaseQuery
from pytensor.graph.traversal import apply_ancestors

from ptembed._pytensor import row_read, row_write
from ptembed.graphs import rows
from ptembed.ops.distinct import Distinct
from ptembed.rewrites import row_slots  # noqa: F401

rng = np.random.default_rng(0)
W = pytensor.shared(rng.normal(size=(7, 4)), name="W")
K, i, j, s = pt.lmatrix("K"), pt.lvector("i"), pt.lvector("j"), pt.lscalar("s")
GIVEN = {K: np.array([[1, -2, 1], [0, 1, 6]]), i: np.array([3, -3]), j: np.array([3, 0, 5]), s: np.array(3)}
PLAIN = Mode("py", None)
CUT = Mode(
    "py", RewriteDatabaseQuery(["fast_run", "row_kernels"], exclude=["row_loops", "row_groups", "fusion", "inplace"])
)


def rewritten(*outputs):
    """The outputs as they are compiled, checked to be what they were."""
    before, after = (pytensor.function(list(GIVEN), outputs, mode=m, on_unused_input="ignore") for m in (PLAIN, CUT))
    for got, wanted in zip(after(*GIVEN.values()), before(*GIVEN.values()), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-12)
    return after.maker.fgraph.outputs


def reads(*outputs):
    return [node for node in apply_ancestors(outputs) if row_read(node) and node.outputs[0].type.dtype == "float64"]


def writes(out):
    return [node for node in apply_ancestors([out]) if row_write(node) and node.outputs[0].type.dtype == "float64"]


def largest(*outputs):
    """The highest rank of what is computed of floats."""
    nodes = list(apply_ancestors(outputs))
    return max(out.type.ndim for node in nodes for out in node.outputs if out.type.dtype == "float64")


@pytest.mark.parametrize("cut", [np.s_[:, 1], np.s_[1], np.s_[0, 2], np.s_[1:, 0], np.s_[::-1, -1]], ids=str)
def test_a_cut_of_rows_reads_these_rows_alone(cut):
    (out,) = rewritten(W[K][cut])
    (read,) = reads(out)
    assert read.inputs[0] is not out and read.outputs[0].type.ndim == out.type.ndim


def test_a_cut_within_rows_is_left_alone():
    (out,) = rewritten(W[K][:, :, 1])
    assert not row_read(out.owner)


def test_cuts_of_distinct_rows_read_the_matrix_by_the_given_numbers():
    r = rows(W, K)
    outputs = rewritten(*(r.values[:, c] for c in range(3)))
    assert {node.inputs[0] for node in reads(*outputs)} == {W}
    assert not any(isinstance(node.op, Distinct) for node in apply_ancestors(outputs))


def test_several_reads_come_apart():
    r = rows(W, i, j, s, K)
    outputs = rewritten(*r.values)
    assert {node.inputs[0] for node in reads(*outputs)} == {W}
    assert not any(isinstance(node.op, Distinct) for node in apply_ancestors(outputs))


def test_ids_of_distinct_rows_stay_what_they_are():
    r = rows(W, i)
    rewritten(r.ids[r.where])


def test_a_reshape_that_mixes_rows_is_left_alone():
    (out,) = rewritten(W[K].reshape((2, 6, 2)))
    assert not row_read(out.owner)


def loss_of_columns(x):
    return ((x[:, 0] * x[:, 1]).sum(axis=1) ** 2 + (x[:, 0] * x[:, 2]).sum(axis=1)).sum()


def test_gradients_are_added_part_by_part():
    r = rows(W, K)
    (g,) = rewritten(pytensor.grad(loss_of_columns(r.values), r.part))
    assert len(writes(g)) == 3 and largest(g) == 2


def test_gradients_of_several_reads_are_added_part_by_part():
    r = rows(W, i, s, j)
    x, y, z = r.values
    (g,) = rewritten(pytensor.grad((x * y).sum() + (z**3).sum(), r.part))
    assert len(writes(g)) == 3


def test_a_scaled_gradient_is_added_part_by_part():
    x = W[K]
    (new,) = rewritten(pt.inc_subtensor(x, -0.1 * pytensor.grad(loss_of_columns(x), x)))
    assert len(writes(new)) == 3 and largest(new) == 2


def test_set_is_left_alone():
    x = W[K]
    (new,) = rewritten(pt.set_subtensor(x, pytensor.grad(loss_of_columns(x), x)))
    assert len(writes(new)) == 1


def test_parts_that_overlap_add():
    g = pt.zeros((2, 3, 4))
    g = pt.inc_subtensor(g[:, 1:], W[K][:, 1:])
    g = pt.inc_subtensor(g[:, :2], 2.0)
    (new,) = rewritten(pt.inc_subtensor(W[K], g))
    assert writes(new)
