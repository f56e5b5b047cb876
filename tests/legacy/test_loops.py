"""What legacy code reads off a loop's node."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.scan.op import Scan

from ptembed.legacy import loops


@pytest.fixture
def extended():
    loops.extend()
    yield
    loops.restore()


def a_loop():
    x, v = pt.dvector("x"), pt.dmatrix("v")
    outputs, _ = pytensor.scan(
        lambda x_t, a1, b2, b1: [a1 + x_t, b1 * b2, x_t * 2],
        sequences=x,
        outputs_info=[pt.constant(0.0, dtype="float64"), {"initial": v, "taps": [-2, -1]}, None],
        return_updates=True,
    )
    return outputs[-1].owner


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_counts_and_taps(extended):
    op = a_loop().op
    assert (op.n_seqs, op.n_mit_mot, op.n_mit_sot, op.n_sit_sot, op.n_nit_sot, op.n_shared_outs) == (1, 0, 1, 1, 1, 0)
    assert op.tap_array == [[-2, -1], [-1]] and op.n_outs == 2 and op.n_mit_mot_outs == 0
    assert not op.as_while and not op.gpua and op.mit_mot_out_slices == []
    assert op.mitsot_taps() == [[-2, -1]] and op.mitmot_taps() == op.mitmot_out_taps() == []
    assert [v.type.dtype for v in op.inputs] == ["float64"] * 4 and len(op.outputs) == 3
    assert op.var_mappings["outer_inp_from_outer_out"] == {0: 2, 1: 3, 2: 4}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_parts_of_a_node(extended):
    node = a_loop()
    assert node.op.outer_seqs(node) == node.op.outer_seqs(node.inputs) == node.inputs[1:2]
    assert node.op.outer_nitsot_outs(node) == node.outputs[-1:]
    assert node.op.inner_shared(node.op.inputs) == node.op.outer_shared(node) == node.op.outer_shared_outs(node) == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_compiled_loops_have_the_names_too(extended):
    x = pt.dvector("x")
    sums, _ = pytensor.scan(lambda x_t, s: pt.tanh(s + x_t), x, pt.constant(0.0, dtype="float64"), return_updates=True)
    f = pytensor.function([x], pytensor.grad(sums[-1], x), mode=pytensor.compile.mode.Mode("py", "fast_run"))
    found = [node.op for node in f.maker.fgraph.toposort() if isinstance(node.op, Scan)]
    assert sorted(op.n_mit_mot for op in found) == [0, 1]
    np.testing.assert_allclose(f([0.0]), [1.0])


def test_nothing_is_left_behind():
    before = dict(vars(Scan))
    loops.extend()
    assert dict(vars(Scan)) != before
    loops.restore()
    assert {k: v for k, v in vars(Scan).items() if before.get(k) is not v} == {}
    assert not hasattr(Scan, "n_seqs")
