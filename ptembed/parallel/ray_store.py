"""Rows that lie in actors of Ray, on one machine or many.

Row i is row i // K of shard i mod K, each shard an actor. A push is an asynchronous call to each shard; a call costs
milliseconds, so blocks should be of thousands of rows, or small pushes be gathered. An actor runs one call at a time,
so sums are exact.

Read next: :mod:`ptembed.parallel.store`, :mod:`ptembed.parallel.ray_training`.
"""

import contextlib
from pathlib import Path

import numpy as np
import pytensor

from ptembed.extras import needs
from ptembed.parallel.store import checked_ids, checked_push, shards_of
from ptembed.train.checkpoints import load_values, save_values

__all__ = ["RayRows", "connected"]

UNDER_WAY = 8  # pushes a shard may have waiting, before a push waits for the first


class Shard:
    """The rows of one actor, and the history of its optimizer."""

    def __init__(self, values, rule, learning_rate, checkpoint):
        self.rule, self.learning_rate, self.checkpoint = rule, learning_rate, checkpoint
        self.W = pytensor.shared(np.array(values), name="W", borrow=True)
        history = np.zeros_like(values) if rule == "adagrad" else np.zeros((0, 0), values.dtype)
        self.history = pytensor.shared(history, name="history", borrow=True)
        self.pushes = pytensor.shared(np.array(0), name="pushes")
        if checkpoint is not None and Path(checkpoint).exists():
            self.load()

    def pull(self, rows):
        return self.W.get_value(borrow=True)[rows]

    def push(self, rows, delta):
        W = self.W.get_value(borrow=True)
        if self.rule == "adagrad":
            rows, delta = _summed(rows, delta)
            history = self.history.get_value(borrow=True)
            history[rows] += delta**2
            delta = self.learning_rate * delta / np.sqrt(history[rows] + 1e-8)
        np.add.at(W, rows, delta)
        self.pushes.get_value(borrow=True)[...] += 1

    def save(self):
        save_values(self.checkpoint, [self.W, self.history, self.pushes])

    def load(self):
        load_values(self.checkpoint, [self.W, self.history, self.pushes])

    def values(self):
        return self.W.get_value(borrow=True)

    def pushed(self):
        return int(self.pushes.get_value())


def _summed(rows, delta):
    distinct, inverse = np.unique(rows, return_inverse=True)
    total = np.zeros((len(distinct), delta.shape[1]), delta.dtype)
    np.add.at(total, inverse, delta)
    return distinct, total


class RayRows:
    r"""A store of rows in actors of Ray.

    Parameters
    ----------
    values : array, shape (N, d)
        The first values.
    shards : int
        How many actors hold them.
    rule : {"add", "adagrad"}
        What a shard does with what is pushed: adds it; or takes it as minus the gradient :math:`g` and goes by
        :math:`\eta\, g / \sqrt{\sum g^2 + 10^{-8}}`, with the history in the shard.
    learning_rate : float
        :math:`\eta > 0` of the rule.
    batch : int
        Rows that are gathered before a push is sent. A process does not see in its pulls what it has gathered.
    checkpoint : path, optional
        Folder, which all machines of the cluster must share, for a file of each shard. A shard that was lost is started
        anew by Ray, with the values of the file; what was pushed since then is gone. Saved now, and by :meth:`save`.

    Raises
    ------
    ImportError
        When Ray is not installed.
    RuntimeError
        When there is no connection to a cluster: call ``ray.init()`` before.

    Notes
    -----
    A store can be sent to tasks and actors of Ray; each has its own pushes under way. The actors live as long as the
    process that made them, or until :meth:`close` is called there.
    """

    def __init__(self, values, shards=2, *, rule="add", learning_rate=0.1, batch=1, checkpoint=None):
        values = np.asarray(values)
        if values.ndim != 2 or values.dtype.kind != "f":
            raise ValueError(f"values must be a matrix of floats, got {values.dtype} of shape {values.shape}")
        if rule not in ("add", "adagrad"):
            raise ValueError(f"rule must be 'add' or 'adagrad', got {rule!r}")
        if not 1 <= shards <= len(values):
            raise ValueError(f"shards must be between 1 and the {len(values)} rows, got {shards}")
        ray = connected()
        self.shape, self.dtype, self.batch, self.owner = values.shape, values.dtype, batch, True
        files = [None] * shards
        if checkpoint is not None:
            Path(checkpoint).mkdir(parents=True, exist_ok=True)
            files = [str(Path(checkpoint, f"shard{k}of{shards}.npz")) for k in range(shards)]
        actor = ray.remote(Shard).options(
            num_cpus=0, scheduling_strategy="SPREAD", max_restarts=-1 if checkpoint else 0
        )
        self.actors = [actor.remote(values[k::shards], rule, learning_rate, files[k]) for k in range(shards)]
        self._start()
        if checkpoint is not None:
            self.save()

    def _start(self):
        self.waiting, self.pulls, self.gathered = [[] for _ in self.actors], {}, []

    def __getstate__(self):
        self.sync()
        return {"shape": self.shape, "dtype": self.dtype, "batch": self.batch, "actors": self.actors, "owner": False}

    def __setstate__(self, state):
        vars(self).update(state)
        self._start()

    def prefetch(self, ids):
        """Begin to pull ``ids``; the :meth:`pull` of the same ids then takes what has come. For the next block."""
        ids = checked_ids(ids, self.shape)
        self.pulls[ids.tobytes()] = self._asked(ids)

    def pull(self, ids):
        ids = checked_ids(ids, self.shape)
        places, asked = self.pulls.pop(ids.tobytes(), None) or self._asked(ids)
        rows = np.empty((len(ids), self.shape[1]), self.dtype)
        for where, part in zip(places, connected().get(asked), strict=True):
            rows[where] = part
        return rows

    def _asked(self, ids):
        parts = [(k, *part) for k, part in enumerate(shards_of(ids, len(self.actors))) if len(part[0])]
        return [places for _, places, _ in parts], [self.actors[k].pull.remote(rows) for k, _, rows in parts]

    def push(self, ids, delta):
        ids, delta = checked_push(ids, delta, self.shape, self.dtype)
        self.gathered.append((ids.copy(), delta.copy()))
        if sum(len(ids) for ids, _ in self.gathered) >= self.batch:
            self._send()

    def _send(self):
        if not self.gathered:
            return
        ids, delta = (np.concatenate(parts) for parts in zip(*self.gathered, strict=True))
        self.gathered = []
        for k, (places, rows) in enumerate(shards_of(ids, len(self.actors))):
            if len(places):
                self.waiting[k].append(self.actors[k].push.remote(rows, delta[places]))
            if len(self.waiting[k]) > UNDER_WAY:
                connected().get(self.waiting[k].pop(0))

    def sync(self):
        """Wait until all pushes are in.

        Raises
        ------
        ray.exceptions.RayActorError
            When a shard was lost with pushes under way; they are not sent again.
        """
        self._send()
        under_way = [call for calls in self.waiting for call in calls]
        self.waiting = [[] for _ in self.actors]
        connected().get(under_way)

    def save(self):
        """Sync, and save each shard to its file."""
        self.sync()
        connected().get([actor.save.remote() for actor in self.actors])

    def restore(self):
        """Take all shards back to their files, as after one was lost; drop what this process has not sent."""
        self._start()
        connected().get([actor.load.remote() for actor in self.actors])

    def values(self):
        """Give all rows, shape (N, d)."""
        self.sync()
        values = np.empty(self.shape, self.dtype)
        for k, part in enumerate(connected().get([actor.values.remote() for actor in self.actors])):
            values[k :: len(self.actors)] = part
        return values

    def close(self):
        self.sync()
        if self.owner:
            for actor in self.actors:
                with contextlib.suppress(Exception):
                    connected().kill(actor)


def connected():
    """Give the module ``ray``.

    Raises
    ------
    ImportError
        When it is not installed.
    RuntimeError
        When it is not connected to a cluster.
    """
    ray = needs("ray", "ray")
    if not ray.is_initialized():
        raise RuntimeError(
            "there must be a connection to a Ray cluster: call ray.init(), or ray.init(address=...) first"
        )
    return ray
