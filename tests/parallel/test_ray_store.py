"""Rows in Ray's actors, on a cluster of two nodes on this machine."""

import os
import signal
import time

import hogwild_models as models
import numpy as np
import pytensor
import pytest

from ptembed import parallel
from ptembed.parallel.ray_store import RayRows
from ptembed.parallel.store_training import StoreTraining

pytestmark = pytest.mark.slow
N, D = 11, 3


@pytest.fixture(scope="module")
def ray():
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray = pytest.importorskip("ray", reason="Ray is not installed")
    cluster_utils = pytest.importorskip("ray.cluster_utils")
    small = {"num_cpus": 1, "object_store_memory": 100_000_000}
    cluster = cluster_utils.Cluster(initialize_head=True, head_node_args=small | {"include_dashboard": False})
    cluster.add_node(**small)
    cluster.wait_for_nodes()
    here = os.path.dirname(__file__)
    ray.init(address=cluster.address, log_to_driver=False, runtime_env={"env_vars": {"PYTHONPATH": here}})
    yield ray
    ray.shutdown()
    cluster.shutdown()


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


def test_one_worker_gives_what_the_function_gives_here(ray):
    W, here = (pytensor.shared(values()[:4], name="W") for _ in range(2))
    done = parallel.train(models.decay, models.AnyRow(), tied=[W], blocks=6, seed=1, on="ray")
    function, supply = models.decay(here), models.AnyRow()(np.random.default_rng(np.random.SeedSequence(1).spawn(1)[0]))
    losses = [function(*next(supply)).mean() for _ in range(6)]
    np.testing.assert_allclose(W.get_value(), here.get_value(), rtol=1e-12)
    np.testing.assert_allclose(done.losses, losses, rtol=1e-12)


def test_two_workers_lose_no_update(ray):
    W = pytensor.shared(np.zeros((4, D)), name="W")
    done = parallel.train(models.counter, models.AnyRow(), tied=[W], blocks=13, processes=2, on="ray")
    assert np.bincount(done.workers).tolist() == [7, 6]
    assert W.get_value().sum() == 13 * 2 * D


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
    wait_until_back(ray, store)
    store.restore()
    np.testing.assert_array_equal(store.values(), saved)
    training([[1, 5]])
    np.testing.assert_array_equal(store.values(), after)
    store.close()


def wait_until_back(ray, store):
    deadline = time.monotonic() + 60
    while True:
        try:
            return ray.get([actor.pushed.remote() for actor in store.actors])
        except ray.exceptions.RayActorError:
            assert time.monotonic() < deadline
            time.sleep(0.2)


def test_a_worker_that_raises_ends_training(ray, tmp_path):
    W = pytensor.shared(values()[:4], name="W")
    with pytest.raises(parallel.WorkerError, match=r"(?s)no more data.*last checkpoint"):
        parallel.train(
            models.decay, models.OneRow(fails_after=3), tied=[W], blocks=9, processes=1, on="ray", checkpoint=tmp_path
        )
    np.testing.assert_array_equal(W.get_value(), values()[:4])


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
