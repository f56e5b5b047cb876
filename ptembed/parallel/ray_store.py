"""Rows that lie in actors of Ray, on one machine or many.

Row i is row i // K of shard i mod K, each shard an actor. A push is an asynchronous call to each shard; a call costs
about a millisecond, so blocks should be of thousands of rows, or small pushes be gathered. An actor runs one call at a
time, so sums are exact and no row is ever half-written; the calls of one process run in the order in which it made
them.

Read next: :mod:`ptembed.parallel.store`, :mod:`ptembed.parallel.ray_training`.
"""

import contextlib
import secrets
from pathlib import Path
from typing import Any

import numpy as np
import pytensor

from ptembed.parallel.progress import IN_FOLDER, saved_state
from ptembed.parallel.ray_cluster import connected, insist, place
from ptembed.parallel.store import add_rows, checked_ids, checked_push, shards_of, summed
from ptembed.train.checkpoints import load_values, save_values

__all__ = ["RayRows"]

UNDER_WAY = 8  # pushes a shard may have waiting, before a push waits for the first


class Shard:
    """The rows of one actor, and the history of its optimizer; zeros, until it is filled or loaded.

    Parameters
    ----------
    shape, dtype
        Of the rows.
    rule, learning_rate
        See :class:`RayRows`.
    stem : path or None
        Where the files of this shard are: they are named by this, and by a number.
    """

    def __init__(self, shape, dtype, rule, learning_rate, stem):
        self.rule, self.learning_rate, self.stem, self.name = rule, learning_rate, stem, secrets.token_hex(8)
        self.W = pytensor.shared(np.zeros(shape, dtype), name="W", borrow=True)
        history = np.zeros(shape if rule == "adagrad" else (0, 0), dtype)
        self.history = pytensor.shared(history, name="history", borrow=True)
        if connected().get_runtime_context().was_current_actor_reconstructed:
            self.load()

    def fill(self, values):
        self.W.get_value(borrow=True)[...] = values

    def pull(self, rows):
        return self.W.get_value(borrow=True).take(rows, axis=0)

    def push(self, rows, delta):
        W = self.W.get_value(borrow=True)
        if self.rule == "adagrad":
            rows, delta = summed(rows, delta)
            history = self.history.get_value(borrow=True)
            history[rows] += delta**2
            delta = self.learning_rate * delta / np.sqrt(history[rows] + 1e-8)
        add_rows(W, rows, delta)

    def save(self, number):
        save_values(f"{self.stem}-{number}.npz", [self.W, self.history])

    def load(self):
        number = saved_state(Path(self.stem).parent)["number"]
        load_values(f"{self.stem}-{number}.npz", [self.W, self.history])

    def values(self):
        return self.W.get_value(borrow=True)

    def born(self):
        """A name that changes when the actor is started anew."""
        return self.name


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
        Folder, which all machines of the cluster must share, for the files of the shards. A shard that was lost is
        started anew by Ray, with the values of its file; what was pushed since then is gone. Saved now, and by
        :meth:`save`.
    resume : bool
        Take the values that are in the folder instead, if there are any.

    Raises
    ------
    ImportError
        When Ray is not installed.
    RuntimeError
        When there is no connection to a cluster: call ``ray.init()`` before.
    ValueError
        When an argument is out of range, or the files are of another matrix.

    Notes
    -----
    A store can be sent to tasks and actors of Ray; each has its own pushes under way. The actors live as long as the
    process that made them, or until :meth:`close` is called there.
    """

    def __init__(
        self,
        values: np.ndarray,
        shards: int = 2,
        *,
        rule: str = "add",
        learning_rate: float = 0.1,
        batch: int = 1,
        checkpoint: Any = None,
        resume: bool = False,
    ) -> None:
        values = np.asarray(values)
        _check(values, shards, rule)
        self.shape, self.dtype, self.rule, self.batch, self.owner = values.shape, values.dtype, rule, batch, True
        self.folder = None if checkpoint is None else Path(checkpoint)
        before = saved_state(self.folder) if self.folder is not None and self.folder.exists() else None
        if resume and before is not None:
            self._check_same(before, shards)
        stems = [self.folder and str(self.folder / f"shard{k}of{shards}") for k in range(shards)]
        parts = [(values[k::shards].shape, self.dtype, rule, learning_rate, stem) for k, stem in enumerate(stems)]
        self.actors = place(Shard, parts, cpus=0, max_restarts=-1 if checkpoint else 0)
        self._start()
        self.number = before["number"] if before else 0
        if resume and before is not None:
            self.restore()
        else:
            self._fill(values)

    def _fill(self, values):
        shards = len(self.actors)
        connected().get([actor.fill.remote(values[k::shards]) for k, actor in enumerate(self.actors)])
        self.born = self.births()
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.save()

    def _about(self, shards):
        return {"shape": list(self.shape), "dtype": self.dtype.name, "rule": self.rule, "shards": shards}

    def _check_same(self, before, shards):
        wanted = self._about(shards)
        got = {name: before.get(name) for name in wanted}
        if got != wanted:
            raise ValueError(f"{self.folder} must be a checkpoint of {wanted} to resume, got {got}")

    def _start(self):
        self.waiting, self.pulls, self.gathered = [[] for _ in self.actors], {}, []

    def __getstate__(self):
        self.sync()
        kept = ("shape", "dtype", "rule", "batch", "actors", "folder", "number", "born")
        return {name: getattr(self, name) for name in kept} | {"owner": False}

    def __setstate__(self, state):
        vars(self).update(state)
        self._start()

    def prefetch(self, ids: np.ndarray) -> None:
        """Begin to pull ``ids``; the :meth:`pull` of the same ids then takes what has come. For the next block."""
        ids = checked_ids(ids, self.shape)
        self.pulls[ids.tobytes()] = self._asked(ids)

    def pull(self, ids: np.ndarray) -> np.ndarray:
        ids = checked_ids(ids, self.shape)
        places, asked = self.pulls.pop(ids.tobytes(), None) or self._asked(ids)
        rows = np.empty((len(ids), self.shape[1]), self.dtype)
        for where, part in zip(places, connected().get(asked), strict=True):
            rows[where] = part
        return rows

    def _asked(self, ids):
        parts = [(k, *part) for k, part in enumerate(shards_of(ids, len(self.actors))) if len(part[0])]
        return [places for _, places, _ in parts], [self.actors[k].pull.remote(rows) for k, _, rows in parts]

    def push(self, ids: np.ndarray, delta: np.ndarray) -> None:
        ids, delta = checked_push(ids, delta, self.shape, self.dtype)
        if not self.gathered and len(ids) >= self.batch:
            self._send(ids, delta)
            return
        self.gathered.append((ids.copy(), delta.copy()))
        if sum(len(ids) for ids, _ in self.gathered) >= self.batch:
            self._send_gathered()

    def _send_gathered(self):
        if self.gathered:
            ids, delta = (np.concatenate(parts) for parts in zip(*self.gathered, strict=True))
            self.gathered = []
            self._send(ids, delta)

    def _send(self, ids, delta):
        for k, (places, rows) in enumerate(shards_of(ids, len(self.actors))):
            if len(places):
                self.waiting[k].append(self.actors[k].push.remote(rows, delta.take(places, axis=0)))
            if len(self.waiting[k]) > UNDER_WAY:
                connected().get(self.waiting[k].pop(0))

    def sync(self) -> None:
        """Wait until all pushes are in.

        Raises
        ------
        ray.exceptions.RayActorError
            When a shard was lost with pushes under way; they are not sent again.
        """
        self._send_gathered()
        under_way = [call for calls in self.waiting for call in calls]
        self.waiting = [[] for _ in self.actors]
        connected().get(under_way)

    def save(self, **state: Any) -> None:
        """Sync, and save all shards: all of them, or the last checkpoint stays.

        Parameters
        ----------
        **state : JSON-able objects, optional
            What else is to be known when training goes on.
        """
        assert self.folder is not None
        self.sync()
        number = self.number + 1
        connected().get([actor.save.remote(number) for actor in self.actors])
        save_values(self.folder / IN_FOLDER, [], state | self._about(len(self.actors)) | {"number": number})
        for old in self.folder.glob(f"shard*of*-{self.number}.npz"):
            old.unlink()
        self.number = number

    def births(self) -> Any:
        """Give a name for each shard, which changes when the shard is lost and started anew."""
        return connected().get([actor.born.remote() for actor in self.actors])

    def lost(self) -> Any:
        """Whether a shard is gone, or was started anew since this store was made."""
        try:
            return self.births() != self.born
        except connected().exceptions.RayActorError:
            return True

    def restore(self) -> Any:
        """Take all shards back to the last checkpoint, as after one was lost; drop what this process has not sent.

        A shard that is being started anew is waited for.
        """
        self._start()
        insist(lambda: connected().get([actor.load.remote() for actor in self.actors]))
        self.born = self.births()

    def values(self) -> np.ndarray:
        """Give all rows, shape (N, d)."""
        self.sync()
        values = np.empty(self.shape, self.dtype)
        for k, part in enumerate(connected().get([actor.values.remote() for actor in self.actors])):
            values[k :: len(self.actors)] = part
        return values

    def close(self) -> None:
        try:
            self.sync()
        finally:
            for actor in self.actors if self.owner else ():
                with contextlib.suppress(Exception):
                    connected().kill(actor)


def _check(values, shards, rule):
    if values.ndim != 2 or values.dtype.kind != "f":
        raise ValueError(f"values must be a matrix of floats, got {values.dtype} of shape {values.shape}")
    if rule not in ("add", "adagrad"):
        raise ValueError(f"rule must be 'add' or 'adagrad', got {rule!r}")
    if not 1 <= shards <= len(values):
        raise ValueError(f"shards must be between 1 and the {len(values)} rows, got {shards}")
