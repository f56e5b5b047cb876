"""An autoencoder of films: from the attributes of a film to a few numbers and back to all attributes.

D -> d -> D, sparse on both sides: the code is tanh of the mean of the rows of E for the attributes that a film has, and
all D outputs are trained by squared error against them, exactly, in a step that reads and writes but these rows of two
D x d matrices. Half of a held-out film's attributes are hidden, and the others are to tell which.

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


def main(d=64, epochs=10, batch=64, learning_rate=2.0, size=None, held_out=2000, k=20):
    """Train, and give the shares of hidden attributes found among ``k``: by the model, and by how frequent they are."""
    matrix, rng = load_films().matrix[:size], np.random.default_rng(0)
    order = rng.permutation(matrix.shape[0])
    train, test = matrix[order[held_out:]], matrix[order[:held_out]]
    E = pytensor.shared(rng.normal(0, 0.3, (matrix.shape[1], d)).astype("float32"), name="E")
    layer = FactoredOutput.from_dense(rng.normal(0, 0.01, (matrix.shape[1], d)).astype("float32"))
    step, code = compiled(E, layer, learning_rate)
    for epoch in range(epochs):
        losses = [step(*films(train[part])) for part in batches(rng.permutation(train.shape[0]), batch)]
        print(f"epoch {epoch + 1:2d}, loss {np.mean(losses):.3f}")
    seen, hidden = halves(test, rng)
    ranked, _ = layer.top(code(seen.indices.astype("int64"), seen.indptr.astype("int64")), 3 * k)
    found = recall(ranked, seen, hidden, k)
    frequent = np.argsort(-train.sum(axis=0))[: 3 * k]
    guessed = recall(np.tile(frequent, (test.shape[0], 1)), seen, hidden, k)
    print(f"hidden attributes among the {k} best: {found:.1%}; among the {k} most frequent: {guessed:.1%}")
    return found, guessed


def compiled(E, layer, learning_rate):
    """Compile a training step and the code of films: ids (T,) and offsets (m + 1,), targets and their values (m, K)."""
    ids, offsets, targets = pt.lvector("ids"), pt.lvector("offsets"), pt.lmatrix("targets")
    values = pt.fmatrix("values")
    made = bag(E, ids, offsets, reduce="mean")
    H = pt.tanh(made.values)
    out = layer(H, targets)
    cost = squared_error(values)(*out.sums).mean()
    gradient, updates = out.train(cost, learning_rate)
    by_rows = pytensor.grad(None, [read.part for read in made.params], known_grads={H: gradient})
    updates = updates | graphs.adagrad(by_rows, made.params, 0.1)
    step = pytensor.function([ids, offsets, targets, values], cost, updates=updates)
    return step, pytensor.function([ids, offsets], H)


def batches(order, size):
    return [order[start : start + size] for start in range(0, len(order), size)]


def films(rows):
    """Give ids and offsets, and as targets the same ids, filled up to as many for each film by others of value 0."""
    ids, offsets = rows.indices.astype("int64"), rows.indptr.astype("int64")
    lengths = np.diff(offsets)
    targets = np.empty((len(lengths), lengths.max()), "int64")
    for i, row in enumerate(targets):
        own = ids[offsets[i] : offsets[i + 1]]
        others = np.setdiff1d(np.arange(2 * len(row)), own)  # any will do
        row[:] = np.append(own, others[: len(row) - len(own)])
    return ids, offsets, targets, (np.arange(lengths.max()) < lengths[:, None]).astype("float32")


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


def recall(ranked, seen, hidden, k):
    """Share of the hidden attributes among the first ``k`` of those ranked that were not shown."""
    found = 0
    for row, shown, wanted in zip(ranked, of_each(seen), of_each(hidden), strict=True):
        left = row[~np.isin(row, shown)][:k]
        found += np.isin(left, wanted).sum()
    return found / hidden.nnz


def of_each(matrix):
    return np.split(matrix.indices, matrix.indptr[1:-1])


if __name__ == "__main__":
    main()
