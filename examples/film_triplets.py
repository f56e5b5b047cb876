"""Films that are alike lie close: triplets of films, trained by several processes on one matrix (Hogwild).

A triplet is a film, another with an attribute in common, and any other film. Attributes that few films have, such as a
director, say most, so an attribute is drawn by how rare it is. Directors of a tenth of the films are held out: how
often is a film nearer to another of its director than to any other film?

    python examples/film_triplets.py --processes 2
"""

import argparse
from dataclasses import dataclass

import numpy as np
import pytensor
import pytensor.tensor as pt

from ptembed import graphs, parallel, train
from ptembed.data import load_films

RATE = 0.1


@dataclass(frozen=True)
class Triplets:
    """Blocks of steps of single triplets."""

    films: np.ndarray  # of each entry of the matrix of films and attributes
    chances: np.ndarray  # of each entry to be drawn
    others: np.ndarray  # films, attribute by attribute
    starts: np.ndarray  # of each entry the first of these films with its attribute
    counts: np.ndarray  # and how many they are
    N: int
    steps: int = 10_000

    def __call__(self, rng):
        drawn = train.AliasTable(self.chances)
        while True:
            entry = drawn.draw(rng, self.steps)
            other = self.others[self.starts[entry] + rng.integers(self.counts[entry])]
            yield self.films[entry][:, None], other[:, None], rng.integers(self.N, size=(self.steps, 1))


def model(W):
    """The training function: a triplet a step, row-wise gradient descent."""
    ids = pt.lvectors("film", "alike", "any")
    read = graphs.rows(W, *ids)
    film, alike, other = read.values
    loss = (pt.softplus(-(film * alike).sum(axis=1)) + pt.softplus((film * other).sum(axis=1))).sum()
    return train.block(ids, loss, graphs.sgd(loss, read, RATE))


def triplets(matrix):
    """Make the sampler of a matrix of films and attributes."""
    columns, counts = matrix.tocsc(), np.diff(matrix.tocsc().indptr)
    films, attributes = matrix.nonzero()
    useful = counts[attributes] > 1
    films, attributes = films[useful], attributes[useful]
    starts, counts = columns.indptr[attributes], counts[attributes]
    return Triplets(films, 1 / counts, columns.indices, starts, counts, N=matrix.shape[0])


def held_out(films, rng):
    """Take the directors of a tenth of the films away; give the matrix that is left, and pairs of films of one."""
    matrix = films.matrix.tolil()
    pairs = []
    for name in rng.permutation([name for name in films.attributes if name.startswith("dir:")]):
        of = films.matrix[:, [films.index[name]]].nonzero()[0]
        matrix[of, films.index[name]] = 0
        pairs += [tuple(rng.choice(of, 2, replace=False))] if len(of) > 1 else []
        if len(pairs) >= len(films) // 10:
            break
    return matrix.tocsr(), np.array(pairs)


def main(processes=2, blocks=1_000, d=50):
    """Train, and give the share of held-out pairs that are nearer than a random pair, and the trained vectors."""
    films, rng = load_films(), np.random.default_rng(0)
    matrix, pairs = held_out(films, rng)
    W = pytensor.shared(rng.normal(0, 0.1, (len(films), d)).astype("float32"), name="W")
    sampler = triplets(matrix)
    done = parallel.train(model, sampler, tied=[W], blocks=blocks, processes=processes, seed=0)
    V = W.get_value() / np.linalg.norm(W.get_value(), axis=1, keepdims=True)
    any_film = rng.integers(len(films), size=len(pairs))
    near = (V[pairs[:, 0]] * V[pairs[:, 1]]).sum(axis=1) > (V[pairs[:, 0]] * V[any_film]).sum(axis=1)
    print(f"{blocks * sampler.steps:,} triplets in {done.seconds:.1f} s by {processes} processes, loss "
          f"{done.losses[:10].mean():.3f} -> {done.losses[-10:].mean():.3f}")  # fmt: skip
    print(f"held-out pairs of one director nearer than a random pair: {near.mean():.1%}")
    for title in ("The Godfather", "Seven Samurai", "Blade Runner"):
        nearest = np.argsort(-(V @ V[films.titles.index(title)]))[1:6]
        print(f"{title}: " + ", ".join(films.titles[i] for i in nearest))
    return near.mean(), V


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--blocks", type=int, default=1_000, help="of 10,000 triplets (default: %(default)s)")
    main(**vars(parser.parse_args()))
