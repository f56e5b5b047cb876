"""Checkpoints of a factored layer: training goes on to the very bit; an interrupted save leaves the old file."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

from ptembed.graphs.factored import FactoredOutput
from ptembed.graphs.spherical import squared_error
from ptembed.train.checkpoints import load_values, save_values
from ptembed.train.factored_checkpoints import load_layer, save_layer

D, d, m = 40, 4, 3


def trained(layer):
    H, idx = pt.fmatrix("H"), pt.lvector("idx")
    out = layer(H, idx)
    cost = squared_error()(*out.sums).mean()
    updates = out.train(cost, 1.0).updates
    return pytensor.function([H, idx], cost, updates=updates, mode="FAST_COMPILE")


def examples(n, seed):
    """Hidden layers with a mean, so that the log of the layer has entries soon."""
    rng = np.random.default_rng(seed)
    for _ in range(n):
        yield np.abs(rng.normal(size=(m, d - 1))).astype("float32") / 3, rng.integers(0, D, m)


def values(layer):
    return [x.get_value() for x in layer.state]


@pytest.fixture(scope="module")
def halfway(tmp_path_factory):
    """A layer after some steps with its training function, and a file of what it was then."""
    layer = FactoredOutput.from_dense(np.random.default_rng(0).normal(size=(D, d - 1)).astype("float32"), np.ones(D))
    step = trained(layer)
    for H, idx in examples(60, 1):
        step(H, idx)
    path = tmp_path_factory.mktemp("layer") / "layer.npz"
    save_layer(path, layer)
    return layer, step, path


def test_training_goes_on_to_the_bit(halfway):
    layer, step, path = halfway
    assert layer.log.now() > 0
    load_values(path, layer.state)
    again = load_layer(path)
    assert again.bias and again.D == D
    other = trained(again)
    for H, idx in examples(20, 2):
        assert step(H, idx) == other(H, idx)
    for one, two in zip(values(layer), values(again), strict=True):
        np.testing.assert_array_equal(one, two)
    load_values(path, layer.state)
    np.testing.assert_array_equal(layer.to_dense()[0], load_layer(path).to_dense()[0])
    assert (layer.to_dense()[0] != again.to_dense()[0]).any()


def test_an_interrupted_save_leaves_the_old_file(halfway, monkeypatch):
    layer, _, path = halfway
    before = path.read_bytes()

    def full(file, **arrays):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space"):
        save_layer(path, layer)
    assert path.read_bytes() == before and len(list(path.parent.iterdir())) == 1


def test_what_is_no_layer_is_refused(halfway, tmp_path):
    _, _, path = halfway
    save_values(tmp_path / "other.npz", [pytensor.shared(np.eye(2), name="W")])
    with pytest.raises(ValueError, match=r"must be a checkpoint of a factored output layer, got one of \['W'\]"):
        load_layer(tmp_path / "other.npz")
    (tmp_path / "short.npz").write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match="must be a whole checkpoint"):
        load_layer(tmp_path / "short.npz")
