"""``theano.sandbox.rng_mrg`` draws the numbers that Theano 1.0.5 drew."""

import importlib.util
import json
import pickle
import warnings
from pathlib import Path

import numpy as np
import pytest
from pytensor.compile.mode import Mode

import ptembed.theano as theano
import ptembed.theano.tensor as T
from ptembed.theano.sandbox import rng_mrg
from ptembed.theano.sandbox.multinomial import ChoiceFromUniform, MultinomialFromUniform
from ptembed.theano.sandbox.rng_mrg import MRG_RandomStreams, mrg_uniform

pytestmark = pytest.mark.usefixtures("theano")

_spec = importlib.util.spec_from_file_location("rng_mrg_programs", Path(__file__).with_name("rng_mrg.py"))
programs = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(programs)
RECORDED = json.loads(Path(programs.RECORDED).read_text())
ROUNDED = {"normal_single": 2e-6, "normal_double": 1e-13, "truncated": 1e-13}  # by another log, sin and cos


def check(name, numbers):
    if name in ROUNDED:
        np.testing.assert_allclose(numbers, RECORDED[name], rtol=ROUNDED[name])
    else:
        assert numbers == RECORDED[name]


@pytest.mark.parametrize("name", programs.DRAWS)
def test_draws(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(name, programs.drawn(name))


@pytest.mark.parametrize("linker", ["py", "numba", None])
@pytest.mark.parametrize("name", programs.PROGRAMS)
def test_programs(name, linker):
    check(name, programs.PROGRAMS[name](linker and Mode(linker, "fast_run")))


@pytest.mark.parametrize("name", ["uniform_single", "multinomial", "multinomial_streams", "choice"])
def test_draws_of_the_kernels(name):
    check(name, programs.drawn(name, Mode("numba", "fast_run")))


def test_stream_goes_on_when_numba_takes_over(monkeypatch):
    monkeypatch.setattr("ptembed.theano.compile.tiered.BUDGET", 4)
    f, g = (theano.function([], MRG_RandomStreams(7).uniform((4,)), mode=mode) for mode in (None, Mode("py", None)))
    for _ in range(6):
        assert np.array_equal(f(), g())


def test_reference_numbers():
    """12 streams, 7 substreams of each, 5 numbers of each: a table of the generator's authors' own program."""
    table = np.loadtxt(Path(rng_mrg.__file__).with_name("samples_MRG31k3p_12_7_5.txt"))
    assert len(table) == 420 and table[0] == 0.7353244530968368 and table[-1] < 1
    state, drawn = np.full(6, 12345, dtype="int32"), []
    for _ in range(12):
        substream = state
        for _ in range(7):
            now = substream.copy()
            for _ in range(5):
                drawn.append(rng_mrg.mrg_next_value(now, now, rng_mrg.NORM, 0xFFFFFFFF, 0))
            substream = rng_mrg.ff_2p72(substream)
        state = rng_mrg.ff_2p134(state)
    assert np.array_equal(drawn, table)


def test_state_is_kept_and_brought_back():
    s = MRG_RandomStreams(3)
    f = theano.function([], s.uniform((3,)), mode=Mode("py", "fast_run"))
    f()
    kept = pickle.dumps((s.rstate, [old.get_value() for old, *_ in s.state_updates]))
    expected = f()
    s.rstate, states = pickle.loads(kept)
    for (old, *_), state in zip(s.state_updates, states, strict=True):
        old.set_value(state)
    assert np.array_equal(f(), expected)


def test_draw_overwrites_its_state():
    f = theano.function([], MRG_RandomStreams(3).uniform((3,)))
    (op,) = (node.op for node in f.maker.fgraph.apply_nodes if isinstance(node.op, mrg_uniform))
    assert op.inplace and op.destroy_map == {0: [0]}


def test_two_programs_have_their_own_updates():
    a, b = MRG_RandomStreams(1), MRG_RandomStreams(2)
    a.uniform((2,))
    assert len(a.updates()) == 1 and b.updates() == []


@pytest.mark.parametrize(
    ("size", "n"), [((2, 3), 6), ((7,), 1), ((), 1), ((4, 5), 3), ((10**6,), 15360), ((np.int64(12),), 15360)], ids=str
)
def test_guess_n_streams(size, n):
    assert rng_mrg.guess_n_streams(size) == n


@pytest.mark.parametrize("seed", [0, 2147462579, [0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0], [1, 1, 1, 1, 1, 2147462579]])
def test_seeds_out_of_range(seed):
    with pytest.raises(ValueError, match="seed should"):
        MRG_RandomStreams(seed)


def test_bad_arguments():
    s = MRG_RandomStreams(1)
    for refused, error in [
        (lambda: MRG_RandomStreams([1, 2]), TypeError),
        (lambda: s.uniform((0, 3)), ValueError),
        (lambda: s.uniform(None), TypeError),
        (lambda: s.uniform((1.5,)), TypeError),
        (lambda: s.uniform((2,), what=1), TypeError),
        (lambda: s.uniform((1,), low=T.dvector()), NotImplementedError),
        (lambda: s.binomial((2,), p=1.5), ValueError),
        (lambda: s.binomial((2,), p=T.constant([0.5, -0.1])), ValueError),
        (lambda: s.binomial(p=0.5), TypeError),
        (lambda: s.uniform(T.lvector()), ValueError),
        (lambda: s.normal(None), ValueError),
        (lambda: s.normal(T.lvector()), ValueError),
        (lambda: s.binomial((2,), n=3), NotImplementedError),
        (lambda: s.normal((2, -1)), ValueError),
        (lambda: s.normal("2"), ValueError),
        (lambda: s.multinomial(), TypeError),
        (lambda: s.multinomial(size=(2,), pvals=programs.P), ValueError),
        (lambda: s.multinomial(pvals=[0.5, 0.5]), NotImplementedError),
        (lambda: s.choice(p=programs.P), NotImplementedError),
        (lambda: s.choice(replace=False), TypeError),
        (lambda: s.choice(a=3, p=programs.P, replace=False), TypeError),
    ]:
        with pytest.raises(error):
            refused()


@pytest.mark.parametrize("linker", ["py", "numba"])
def test_multinomial_of_given_numbers(linker):
    p, u, n = T.fmatrix(), T.fvector(), T.iscalar()
    counts = MultinomialFromUniform("auto")(p, u, n)
    chosen = ChoiceFromUniform("auto")(p, u, n)
    f = theano.function([p, u, n], [counts, chosen], mode=Mode(linker, "fast_run"))
    pvals = np.array([[0.5, 0.25, 0.25], [0, 0.5, 0]], dtype="float32")
    got = f(pvals, np.array([0.5, 0.25, 0.74, 0.9], dtype="float32"), 2)
    assert got[0].tolist() == [[0, 2, 0], [0, 1, 0]] and got[0].dtype == "float32"
    assert got[1].tolist() == [[1, 2], [1, -1]] and got[1].dtype == "int64"
    with pytest.raises(ValueError, match="one uniform number"):
        f(pvals, np.zeros(3, "float32"), 2)


@pytest.mark.parametrize("linker", ["py", "numba"])
def test_more_draws_than_categories_are_refused(linker):
    p, u = T.dmatrix(), T.dvector()
    f = theano.function([p, u], ChoiceFromUniform("auto")(p, u, 4), mode=Mode(linker, "fast_run"))
    with pytest.raises(ValueError, match="without replacement"):
        f(programs.P, np.zeros(8))
