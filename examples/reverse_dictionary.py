"""A reverse dictionary of WordNet: from the tokens of a gloss to the word that it defines, one of 147,306.

Held out are glosses that have at least one word which other glosses define too: a word that is defined nowhere else
cannot be learnt. All 147,306 words may be answered. A gloss is right at k if any of its words, which are synonyms, is
among the k best. Beside it torch's EmbeddingBag and Linear of the same size with a full softmax, given the same time.
Needs ``ptembed[learn]``; torch is left out where it is not installed.

    python examples/reverse_dictionary.py --out docs/benchmarks/reverse_dictionary.md
"""

import argparse
import importlib.util
import os
import time
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from ptembed.data import load_glosses
from ptembed.estimators import ReverseDictionary

PAGE = """# A reverse dictionary

`python examples/reverse_dictionary.py --seconds {seconds:.0f}` wrote this table: {train:,} glosses of WordNet to learn
from, {test:,} held out that have a word which other glosses define too, {words:,} words to choose from. A gloss is
right at k if one of its words is among the k best. Both models are a mean of embeddings of {d} numbers and a linear
layer to all words; both had {seconds:.0f} s of training at most without compilation, torch on {threads} threads,
ptembed on one. ptembed's loss and rates were chosen on a part of the glosses to learn from, and it stops where one in
fifty of these, kept apart, begin to be answered worse. torch's model has Adagrad with a rate of 0.1 for both matrices.

| model | epochs | top 1 | top 10 | top 100 | compilation, s |
| --- | --- | --- | --- | --- | --- |
{rows}

Some answers:

{answers}
"""

ASKED = (
    "a small domesticated animal that catches mice",
    "an instrument for measuring temperature",
    "the science of heavenly bodies",
    "to move through water by moving arms and legs",
)


def main(out=None, seconds=300.0, size=None, held_out=5000, n_components=256, peers=True):
    """Train for the given time and give the rows of the table: name, epochs, top 1, 10 and 100, seconds of compilation.

    Parameters
    ----------
    out : str, optional
        File to write the page to.
    seconds : float
        Of training for each model, rounded up to whole epochs for ptembed.
    size : int, optional
        Take only this many glosses.
    held_out : int
        Glosses drawn to be held out, of which those without a word that is defined elsewhere are not scored.
    n_components : int
        Numbers of an embedding.
    peers : bool
        Whether to train torch's model too.
    """
    glosses = load_glosses(min_count=2)
    X, y, train, test = split(glosses, size, held_out)
    words = sorted({word for i in [*train, *test] for word in y[i]} if size else {word for own in y for word in own})
    model = ReverseDictionary(n_components, random_state=0)
    with threadpool_limits(1, "blas"):  # products as small as these are not worth a second thread
        rows = [trained(model, X, y, train, test, words, seconds)]
    if peers and importlib.util.find_spec("torch"):
        rows.append(full_softmax(X, y, train, test, words, n_components, seconds))
    answers = [f"* *{text}*: {', '.join(answer)}" for text, answer in zip(ASKED, asked(model, glosses), strict=True)]
    page = PAGE.format(
        seconds=seconds, train=len(train), test=len(test), words=len(words), d=n_components, threads=os.cpu_count(),
        rows="\n".join(f"| {n} | {e:.1f} | {a:.1%} | {b:.1%} | {c:.1%} | {s:.1f} |" for n, e, a, b, c, s in rows),
        answers="\n".join(answers),
    )  # fmt: skip
    print(page)
    if out:
        Path(out).write_text(page)
    return rows


def split(glosses, size, held_out):
    """Give the glosses as a sparse matrix, their words, and which to train on and to test on."""
    y = [list(dict.fromkeys(lemma.lower() for lemma in lemmas)) for lemmas in glosses.lemmas]
    order = np.random.default_rng(0).permutation(len(glosses))[:size]
    drawn, train = order[:held_out], order[held_out:]
    known = {word for i in train for word in y[i]}
    test = np.array([i for i in drawn if not known.isdisjoint(y[i])])
    return csr_matrix(glosses.matrix()), y, train, test


def trained(model, X, y, train, test, words, seconds, every=5):
    """Train until the time is over, or glosses kept apart are answered worse than before; then score.

    The first epoch takes longer by compilation, which is told apart.
    """
    learnt, kept = train[: -len(train) // 50], train[-len(train) // 50 :]
    learn, check, taken, found = (X[learnt], [y[i] for i in learnt]), (X[kept], [y[i] for i in kept]), [], []
    while sum(taken[1:]) + min(taken[1:], default=0) < seconds and found[-2:] == sorted(found[-2:]):
        start = time.perf_counter()
        model.partial_fit(*learn, None if taken else words)
        if len(taken) % every == every - 1:
            found.append(model.score(*check, 10))
        taken.append(time.perf_counter() - start)
    scores = [model.score(X[test], [y[i] for i in test], k) for k in (1, 10, 100)]
    return "ptembed, factored, Z-loss", len(taken), *scores, taken[0] - min(taken[1:], default=taken[0])


def asked(model, glosses):
    """Give the five best words for some descriptions."""
    rows = [[glosses.index[token] for token in text.split() if token in glosses.index] for text in ASKED]
    offsets = np.cumsum([0, *map(len, rows)])
    shape = len(rows), len(glosses.vocabulary)
    texts = csr_matrix((np.ones(offsets[-1]), np.concatenate(rows), offsets), shape)
    return model.top(texts, 5)[0]


def full_softmax(X, y, train, test, words, d, seconds, batch=128):
    """torch's EmbeddingBag and Linear with cross-entropy over all words, and Adagrad."""
    import torch

    torch.manual_seed(0)
    bag = torch.nn.EmbeddingBag(X.shape[1], d, mode="mean", sparse=True)
    bag.weight.data.normal_(0, 0.1)
    linear = torch.nn.Linear(d, len(words), bias=False)
    optimizer = torch.optim.Adagrad([*bag.parameters(), *linear.parameters()], lr=0.1)
    number = {word: i for i, word in enumerate(words)}
    texts, targets = np.transpose([(i, number[word]) for i in train for word in y[i]])
    rng, steps, start = np.random.default_rng(0), 0, time.perf_counter()

    def logits(numbers):
        rows = X[numbers]
        ids, offsets = (torch.from_numpy(v.astype("int64")) for v in (rows.indices, rows.indptr[:-1]))
        return linear(bag(ids, offsets))

    while time.perf_counter() - start < seconds:
        part = rng.integers(0, len(texts), batch)
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(logits(texts[part]), torch.from_numpy(targets[part])).backward()
        optimizer.step()
        steps += 1
    with torch.no_grad():
        most = min(100, len(words))
        found = np.concatenate([logits(test[i : i + 500]).topk(most).indices for i in range(0, len(test), 500)])
    wanted = [{number[word] for word in y[i]} for i in test]
    right = np.array([[j in w for j in row.tolist()] for w, row in zip(wanted, found, strict=True)])
    scores = [right[:, :k].any(axis=1).mean() for k in (1, 10, 100)]
    return "torch, EmbeddingBag, full softmax", steps * batch / len(texts), *scores, 0.0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", help="file to write the page to")
    parser.add_argument("--seconds", type=float, default=300.0, help="of training for each model")
    parser.add_argument("--size", type=int, help="take only this many glosses")
    options = parser.parse_args()
    main(options.out, options.seconds, options.size)
