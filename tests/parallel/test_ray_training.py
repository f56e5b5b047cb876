"""Training on a cluster of Ray: what it gives, and what is left when a worker or an actor with rows is killed."""

import os
import signal
import time

import hogwild_models as models
import numpy as np
import pytensor
import pytest

from ptembed import parallel
from ptembed.parallel import ray_cluster, ray_training

pytestmark = pytest.mark.slow
N, D = 8, 3


def matrix(rows=4):
    return pytensor.shared(np.random.default_rng(0).normal(size=(rows, D)), name="W")


def zeros(rows=N, width=4_000):
    return pytensor.shared(np.zeros((rows, width)), name="W")


def test_one_worker_gives_what_the_function_gives_here(ray):
    W, here = matrix(), matrix()
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


def test_until_ends_training_early(ray):
    done = parallel.train(
        models.counter, models.AnyRow(), tied=[matrix()], blocks=10**6, on="ray", until=lambda losses: len(losses) > 5
    )
    assert done.stopped and 5 < len(done.losses) < 10**6


def test_a_worker_that_raises_ends_training(ray, tmp_path):
    W = matrix()
    with pytest.raises(parallel.WorkerError, match="no more data"):
        parallel.train(
            models.decay, models.OneRow(fails_after=3), tied=[W], blocks=9, processes=1, on="ray", checkpoint=tmp_path
        )
    before = matrix().get_value()
    assert (W.get_value()[1:] == before[1:]).all() and (W.get_value()[0] != before[0]).all()


def test_the_others_go_on_if_asked(ray, tmp_path):
    data = models.FirstFails(tmp_path / "first")
    with pytest.warns(RuntimeWarning, match="no more data"):
        done = parallel.train(
            models.counter, data, tied=[matrix()], blocks=20, processes=2, on="ray", on_error="continue"
        )  # fmt: skip
    assert 10 in np.bincount(done.workers) and 10 <= len(done.losses) <= 13


@pytest.fixture
def kills(ray, monkeypatch):
    """Gives what kills an actor of a training at a moment that it does not know, after some reports."""
    runs, begin = [], ray_training._Run.__init__
    monkeypatch.setattr(ray_training._Run, "__init__", lambda run, *how: runs.append(run) or begin(run, *how))

    def until_killed(kind, seed):
        def until(losses):
            reports.append(len(losses))
            if len(reports) == 2:
                actors = {"rows": runs[-1].store.actors, "worker": list(runs[-1].workers.values())}[kind]
                pid = ray.get(rng.choice(actors).__ray_call__.remote(lambda actor: os.getpid()))
                time.sleep(rng.uniform(0, 0.3))
                os.kill(pid, signal.SIGKILL)

        rng, reports = np.random.default_rng(seed), []
        return until

    return until_killed


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("kind", ["rows", "worker"])
def test_a_kill_at_any_moment_leaves_no_torn_row(kills, tmp_path, kind, seed):
    W = zeros()
    message = "rows were lost: W has the values of the last checkpoint" if kind == "rows" else "worker . of 2 failed"
    with pytest.raises(parallel.WorkerError, match=message):
        parallel.train(
            models.balanced, models.Balanced(), tied=[W], blocks=10**6, processes=2, on="ray", checkpoint=tmp_path,
            every=0.2, until=kills(kind, seed),
        )  # fmt: skip
    np.testing.assert_array_equal(W.get_value().sum(axis=1), 0)
    assert (W.get_value() != 0).any() or kind == "rows"


@pytest.mark.parametrize("kind", ["rows", "worker"])
def test_a_training_that_was_killed_goes_on_to_the_bit(kills, tmp_path, kind):
    whole, W, again = matrix(), matrix(), matrix()
    how = {"blocks": 4000, "seed": 5, "on": "ray"}
    parallel.train(models.decay, models.AnyRow(), tied=[whole], **how)
    until = kills(kind, 0)
    with pytest.raises(parallel.WorkerError):
        parallel.train(
            models.decay, models.AnyRow(), tied=[W], checkpoint=tmp_path, every=0.3, until=until, **how
        )  # fmt: skip
    done = parallel.train(models.decay, models.AnyRow(), tied=[again], checkpoint=tmp_path, resume=True, **how)
    assert 0 < len(done.losses) < 4000
    np.testing.assert_array_equal(again.get_value(), whole.get_value())


def test_without_a_checkpoint_the_loss_of_rows_changes_nothing(kills):
    W = zeros()
    with pytest.raises(parallel.WorkerError, match="rows were lost: W is as it was before"):
        parallel.train(
            models.balanced, models.Balanced(), tied=[W], blocks=10**6, on="ray",
            until=kills("rows", 0),
        )  # fmt: skip
    assert (W.get_value() == 0).all()


def test_more_workers_than_processors_is_a_warning(ray):
    W = matrix(2)
    with (
        pytest.warns(RuntimeWarning, match="3 processes on 2 cores"),
        pytest.warns(RuntimeWarning, match="3 processes on 2 rows"),
    ):
        done = parallel.train(models.counter, models.OneRow(), tied=[W], blocks=6, processes=3, on="ray")
    assert np.bincount(done.workers).tolist() == [2, 2, 2]


def test_a_full_cluster_is_an_error_not_a_hang(ray, monkeypatch):
    monkeypatch.setattr(ray_cluster, "ROOM", 3.0)
    started = time.monotonic()
    with pytest.raises(RuntimeError, match=r"must have room for 3 actors of 1 processors, . were there after . s"):
        ray_cluster.place(Idle, [(), (), ()], cpus=1)
    assert time.monotonic() - started < 30


class Idle:
    pass


def test_what_cannot_be_sent_is_named(ray):
    with pytest.raises(TypeError, match=r"data must be a function .* got data.lock = "):
        parallel.train(models.decay, models.Locked(), tied=[matrix()], blocks=1, on="ray")
