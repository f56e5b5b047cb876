"""Skip-gram with negative samples on the glosses, on a cluster of Ray with two nodes on this machine.

Each gloss is an entry of a dictionary, the words defined in front. A word and one near it are a pair; the other words
of the loss are drawn by their counts to the power 3/4 (Mikolov et al., 2013). Both matrices of the model are halves of
one, so that a block pulls the rows it reads, and pushes what it has changed in them, in one go. ``--on processes``
trains the same in shared memory. Needs ``ptembed[ray]``.

    python examples/gloss_skipgram.py coach piano river
"""

import argparse
import contextlib
import os
from dataclasses import dataclass

import numpy as np
import pytensor
import pytensor.tensor as pt

from ptembed import graphs, parallel, train
from ptembed.data import load_glosses
from ptembed.data.entries import entries
from ptembed.factor.counts import subsampled
from ptembed.factor.vocabulary import numbered

RATE = 0.05


@dataclass(frozen=True)
class Pairs:
    """Blocks of steps of one word, one that is near it, and some that are not."""

    tokens: np.ndarray
    texts: np.ndarray  # of each token the number of its text
    counts: np.ndarray
    window: int = 5
    negatives: int = 5
    steps: int = 2_000

    def __call__(self, rng):
        drawn, V = train.Unigram(self.counts, rng), len(self.counts)
        keep = subsampled(self.counts)
        while True:
            at, near = self.places(rng, keep)
            others = drawn((self.steps, self.negatives))
            outputs = np.concatenate([self.tokens[near][:, None], others], axis=1) + V
            yield self.tokens[at][:, None].astype("int64"), outputs.astype("int64")

    def places(self, rng, keep):
        """Draw places of words and of others of their texts, frequent words more seldom."""
        at = rng.integers(len(self.tokens), size=20 * self.steps)
        near = at + rng.integers(1, self.window + 1, len(at)) * rng.choice([-1, 1], len(at))
        inside = (near >= 0) & (near < len(self.tokens))
        at, near = at[inside], near[inside]
        good = self.texts[at] == self.texts[near]
        for place in (at, near):
            good &= rng.random(len(at)) < keep[self.tokens[place]]
        return at[good][: self.steps], near[good][: self.steps]


def model(W):
    """The training function: rows 0 to V are the words, rows V to 2 V what they predict."""
    word, outputs = pt.lvectors("word", "outputs")
    read = graphs.rows(W, word, outputs)
    x, y = read.values
    scores = (x[0] * y).sum(axis=1)
    loss = pt.softplus(-scores[0]) + pt.softplus(scores[1:]).sum()
    return train.block([word, outputs], loss, graphs.sgd(loss, read, RATE))


def load(size=None, min_count=5):
    """Give the vocabulary and the sampler."""
    index, counts, tokens, offsets = numbered(entries(load_glosses())[:size], min_count)
    return index, Pairs(tokens, np.repeat(np.arange(len(offsets) - 1), np.diff(offsets)), counts)


@contextlib.contextmanager
def two_nodes():
    """A cluster of two nodes on this machine. A real one is started by ``ray start``: see docs/scaling.md."""
    import ray
    from ray.cluster_utils import Cluster

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    node = {"num_cpus": 1, "object_store_memory": 300_000_000}
    cluster = Cluster(initialize_head=True, head_node_args=node | {"include_dashboard": False})
    cluster.add_node(**node)
    cluster.wait_for_nodes()
    ray.init(address=cluster.address, log_to_driver=False)
    try:
        yield
    finally:
        ray.shutdown()
        cluster.shutdown()


def main(words=("coach",), on="ray", address=None, blocks=2_000, size=None, d=100):
    """Train, and print and give the neighbours of words, and the losses."""
    index, pairs = load(size)
    V, rng = len(index), np.random.default_rng(0)
    W = np.zeros((2 * V, d), "float32")
    W[:V] = rng.uniform(-0.5 / d, 0.5 / d, (V, d))
    W = pytensor.shared(W, name="W")
    cluster = contextlib.nullcontext()
    if on == "ray":
        cluster = two_nodes() if address is None else parallel.connect(address, log_to_driver=False)
    with cluster:
        done = parallel.train(model, pairs, tied=[W], blocks=blocks, processes=2, seed=0, on=on)
    tenth = max(1, blocks // 10)
    print(f"{blocks * pairs.steps:,} pairs in {done.seconds:.1f} s by 2 workers on {on}, loss "
          f"{done.losses[:tenth].mean():.3f} -> {done.losses[-tenth:].mean():.3f}")  # fmt: skip
    vectors = W.get_value()[:V]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    names = list(index)
    nearest = {word: np.argsort(-(vectors @ vectors[index[word]]))[1:9] for word in words}
    neighbours = {word: [names[i] for i in places] for word, places in nearest.items()}
    for word, others in neighbours.items():
        print(f"{word}: {', '.join(others)}")
    return neighbours, done.losses


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", default=["coach"], help="whose neighbours are sought")
    parser.add_argument("--on", choices=["ray", "processes"], default="ray")
    parser.add_argument("--address", help="of a cluster (default: one of two nodes on this machine)")
    parser.add_argument("--blocks", type=int, default=2_000, help="of 2,000 pairs (default: %(default)s)")
    parser.add_argument("--size", type=int, help="take only the first glosses")
    main(**vars(parser.parse_args()))
