"""Word classes from glosses: five classes of unequal size, from the ten tokens of a definition alone.

Compares the masked bag with and without mask, with and without a penalty for frequent classes, and with WordNet's links
as a memory, beside logistic regression on tf-idf and torch's EmbeddingBag. Accuracy, macro-F1 and seconds of training,
compilation told apart. Needs ``ptembed[learn]``; torch is left out where it is not installed.

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

from ptembed.data import load_glosses
from ptembed.estimators import BagClassifier

PAGE = """# Word classes from glosses

`python examples/gloss_classes.py` wrote this table: {train:,} glosses of WordNet to learn from, {test:,} to be tested
on, one fixed split; a noun, a verb, an adjective, a satellite adjective or an adverb by the tokens of its gloss alone.
Seconds are those of training on one thread; compilation is once for a process and a model.

| model | accuracy | macro-F1 | training, s | compilation, s |
| --- | --- | --- | --- | --- |
{rows}

*Links*: a gloss attends to the synsets that WordNet links it with (hypernyms, hyponyms, antonyms). A link joins
synsets of one class nearly always, and adjectives and adverbs have but antonyms: so what links add is in part that
they are there at all. The rows without links are the task proper.
"""


def main(out=None, size=None, epochs=2, n_components=50, peers=True):
    """Train all models and give the rows of the table: name, accuracy, macro-F1, seconds of training and compilation.

    Parameters
    ----------
    out : str, optional
        File to write the page to.
    size : int, optional
        Take only this many glosses.
    epochs, n_components : int
        Of the bags.
    peers : bool
        Whether to train the others too.
    """
    glosses = load_glosses(min_count=2)
    kept = np.sort(np.random.default_rng(0).permutation(len(glosses))[:size])
    X, y = csr_matrix(glosses.matrix())[kept], glosses.y[kept]
    train, test = train_test_split(np.arange(len(y)), random_state=0, stratify=y)
    entries, offsets = links(glosses)
    memories = [picked(entries, offsets, kept[part]) for part in (train, test)]

    rows = []
    for mask in (True, False):
        for class_weight in ("log", None):
            name = f"bag{', mask' * mask}{', penalty' * (class_weight is not None)}"
            model = BagClassifier(n_components, mask=mask, class_weight=class_weight, random_state=0)
            rows.append(scored(name, model, (X[train], y[train]), (X[test],), y[test], epochs))
    model, learn, ask = BagClassifier(n_components, random_state=0), (X[train], y[train]), (X[test],)
    learn, ask = (*learn, memories[0]), (*ask, memories[1])
    rows.append(scored("bag, mask, penalty, links", model, learn, ask, y[test], epochs))
    if peers:
        rows += other_models(X, y, train, test, n_components)
    table = "\n".join(f"| {name} | {a:.3f} | {f:.3f} | {t:.1f} | {c:.1f} |" for name, a, f, t, c in rows)
    page = PAGE.format(train=len(train), test=len(test), rows=table)
    print(page)
    if out:
        Path(out).write_text(page)
    return rows


def scored(name, model, learn, ask, y, epochs):
    """Train a bag epoch by epoch and score it; the first epoch takes longer by compilation."""
    X, classes, *memory = learn
    taken = []
    for _ in range(epochs):
        start = time.perf_counter()
        model.partial_fit(X, classes, np.unique(classes), *memory)
        taken.append(time.perf_counter() - start)
    rest = min(taken[1:], default=taken[0])
    return (name, *scores(y, model.predict(*ask)), epochs * rest, taken[0] - rest)


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


def other_models(X, y, train, test, d):
    """Logistic regression on tf-idf, and torch's EmbeddingBag."""
    tfidf = TfidfTransformer(sublinear_tf=True).fit(X[train])
    rows = []
    for class_weight in (None, "balanced"):
        start = time.perf_counter()
        model = LogisticRegression(class_weight=class_weight, C=3, max_iter=200)
        model.fit(tfidf.transform(X[train]), y[train])
        taken = time.perf_counter() - start
        name = f"scikit-learn, tf-idf, logistic regression{', balanced' * (class_weight is not None)}"
        rows.append((name, *scores(y[test], model.predict(tfidf.transform(X[test]))), taken, 0.0))
    return rows + ([embedding_bag(X, y, train, test, d)] if importlib.util.find_spec("torch") else [])


def embedding_bag(X, y, train, test, d, epochs=2, batch=32):
    """torch's EmbeddingBag with sparse gradients, Adagrad, and the penalties of the bag."""
    import torch

    torch.manual_seed(0)
    torch.set_num_threads(1)
    bag = torch.nn.EmbeddingBag(X.shape[1], d, mode="sum", sparse=True)
    bag.weight.data.normal_(0, 0.1)
    linear = torch.nn.Linear(d, y.max() + 1)
    penalty = torch.tensor(np.log(len(train) / np.bincount(y[train])), dtype=torch.float32)
    optimizer = torch.optim.Adagrad([*bag.parameters(), *linear.parameters()], lr=0.05)

    def logits(part):
        rows = X[part]
        ids, offsets = (torch.from_numpy(v.astype("int64")) for v in (rows.indices, rows.indptr[:-1]))
        return linear(bag(ids, offsets))

    start = time.perf_counter()
    rng = np.random.default_rng(0)
    for _ in range(epochs):
        order = rng.permutation(train)
        for part in np.split(order, range(batch, len(order), batch)):
            optimizer.zero_grad()
            classes = torch.from_numpy(y[part].astype("int64"))
            torch.nn.functional.cross_entropy(logits(part), classes, weight=penalty, reduction="sum").backward()
            optimizer.step()
    taken = time.perf_counter() - start
    with torch.no_grad():
        return ("torch, EmbeddingBag, penalty", *scores(y[test], logits(test).argmax(1).numpy()), taken, 0.0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", help="file to write the page to")
    parser.add_argument("--size", type=int, help="take only this many glosses")
    parser.add_argument("--epochs", type=int, default=2)
    options = parser.parse_args()
    main(options.out, options.size, options.epochs)
