"""An autoencoder of films: from some attributes of a film, such as its cast, to a few numbers, and back to all of them.

D -> d -> D, sparse on both sides: the code is tanh of the mean of the rows of E for the attributes shown, and all D
outputs are trained by squared error, exactly, in a step that reads and writes but a few rows of two D x d matrices. The
bias begins with how frequent an attribute is. In each epoch a random half of a film's attributes is shown, and all are
to be told. So it is for films held out.

    python examples/film_autoencoder.py
"""

import numpy as np
import pytensor
import pytensor.tensor as pt

from ptembed import graphs
from ptembed.data import load_films
from ptembed.graphs.bags import bag
from ptembed.graphs.factored import FactoredOutput
from ptembed.graphs.spherical import squared_error

KINDS = ("dir", "cast", "genre", "lang", "country", "decade")


def main(d=128, epochs=20, batch=64, rates=(0.1, 0.05), size=None, held_out=2000, k=20, printed=6):
    """Train, with ``rates`` of W and of E; give the shares of hidden attributes found among ``k``.

    One is that of the model, the other that of the ``k`` most frequent.
    """
    films, rng = load_films(), np.random.default_rng(0)
    matrix = films.matrix.tocsr()
    order = rng.permutation(len(films) if size is None else size)
    test, train = order[:held_out], order[held_out:]
    frequency = matrix[train].mean(axis=0).astype("float32")
    E = pytensor.shared(rng.normal(0, 0.5, (matrix.shape[1], d)).astype("float32"), name="E")
    layer = FactoredOutput.from_dense(rng.normal(0, 0.01, (matrix.shape[1], d)).astype("float32"), frequency)
    step, code = compiled(E, layer, *rates)
    targets, values = filled_up(matrix)
    for epoch in range(epochs):
        shown, _ = halves(matrix, rng)
        parts = batches(rng.permutation(train), batch)
        losses = [step(*bags(shown[part]), targets[part], values[part]) for part in parts]
        print(f"epoch {epoch + 1:2d}, loss {np.mean(losses):.3f}")
    shown, hidden = halves(matrix[test], rng)
    ranked, _ = layer.top(code(*bags(shown)), 3 * k)
    found, by_kind = recall(ranked, shown, hidden, k, films.attributes)
    frequent = np.argsort(-frequency, kind="stable")[: 3 * k]
    guessed, _ = recall(np.tile(frequent, (len(test), 1)), shown, hidden, k, films.attributes)
    print(f"\nhidden attributes among the {k} best: {found:.1%}; among the {k} most frequent: {guessed:.1%}")
    print("of each kind: " + ", ".join(f"{kind} {share:.0%}" for kind, share in by_kind.items()) + "\n")
    for i in np.flatnonzero(np.abs(np.diff(shown.indptr) - 10) < 3)[:printed]:
        print(described(films, test[i], shown[[i]].indices, ranked[i], hidden[[i]].indices))
    return found, guessed


def compiled(E, layer, learning_rate, embedding_rate):
    """Compile a training step and the code of films: ids (T,) and offsets (m + 1,), targets and their values (m, K)."""
    ids, offsets, targets = pt.lvector("ids"), pt.lvector("offsets"), pt.lmatrix("targets")
    values = pt.fmatrix("values")
    made = bag(E, ids, offsets, reduce="mean")
    H = pt.tanh(made.values)
    out = layer(H, targets)
    cost = squared_error(values)(*out.sums).mean()
    gradient, updates = out.train(cost, learning_rate)
    by_rows = pytensor.grad(None, [read.part for read in made.params], known_grads={H: gradient})
    updates = updates | graphs.adagrad(by_rows, made.params, embedding_rate)
    step = pytensor.function([ids, offsets, targets, values], cost, updates=updates)
    return step, pytensor.function([ids, offsets], H)


def filled_up(matrix):
    """Give the columns of each row, filled up to as many by others, and 1 for the former, 0 for the latter."""
    lengths = np.diff(matrix.indptr)
    targets = np.empty((len(lengths), lengths.max()), "int64")
    for row, own in zip(targets, of_each(matrix), strict=True):
        others = np.setdiff1d(np.arange(2 * len(row)), own)  # any will do
        row[:] = np.append(own, others[: len(row) - len(own)])
    return targets, (np.arange(lengths.max()) < lengths[:, None]).astype("float32")


def batches(order, size):
    return [order[start : start + size] for start in range(0, len(order), size)]


def bags(matrix):
    return matrix.indices.astype("int64"), matrix.indptr.astype("int64")


def halves(matrix, rng):
    """Give two matrices, each with about half of the attributes of each film."""
    hidden = rng.random(matrix.nnz) < 0.5
    parts = []
    for kept in (~hidden, hidden):
        part = matrix.copy()
        part.data = part.data * kept
        part.eliminate_zeros()
        parts.append(part)
    return parts


def recall(ranked, shown, hidden, k, attributes):
    """Share of the hidden attributes among the first ``k`` of those ranked that were not shown, and of each kind."""
    films = zip(ranked, of_each(shown), of_each(hidden), strict=True)
    found = [np.intersect1d(first(row, own, k), other) for row, own, other in films]
    kinds = np.array([attribute.partition(":")[0] for attribute in attributes])
    right, wanted = kinds[np.concatenate(found)], kinds[hidden.indices]
    return len(right) / len(wanted), {kind: np.sum(right == kind) / max(np.sum(wanted == kind), 1) for kind in KINDS}


def first(ranked, shown, k):
    return ranked[~np.isin(ranked, shown)][:k]


def described(films, i, shown, ranked, hidden):
    """What was shown of a film, and the ten best guesses, the right ones in capitals."""
    guesses = [films.attributes[j].upper() if j in hidden else films.attributes[j] for j in first(ranked, shown, 10)]
    known = ", ".join(films.attributes[j] for j in shown)
    return f"{films.titles[i]} ({films.years[i]}), shown as {known}\n    guessed: {', '.join(guesses)}\n"


def of_each(matrix):
    return np.split(matrix.indices, matrix.indptr[1:-1])


if __name__ == "__main__":
    main()
