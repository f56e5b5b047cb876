"""Rows in Ray's actors, on a cluster of two nodes on this machine."""

import os
import signal

import hogwild_models as models
import numpy as np
import pytest

from ptembed.parallel.progress import saved_state
from ptembed.parallel.ray_store import RayRows
from ptembed.parallel.store_training import StoreTraining

pytestmark = pytest.mark.slow
N, D = 11, 3


def values():
    return np.random.default_rng(0).normal(size=(N, D))


def test_sums_are_exact(ray):
    store = RayRows(np.zeros((N, D)), shards=2, batch=4)

    @ray.remote
    def push(store, ids):
        for _ in range(25):
            store.push(ids, np.ones((len(ids), D)))
        store.sync()
        return ray.get_runtime_context().get_node_id()

    ways = [push.options(scheduling_strategy="SPREAD").remote(store, ids) for ids in ([0, 3, 10], [1, 3, 3])]
    assert len(set(ray.get(ways))) == 2
    wanted = np.zeros((N, D))
    wanted[[0, 10, 1]], wanted[3] = 25, 75
    np.testing.assert_array_equal(store.values(), wanted)
    store.close()


def test_a_pull_that_was_begun_before_is_taken(ray):
    store = RayRows(values(), shards=3)
    store.prefetch([8, 2])
    store.push([2], np.ones((1, D)))
    store.sync()
    np.testing.assert_array_equal(store.pull([8, 2]), values()[[8, 2]])
    np.testing.assert_array_equal(store.pull([2]), values()[[2]] + 1)
    store.close()


@pytest.mark.parametrize("batch", [1, 100])
def test_a_shard_keeps_the_history_of_adagrad(ray, batch):
    store = RayRows(values(), rule="adagrad", learning_rate=0.5, batch=batch)
    for _ in range(2):
        store.push([4, 4, 9], np.full((3, D), -0.25))
    W, history = values(), np.zeros((N, D))
    gradients = {4: -0.5, 9: -0.25} if batch == 1 else {4: -1.0, 9: -0.5}  # what is gathered goes as one push
    for _ in range(2 if batch == 1 else 1):
        for i, g in gradients.items():
            history[i] += g**2
            W[i] += 0.5 * g / np.sqrt(history[i] + 1e-8)
    np.testing.assert_allclose(store.values(), W)
    store.close()


def test_a_lost_shard_comes_back_and_the_next_step_is_bit_equal(ray, tmp_path):
    store = RayRows(values(), shards=2, batch=1, checkpoint=tmp_path)
    training = StoreTraining(models.decay, store)
    training([[0, 5]])
    store.save()
    saved = store.values()
    training([[1, 5]])
    after = store.values()
    pid = ray.get(store.actors[1].__ray_call__.remote(lambda shard: os.getpid()))
    os.kill(pid, signal.SIGKILL)
    store.restore()
    np.testing.assert_array_equal(store.values(), saved)
    training([[1, 5]])
    np.testing.assert_array_equal(store.values(), after)
    store.close()


def test_a_pull_after_a_push_sees_it(ray):
    store = RayRows(values(), shards=3, checkpoint=None)
    store.push([8], np.ones((1, D)))
    np.testing.assert_array_equal(store.pull([8, 2]), values()[[8, 2]] + [[1], [0]])
    store.close()


def test_a_store_is_taken_up_again(ray, tmp_path):
    store = RayRows(values(), shards=2, checkpoint=tmp_path, rule="adagrad")
    store.push([3], np.ones((1, D)))
    store.save(epoch=4)
    store.push([3], np.ones((1, D)))
    twice = store.values()
    store.close()
    assert saved_state(tmp_path)["epoch"] == 4
    assert len(list(tmp_path.glob("shard*"))) == 2  # those of the checkpoint before are gone
    again = RayRows(np.zeros((N, D)), shards=2, checkpoint=tmp_path, rule="adagrad", resume=True)
    again.push([3], np.ones((1, D)))
    np.testing.assert_array_equal(again.values(), twice)
    again.close()
    for wrong in ({"values": np.zeros((N, D + 1))}, {"shards": 3}, {"rule": "add"}):
        arguments = {"values": values(), "shards": 2, "rule": "adagrad"} | wrong
        with pytest.raises(ValueError, match="to resume, got"):
            RayRows(checkpoint=tmp_path, resume=True, **arguments)


@pytest.mark.parametrize(
    "ids, delta, error",
    [([0], np.ones((1, D + 1)), ValueError), ([N], np.ones((1, D)), IndexError), ([0.5], np.ones((1, D)), TypeError)],
)
def test_a_worker_on_another_machine_cannot_push_other_shapes(ray, ids, delta, error):
    store = RayRows(values())
    with pytest.raises(error):
        ray.get(ray.remote(lambda store: store.push(ids, delta)).remote(store))
    np.testing.assert_array_equal(store.values(), values())
    store.close()


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"values": np.zeros(3)}, "matrix of floats"),
        ({"shards": N + 1}, "between 1 and the 11 rows"),
        ({"rule": "adam"}, "rule must be"),
    ],
)
def test_what_is_refused(ray, arguments, message):
    with pytest.raises(ValueError, match=message):
        RayRows(**({"values": values()} | arguments))
