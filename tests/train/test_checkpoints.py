"""Checkpoints: what was saved comes back; what is no whole checkpoint of these variables changes nothing."""

import numpy as np
import pytensor
import pytest

from ptembed.train.checkpoints import load_values, save_values


@pytest.fixture
def variables():
    rng = np.random.default_rng(1)
    return [
        pytensor.shared(rng.normal(size=(3, 2)).astype("float32"), name="W"),
        pytensor.shared(np.array(4), name="step"),
        pytensor.shared(np.random.Generator(np.random.MT19937(5)), name="noise"),
    ]


@pytest.fixture(params=["c.npz", "c.safetensors"])
def path(request, tmp_path):
    if request.param.endswith("safetensors"):
        pytest.importorskip("safetensors", reason="safetensors is not installed")
    return tmp_path / request.param


def values(variables):
    *arrays, noise = [var.get_value() for var in variables]
    return [*arrays, noise.random(3)]


def test_values_generators_and_state_come_back(variables, path):
    save_values(path, variables, {"epoch": 3})
    saved = values(variables)
    held = variables[0].get_value(borrow=True)
    held[...] = 0
    variables[1].set_value(np.array(9))
    variables[2].get_value(borrow=True).random()
    assert load_values(path, variables) == {"epoch": 3}
    for now, then in zip(values(variables), saved, strict=True):
        np.testing.assert_array_equal(now, then)
    assert variables[0].get_value(borrow=True) is held


def test_an_interrupted_save_leaves_the_old_file(variables, tmp_path, monkeypatch):
    save_values(tmp_path / "c.npz", variables, "old")

    def full(file, **arrays):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space"):
        save_values(tmp_path / "c.npz", variables, "new")
    assert load_values(tmp_path / "c.npz", variables) == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["c.npz"]


@pytest.mark.parametrize("part", [0, 1, 100, -1])
def test_a_file_cut_short_is_refused(variables, path, part):
    save_values(path, variables)
    before = values(variables)
    path.write_bytes(path.read_bytes()[:part])
    with pytest.raises(ValueError, match="whole checkpoint"):
        load_values(path, variables)
    np.testing.assert_array_equal(variables[0].get_value(), before[0])


def test_a_file_of_others_is_refused(variables, tmp_path):
    safetensors = pytest.importorskip("safetensors.numpy", reason="safetensors is not installed")
    safetensors.save_file({"W": np.zeros(3)}, tmp_path / "c.safetensors")
    with pytest.raises(ValueError, match="whole checkpoint"):
        load_values(tmp_path / "c.safetensors", variables)
    with pytest.raises(FileNotFoundError):
        load_values(tmp_path / "none.safetensors", variables)


@pytest.mark.parametrize(
    "other, message",
    [
        (pytensor.shared(np.zeros((2, 2), "float32"), name="W"), "float32 of shape"),
        (pytensor.shared(np.zeros((3, 2)), name="W"), "float64 of shape"),
        (pytensor.shared(np.zeros((3, 2), "float32"), name="V"), "must be of the variables"),
        (pytensor.shared(np.random.default_rng(), name="W"), "array or a generator"),
    ],
)
def test_what_does_not_fit_changes_nothing(variables, tmp_path, other, message):
    save_values(tmp_path / "c.npz", variables)
    variables[1].get_value(borrow=True)[...] = 7
    with pytest.raises(ValueError, match=message):
        load_values(tmp_path / "c.npz", [other, *variables[1:]])
    assert variables[1].get_value() == 7


def test_a_generator_of_another_kind_is_refused(variables, tmp_path):
    save_values(tmp_path / "c.npz", variables)
    with pytest.raises(ValueError):
        load_values(tmp_path / "c.npz", [*variables[:2], pytensor.shared(np.random.default_rng(1), name="noise")])


def test_what_cannot_be_saved_is_refused_before_the_file_is_touched(tmp_path):
    with pytest.raises(TypeError, match="array of numbers or a random generator"):
        save_values(tmp_path / "c.npz", [pytensor.shared([1, 2], name="numbers")])
    assert not list(tmp_path.iterdir())
