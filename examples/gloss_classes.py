"""Word classes from glosses: five classes of unequal size, from the ten tokens of a definition alone.

Compares the masked bag with and without mask, with and without a penalty for frequent classes, and with WordNet's links
as a memory, beside logistic regression on tf-idf and torch's EmbeddingBag. The epochs of a model, and the C of logistic
regression, are chosen on a part of the glosses to learn from; those to be tested on are asked once. Accuracy, macro-F1
and seconds of training, compilation told apart. Needs ``ptembed[learn]``; torch is left out where it is not installed.

    python examples/gloss_classes.py --out docs/benchmarks/gloss_classes.md
"""

import argparse
import importlib.util
import time
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from ptembed.data import load_glosses
from ptembed.estimators import BagClassifier

PAGE = """# Word classes from glosses

`python examples/gloss_classes.py` wrote this table: {train:,} glosses of WordNet to learn from, {test:,} to be tested
on, one fixed split; a noun, a verb, an adjective, a satellite adjective or an adverb by the tokens of its gloss alone.
The epochs of each model (C, for logistic regression) gave the best macro-F1 on a fifth of the glosses to learn from,
after training on the rest; then it was trained on all of them, and tested once. Seconds are those of this last training
on one thread; compilation is once for a process and a model.

| model | chosen | accuracy | macro-F1 | training, s | compilation, s |
| --- | --- | --- | --- | --- | --- |
{rows}

*Links*: a gloss attends to the synsets that WordNet links it with (hypernyms, hyponyms, antonyms). A link joins
synsets of one class nearly always, and adjectives and adverbs have but antonyms: so what links add is in part that
they are there at all. The rows without links are the task proper.
"""


def main(out=None, size=None, epochs=5, n_components=50, peers=True):
    """Train all models and give the rows of the table, see :func:`row`.

    Parameters
    ----------
    out : str, optional
        File to write the page to.
    size : int, optional
        Take only this many glosses.
    epochs : int
        The most to choose from.
    n_components : int
        Of the bags.
    peers : bool
        Whether to train the others too.
    """
    glosses = load_glosses(min_count=2)
    kept = np.sort(np.random.default_rng(0).permutation(len(glosses))[:size])
    X, y = csr_matrix(glosses.matrix())[kept], glosses.y[kept]
    train, test = train_test_split(np.arange(len(y)), random_state=0, stratify=y)
    fit, validate = train_test_split(train, test_size=0.2, random_state=0, stratify=y[train])
    parts = fit, validate, train, test
    entries, offsets = links(glosses)

    models = {
        f"bag{', mask' * mask}{', penalty' * (class_weight is not None)}": Bag(
            X, y, None, n_components, mask=mask, class_weight=class_weight
        )
        for mask in (True, False)
        for class_weight in ("log", None)
    }
    memory = lambda part: picked(entries, offsets, kept[part])  # noqa: E731
    models["bag, mask, penalty, links"] = Bag(X, y, memory, n_components)
    if peers and importlib.util.find_spec("torch"):
        models["torch, EmbeddingBag, penalty"] = TorchBag(X, y, n_components)
    rows = [row(name, model, y, parts, epochs) for name, model in models.items()]
    rows += tfidf_regressions(X, y, parts) if peers else []
    table = "\n".join(f"| {name} | {by} | {a:.3f} | {f:.3f} | {t:.1f} | {c:.1f} |" for name, by, a, f, t, c in rows)
    page = PAGE.format(train=len(train), test=len(test), rows=table)
    print(page)
    if out:
        Path(out).write_text(page)
    return rows


def row(name, model, y, parts, epochs):
    """Choose the epochs, train and test.

    Gives the name, what was chosen, accuracy, macro-F1, and seconds of training and of compilation.
    """
    fit, validate, train, test = parts
    reached = [scores(y[validate], model.predict(validate))[1] for _ in model.train(fit, epochs)]
    chosen = int(np.argmax(reached)) + 1
    taken = list(model.train(train, chosen))
    first = taken[0] - min(taken[1:], default=taken[0]) if model.compiles else 0.0
    return (name, f"{chosen} epochs", *scores(y[test], model.predict(test)), sum(taken) - first, first)


class Bag:
    """A :class:`BagClassifier` that is trained epoch by epoch."""

    compiles = True

    def __init__(self, X, y, memory, n_components, **options):
        self.X, self.y = X, y
        self.memory = memory or (lambda part: None)
        self.make = lambda: BagClassifier(n_components, random_state=0, **options)

    def train(self, part, epochs):
        """Begin anew and give the seconds of each epoch."""
        self.model, X, y, memory = self.make(), self.X[part], self.y[part], self.memory(part)
        for _ in range(epochs):
            start = time.perf_counter()
            self.model.partial_fit(X, y, np.unique(self.y), memory)
            yield time.perf_counter() - start

    def predict(self, part):
        """Give the classes of some glosses."""
        return self.model.predict(self.X[part], self.memory(part))


class TorchBag:
    """torch's EmbeddingBag with sparse gradients, Adagrad, and the penalties of the bag."""

    compiles = False

    def __init__(self, X, y, n_components, batch=32):
        self.X, self.y, self.d, self.batch = X, y, n_components, batch

    def train(self, part, epochs):
        """Begin anew and give the seconds of each epoch."""
        import torch

        torch.manual_seed(0)
        torch.set_num_threads(1)
        self.bag = torch.nn.EmbeddingBag(self.X.shape[1], self.d, mode="sum", sparse=True)
        self.bag.weight.data.normal_(0, 0.1)
        self.linear = torch.nn.Linear(self.d, self.y.max() + 1)
        penalty = torch.tensor(np.log(len(part) / np.bincount(self.y[part])), dtype=torch.float32)
        loss = torch.nn.CrossEntropyLoss(weight=penalty, reduction="sum")
        optimizer = torch.optim.Adagrad([*self.bag.parameters(), *self.linear.parameters()], lr=0.05)
        rng = np.random.default_rng(0)
        for _ in range(epochs):
            start = time.perf_counter()
            order = rng.permutation(part)
            for batch in np.split(order, range(self.batch, len(order), self.batch)):
                optimizer.zero_grad()
                loss(self._logits(batch), torch.from_numpy(self.y[batch].astype("int64"))).backward()
                optimizer.step()
            yield time.perf_counter() - start

    def predict(self, part):
        """Give the classes of some glosses."""
        return self._logits(part).argmax(1).numpy()

    def _logits(self, part):
        import torch

        rows = self.X[part]
        ids, offsets = (torch.from_numpy(v.astype("int64")) for v in (rows.indices, rows.indptr[:-1]))
        return self.linear(self.bag(ids, offsets))


def scores(y, predicted):
    return accuracy_score(y, predicted), f1_score(y, predicted, average="macro")


def links(glosses):
    """Give the triples of each gloss: hypernyms (0), hyponyms (1), antonyms (2); entries (T, 3) and offsets."""
    child, parent = glosses.hypernyms.T
    here, there = np.unique(glosses.antonyms, axis=0).T
    subjects, objects = np.concatenate([child, parent, here]), np.concatenate([parent, child, there])
    relations = np.repeat([0, 1, 2], [len(child), len(child), len(here)])
    order = np.argsort(subjects, kind="stable")
    offsets = np.concatenate([[0], np.cumsum(np.bincount(subjects, minlength=len(glosses)))])
    return np.stack([subjects, relations, objects], axis=1)[order], offsets


def picked(entries, offsets, numbers):
    """Give the entries of these glosses."""
    lengths = np.diff(offsets)[numbers]
    ends = np.concatenate([[0], np.cumsum(lengths)])
    return entries[np.repeat(offsets[:-1][numbers] - ends[:-1], lengths) + np.arange(ends[-1])], ends


def tfidf_regressions(X, y, parts):
    """Logistic regression on tf-idf, with and without balanced classes; C is chosen, no epochs."""
    fit, validate, train, test = parts
    rows = []
    for class_weight in (None, "balanced"):

        def regression(part, C):
            model = LogisticRegression(class_weight=class_weight, C=C, max_iter=200)  # noqa: B023  called in this round
            return make_pipeline(TfidfTransformer(sublinear_tf=True), model).fit(X[part], y[part])

        reached = {C: scores(y[validate], regression(fit, C).predict(X[validate]))[1] for C in (1, 3, 10)}
        C = max(reached, key=reached.get)
        start = time.perf_counter()
        model = regression(train, C)
        taken = time.perf_counter() - start
        name = f"scikit-learn, tf-idf, logistic regression{', balanced' * (class_weight is not None)}"
        rows.append((name, f"C = {C}", *scores(y[test], model.predict(X[test])), taken, 0.0))
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", help="file to write the page to")
    parser.add_argument("--size", type=int, help="take only this many glosses")
    parser.add_argument("--epochs", type=int, default=5, help="the most to choose from")
    options = parser.parse_args()
    main(options.out, options.size, options.epochs)
