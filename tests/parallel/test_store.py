"""Stores of rows: what is pushed adds up; training over a store is training on the matrix."""

import importlib.util

import hogwild_models as models
import numpy as np
import pytensor
import pytest

from ptembed import parallel
from ptembed.parallel import SharedRows
from ptembed.parallel.store import shards_of
from ptembed.parallel.store_training import StoreTraining

N, D = 7, 3


def values():
    return np.random.default_rng(0).normal(size=(N, D))


@pytest.fixture
def store():
    return SharedRows(pytensor.shared(values(), name="W"))


def test_pushes_add_up(store):
    store.push([1, 4, 1], np.ones((3, D)))
    store.push([], np.ones((0, D)))
    store.sync()
    wanted = values()
    wanted[[1, 4]] += [[2], [1]]
    np.testing.assert_allclose(store.pull(np.arange(N, dtype="uint8")), wanted)


@pytest.mark.parametrize(
    "ids, delta, error",
    [
        ([0.5], np.ones((1, D)), TypeError),
        ([0], np.ones((1, D), complex), TypeError),
        ([[0]], np.ones((1, D)), ValueError),
        ([0], np.ones((2, D)), ValueError),
        ([N], np.ones((1, D)), IndexError),
        ([0, -1], np.ones((2, D)), IndexError),
    ],
)
def test_a_wrong_push_changes_nothing(store, ids, delta, error):
    with pytest.raises(error):
        store.push(ids, delta)
    np.testing.assert_array_equal(store.pull(range(N)), values())


def test_shards_hold_each_row_once():
    ids = np.array([5, 0, 3, 5, 6])
    placed = {
        (k, row): ids[place] for k, part in enumerate(shards_of(ids, 3)) for place, row in zip(*part, strict=True)
    }
    assert placed == {(2, 1): 5, (0, 0): 0, (0, 1): 3, (0, 2): 6}


def test_training_over_a_store_is_training_on_the_matrix(store):
    W = pytensor.shared(values(), name="W")
    here, there = models.decay(W), StoreTraining(models.decay, store)
    for ids in [[[1, 5], [5, 5]], [[0, 6], [6, 1]]]:
        np.testing.assert_allclose(there(ids), here(ids), rtol=1e-12)
    np.testing.assert_allclose(store.pull(range(N)), W.get_value(), rtol=1e-12)


def test_a_wrong_id_is_refused_before_anything_is_written(store):
    with pytest.raises(IndexError, match="in \\[0, 7\\)"):
        StoreTraining(models.decay, store)([[0, N]])
    np.testing.assert_array_equal(store.pull(range(N)), values())


@pytest.mark.parametrize(
    "model, error, message",
    [
        (models.with_history, ValueError, "only matrix"),
        (models.sleeper, TypeError, "must give a block"),
        (models.reads_nothing, ValueError, "must hold the row numbers"),
    ],
)
def test_models_that_a_store_cannot_train(store, model, error, message):
    with pytest.raises(error, match=message):
        StoreTraining(model, store)


@pytest.mark.parametrize(
    "more, message",
    [
        ({"on": "spark"}, "on must be"),
        ({"on": "ray", "tied": [pytensor.shared(values()), pytensor.shared(values())]}, "one matrix"),
        ({"resume": True}, "checkpoint must name"),
    ],
)
def test_what_is_refused(store, more, message):
    arguments = {"tied": [store.W], "blocks": 1} | more
    with pytest.raises(ValueError, match=message):
        parallel.train(models.decay, models.AnyRow(), **arguments)


def test_a_missing_extra_names_the_install(store):
    if importlib.util.find_spec("ray"):
        pytest.skip("ray is installed")
    with pytest.raises(ImportError, match=r"pip install 'ptembed\[ray\]'"):
        parallel.train(models.decay, models.AnyRow(), tied=[store.W], blocks=1, on="ray")
