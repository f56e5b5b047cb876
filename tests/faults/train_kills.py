"""Training that is killed, and goes on from its checkpoint: ``python tests/faults/train_kills.py --kills 200``.

A child trains and saves in turn, and is killed at a moment that it does not know; the next goes on from the file that
the last one left. After each kill the file must be whole, and, to the bit, what training without any kill has after as
many steps; it must not be older than what the child said it had saved. At the end all is as if nothing had been killed.
Functions are compiled before the children are forked, so a kill costs milliseconds.
"""

import argparse
import hashlib
import importlib.util
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

import numpy as np
import pytensor
import pytensor.tensor as pt

from ptembed import graphs, train
from ptembed.graphs.factored import FactoredOutput
from ptembed.graphs.spherical import squared_error
from ptembed.train.checkpoints import load_values, read_values, save_values
from ptembed.train.samplers import Triplets, Uniform

SAVES = 60  # of a training from its beginning to its end
TRAINING, SAVING, SAVED = b"t", b"s", b"d"  # what a child says


class Rows:
    """Triples by Adam, in blocks; the generators of the samplers are saved with the matrix."""

    file, steps = "x.npz", 4000  # of a turn: about as long as a save takes

    def __init__(self, mode):
        W = pytensor.shared(np.random.default_rng(0).normal(size=(300, 8)), name="W")
        ids = pt.lmatrix("ids")
        r = graphs.rows(W, ids)
        x, p, n = (r.values[:, k] for k in range(3))
        loss = pt.softplus((x * (n - p)).sum(axis=1)).sum()
        updates = graphs.adam(loss, r)
        self.block = train.block([ids], loss, updates, mode=mode)
        self.sampler = Triplets(np.arange(300).reshape(-1, 2), Uniform(300, seed=1), seed=2)
        generators = [self.sampler.rng, self.sampler.negatives.rng]
        self.variables = [*updates, *(pytensor.shared(rng, borrow=True) for rng in generators)]

    def train(self):
        self.block(self.sampler((self.steps, 4)))


class SafeRows(Rows):
    """The same, saved as safetensors."""

    file = "x.safetensors"


class Factored:
    """A factored layer with momentum on hidden layers that are drawn."""

    file, steps = "x.npz", 200

    def __init__(self, mode):
        layer = FactoredOutput.from_dense(np.zeros((200, 4), "float32"), momentum=True)
        H, idx = pt.fmatrix("H"), pt.lvector("idx")
        out = layer(H, idx)
        cost = squared_error()(*out.sums).mean()
        self.step = pytensor.function([H, idx], cost, updates=out.train(cost, 0.01, momentum=0.9).updates, mode=mode)
        self.rng = np.random.default_rng(0)
        self.variables = [*layer.state, pytensor.shared(self.rng, borrow=True)]

    def train(self):
        for _ in range(self.steps):
            self.step(self.rng.random((3, 4), "float32"), self.rng.choice(200, 3, replace=False))


class Dropout:
    """A dense network with noise of its own, one step a call."""

    file, steps = "x.npz", 200

    def __init__(self, mode):
        rng = np.random.default_rng(0)
        W, v = (pytensor.shared(rng.normal(size=shape), name=name) for name, shape in (("W", (20, 30)), ("v", (30,))))
        noise = pytensor.shared(np.random.default_rng(1), name="noise")
        x = pt.dmatrix("x")
        carried, keep = pt.random.bernoulli(0.5, size=(8, 30), rng=noise, return_next_rng=True)
        cost = ((pt.tanh(x @ W) * keep @ v - x.sum(axis=1)) ** 2).mean()
        updates = graphs.rmsprop(cost, [W, v]) | {noise: carried}
        self.step = pytensor.function([x], cost, updates=updates, mode=mode)
        self.rng = np.random.default_rng(2)
        self.variables = [*updates, pytensor.shared(self.rng, borrow=True)]

    def train(self):
        for _ in range(self.steps):
            self.step(self.rng.normal(size=(8, 20)))


KINDS = {"rows": Rows, "factored": Factored, "dropout": Dropout}
if importlib.util.find_spec("safetensors"):
    KINDS["rows, safetensors"] = SafeRows


def whole(kind, path, say=lambda message: None):
    """Train from what the file has, or from the beginning, to the end; ``say`` is called at each turn."""
    done = load_values(path, kind.variables) if path.exists() else 0
    while done < SAVES:
        say(TRAINING)
        kind.train()
        done += 1
        say(SAVING)
        save_values(path, kind.variables, done)
        say(SAVED)


def compile_all(kind, path):
    """Take a turn, so that what is compiled at the first call is, and take it back."""
    save_values(path, kind.variables)
    kind.train()
    load_values(path, kind.variables)
    path.unlink()


def digest(path):
    """How many saves there were, and the content of the file as a hash."""
    about, values = read_values(path)
    content = [x.tobytes() if isinstance(x, np.ndarray) else repr(x).encode() for x in values]
    return about["state"], hashlib.sha256(b"\0".join(content)).hexdigest()


def forked(task):
    """Run ``task`` in a child whose pipe, to which it may write, is given back with its number."""
    here, there = os.pipe()
    child = os.fork()
    if child:
        os.close(there)
        return child, here
    try:
        os.close(here)
        task(lambda message: os.write(there, message))
        os._exit(0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def heard(child, pipe):
    """Everything that a child said until it ended, and how it ended."""
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with os.fdopen(pipe, "rb") as file:
        return file.read(), status


def without_kills(kind, path):
    """The hash of the file after each save, and the seconds that one turn takes."""
    hashes = {}
    start = time.perf_counter()

    def keep(say):
        whole(kind, path, lambda message: message == SAVED and say(digest(path)[1].encode()))

    said, status = heard(*forked(keep))
    assert status == 0, "training without kills must end"
    hashes = {k + 1: said[64 * k : 64 * k + 64].decode() for k in range(SAVES)}
    return hashes, (time.perf_counter() - start) / SAVES


def killed(kind, path, hashes, seconds):
    """Train for some seconds and kill; gives what the child was at, ``None`` where it had ended before."""
    before = digest(path)[0] if path.exists() else 0
    child, pipe = forked(lambda say: whole(kind, path, say))
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    said, status = heard(child, pipe)
    assert status in (0, -signal.SIGKILL), f"training must go on, but ended with {status}"
    check(path, hashes, before + said.count(SAVED))
    return None if status == 0 else said[-1:]


def check(path, hashes, least):
    """The file is whole, no older than what was said to be saved, and what training without kills had then."""
    if not path.exists():
        assert least == 0, f"{least} saves were told, and there is no file"
        return
    done, content = digest(path)
    assert least <= done <= least + 1, f"{least} saves were told, the file is of save {done}"
    assert content == hashes[done], f"after save {done} the file differs from that of training without kills"


def run(name, kills, seed, mode=None, part=1):
    """Kill the training of a kind so many times; gives how often each thing was interrupted."""
    kind, rng, found = KINDS[name](mode), random.Random(seed), Counter()
    kind.steps = max(1, kind.steps // part)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, kind.file)
        compile_all(kind, path)
        hashes, turn = without_kills(kind, Path(folder, "whole" + kind.file))
        while sum(found.values()) < kills:
            at = killed(kind, path, hashes, rng.uniform(0, 4 * turn))
            if at is None:
                path.unlink()
            else:
                found[{b"": "starting", TRAINING: "training", SAVING: "saving", SAVED: "between"}[at]] += 1
        assert heard(*forked(lambda say: whole(kind, path, say)))[1] == 0, "training must go on to its end"
        check(path, hashes, SAVES)
        left = {entry.name for entry in Path(folder).iterdir()} - {kind.file, "whole" + kind.file}
        assert not left, f"there must be nothing else, got {left}"
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, help="of all kinds together (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    for name in KINDS:
        found = run(name, -(-arguments.kills // len(KINDS)), arguments.seed)
        print(f"{name}: killed {sum(found.values())} times: {dict(found)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
