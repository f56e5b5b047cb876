"""Loops compute what they compute on Theano, and fail where they fail there."""

import json
from pathlib import Path

import numpy as np
import pytest
from loops import LOOPS, recorded

EXPECTED = json.loads((Path(__file__).parent / "loops.json").read_text())


@pytest.fixture
def fast(theano):
    """The drop-in with the linker that needs no compiler."""
    with theano.change_flags(linker="py", floatX="float64"):
        yield theano


def test_all_loops_were_recorded():
    assert set(EXPECTED) == set(LOOPS)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", LOOPS)
def test_as_on_theano(fast, name):
    expected, got = EXPECTED[name], recorded(LOOPS[name], fast)
    if isinstance(expected, dict):
        assert isinstance(got, dict), got
        assert expected["error"][0] in [*got["error"], "Exception"]
    else:
        assert_close(got, expected)


def assert_close(got, expected):
    assert not isinstance(got, dict), got
    if isinstance(expected, list) and isinstance(got, list):
        assert len(got) == len(expected)
        for one, other in zip(got, expected, strict=True):
            assert_close(one, other)
    else:
        np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_updates_can_be_added(fast):
    s = fast.shared(0.0)
    _, updates = fast.scan(lambda: {s: s + 1}, n_steps=2)
    t = fast.shared(0.0)
    assert type(updates) is fast.OrderedUpdates
    assert list(updates + fast.OrderedUpdates([(t, t + 1)])) == [s, t]


def test_dicts_of_the_caller_stay_as_they_are(fast):
    sequence, info = {"input": fast.tensor.dvector()}, {"initial": fast.tensor.constant(0.0, dtype="float64")}
    fast.scan(lambda x, s: s + x, sequence, info)
    assert list(sequence) == ["input"] and list(info) == ["initial"]


def test_no_steps_give_nothing(fast):
    n = fast.tensor.lscalar()
    outputs, _ = fast.scan(lambda a: a + 1, outputs_info=fast.tensor.constant(1.0, dtype="float64"), n_steps=n)
    assert fast.function([n], outputs)(0).shape == (0,)


def test_too_few_initial_states_are_refused(fast):
    info = {"initial": fast.tensor.zeros((2, 4)), "taps": [-3, -1]}
    with pytest.raises(ValueError, match=r"taps \[-3, -1\] must have 3 steps, got 2"):
        fast.scan(lambda a, b: a + b, outputs_info=info, n_steps=2)


def test_a_failed_loop_keeps_default_updates(fast):
    s = fast.shared(1.0)
    s.default_update = update = s * 2
    with pytest.raises(ValueError, match="Please provide None as outputs_info"):
        fast.scan(lambda: [s, s], outputs_info=[None], n_steps=2)
    assert s.default_update is update


@pytest.mark.parametrize("n", [4, 12, 13])
def test_checkpoints_of_sequences(fast, n):
    x, y = fast.tensor.dvector(), fast.tensor.dscalar()
    arguments = {
        "sequences": x,
        "outputs_info": [fast.tensor.constant(1.0, dtype="float64"), None],
        "non_sequences": y,
    }
    (kept, _), _ = fast.scan_checkpoints(lambda x, s, y: [s * x + y, x], save_every_N=4, **arguments)
    (steps, _), _ = fast.scan(lambda x, s, y: [s * x + y, x], **arguments)
    f = fast.function([x, y], [kept, steps, fast.grad(kept[-1], x), fast.grad(steps[-1], x)])
    a, b, dx, expected = f(np.linspace(0.5, 1.5, n), 0.1)
    np.testing.assert_allclose(a, b[[*range(3, n, 4), *([n - 1] if n % 4 else [])]])
    np.testing.assert_allclose(dx, expected)


def test_checkpoints_without_padding(fast):
    x = fast.tensor.dvector()
    kept, _ = fast.scan_checkpoints(
        lambda x, s: s + x, x, fast.tensor.constant(0.0, dtype="float64"), save_every_N=2, padding=False
    )
    assert fast.function([x], kept)([1.0, 2.0, 3.0, 4.0]).tolist() == [3, 10]


def test_rewrites_answer_to_the_names_of_theano(fast):
    x, y = fast.tensor.dvectors("x", "y")
    sums = [fast.scan(lambda s: s + 1, sequences=one)[0] for one in (x, y)]
    mode = fast.Mode("py", "fast_run")
    loops = [
        sum(isinstance(node.op, fast.scan_module.scan_op.Scan) for node in f.maker.fgraph.toposort())
        for f in (
            fast.function([x, y], sums, mode=mode.excluding(*names)) for names in ([], ["scanOp_pushout_seqs_ops"])
        )
    ]
    assert loops == [0, 2]


def test_monitor_mode_sees_each_step(fast):
    seen = []
    mode = fast.compile.MonitorMode(post_func=lambda *args: seen.append(args[-1].outputs[0][0]))
    k = fast.tensor.iscalar()
    outputs, _ = fast.scan(
        lambda p: p * 2.0, outputs_info=fast.tensor.constant(1.0, dtype="float64"), n_steps=k, mode=mode
    )
    fast.function([k], outputs[-1])(3)
    assert [float(value) for value in seen if np.size(value) == 1][-1] == 8.0


@pytest.mark.parametrize("linker", ["py", "vm", "cvm"])
def test_a_state_is_not_overwritten_before_it_is_read(theano, linker):
    with theano.change_flags(linker=linker):
        x = theano.tensor.dvector()
        info = {"initial": theano.shared(np.zeros(4)), "taps": [-4]}
        (_, late), _ = theano.scan(lambda x_t, x_before: (x_t, x_before), x, [info, None])
        f = theano.function([x], late)
    assert f(np.arange(1.0, 8.0)).tolist() == [0, 0, 0, 0, 1, 2, 3]
