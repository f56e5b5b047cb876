"""The sides of :mod:`ptembed.bench.bags`: ptembed, torch and fastText, each trained on the same texts.

A side takes the texts of one call, one after the other or in minibatches of 32, and counts its seconds a text, those of
the processor.
"""

import tempfile
from pathlib import Path
from time import process_time

import numpy as np
import pytensor
import pytensor.tensor as pt

from ptembed import graphs, train
from ptembed.bench.timing import Side
from ptembed.graphs.bags import bag, classifier, mask_of
from ptembed.graphs.losses import class_weights, cross_entropy

__all__ = ["BATCH", "RATES", "Texts", "fasttext_side", "ptembed_side", "torch_side"]

BATCH = 32
RATES = {"sgd": 0.05, "momentum": 0.05, "rmsprop": 0.001, "adagrad": 0.05, "adam": 0.001}


class Texts:
    """Texts of ``tokens`` ids each, drawn by Zipf's law, their classes, and where models begin.

    Attributes
    ----------
    ids : int64 array, shape (texts, tokens)
    y : int64 array, shape (texts,)
    E, U : float32 arrays, shapes (N, d) and (d, C)
    penalties : float32 array, shape (C,)
    """

    def __init__(self, N, d, texts, tokens, shares=(0.31, 0.28, 0.2, 0.18, 0.03)):
        rng = np.random.default_rng(0)
        zipf = 1 / (np.arange(N) + 2.7)
        self.ids = rng.choice(N, (texts, tokens), p=zipf / zipf.sum())
        self.y = np.concatenate([np.arange(len(shares)), rng.choice(len(shares), texts - len(shares), p=shares)])
        self.E = rng.normal(0, 0.1, (N, d)).astype("float32")
        self.U = rng.normal(0, 0.1, (d, len(shares))).astype("float32")
        self.penalties = class_weights(self.y).astype("float32")

    def __len__(self):
        return len(self.y)


def ptembed_side(texts, optimizer, batch=1, masked=True):
    """A block of steps of one text, or of minibatches, with masks or without."""
    E, U = pytensor.shared(texts.E, name="E"), pytensor.shared(texts.U, name="U")
    b = pytensor.shared(np.zeros(texts.U.shape[1], "float32"), name="b")
    ids, y = (pt.lvector("ids"), pt.lscalar("y")) if batch == 1 else (pt.lmatrix("ids"), pt.lvector("y"))
    offsets = None if batch == 1 else pt.arange(ids.shape[0] + 1) * ids.shape[1]
    logits, params = classifier(bag(E, ids.flatten(), offsets, mask=mask_of(E) if masked else None), U, b)
    loss = cross_entropy(logits, y, texts.penalties).sum()
    run = train.block([ids, y], loss, getattr(graphs, optimizer)(loss, params, RATES[optimizer]))
    n = len(texts) // batch * batch
    steps = (n,) if batch == 1 else (n // batch, batch)
    stacks = [array[:n].reshape(*steps, *array.shape[1:]) for array in (texts.ids, texts.y)]
    name = f"ptembed, {optimizer}{'' if masked else ', no mask'}"
    return _side(name, lambda: run(*stacks), lambda rows: E.get_value(borrow=True)[rows], n)


def torch_side(texts, optimizer, batch=1, sparse=True, n=None):
    """torch's ``Embedding`` for texts and masks, with sparse gradients or dense ones, on the first ``n`` texts."""
    import torch

    torch.set_num_threads(1)
    E = torch.nn.Embedding.from_pretrained(torch.from_numpy(texts.E.copy()), freeze=False, sparse=sparse)
    M = torch.nn.Embedding.from_pretrained(torch.ones(E.weight.shape), freeze=False, sparse=sparse)
    U = torch.nn.Linear(*texts.U.shape)
    U.weight.data, U.bias.data = torch.from_numpy(texts.U.T.copy()), torch.zeros(texts.U.shape[1])
    optimizers = _torch_optimizers(torch, optimizer, [E.weight, M.weight], list(U.parameters()), sparse)
    n = (n or len(texts)) // batch * batch
    parts = [slice(start, start + batch) for start in range(0, n, batch)]
    parts = [(torch.from_numpy(texts.ids[part]), torch.from_numpy(texts.y[part])) for part in parts]
    penalties = torch.from_numpy(texts.penalties)

    def step():
        for ids, y in parts:
            for each in optimizers:
                each.zero_grad(set_to_none=True)
            logits = U((E(ids) * M(ids)).sum(1))
            torch.nn.functional.cross_entropy(logits, y, weight=penalties, reduction="none").sum().backward()
            for each in optimizers:
                each.step()

    name = f"torch, {'sparse' if sparse else 'dense'} gradient, {optimizer}"
    return _side(name, step, lambda rows: E.weight.detach().numpy()[rows], n)


def fasttext_side(texts, epochs=6):
    """fastText's supervised training: the time of ``epochs`` further epochs over the texts."""
    import fasttext

    lines = [f"__label__{k} {' '.join(f'w{i}' for i in ids)}\n" for k, ids in zip(texts.y, texts.ids, strict=True)]
    with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as file:
        file.writelines(lines)
    how = {"dim": texts.E.shape[1], "thread": 1, "verbose": 0, "bucket": 0, "minn": 0, "maxn": 0, "minCount": 1}

    def seconds(draw, calls, limit, before=None):
        taken = []
        for epoch in (1, 1 + epochs):
            start = process_time()
            fasttext.train_supervised(file.name, epoch=epoch, **how)
            taken.append(process_time() - start)
        return max(taken[1] - taken[0], 1e-9) / (epochs * len(texts))

    side = _side("fastText", None, None, 1)
    side.seconds, side.close = seconds, Path(file.name).unlink
    return side


def _torch_optimizers(torch, name, tables, dense, sparse):
    rate = RATES[name]
    if name == "adam":
        return [
            (torch.optim.SparseAdam if sparse else torch.optim.Adam)(tables, lr=rate),
            torch.optim.Adam(dense, lr=rate),
        ]
    kinds = {"sgd": torch.optim.SGD, "adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop}
    return [kinds[name]([*tables, *dense], lr=rate)]


def _side(name, step, rows, n):
    return Side(name, step, rows, prepare=lambda _: (), block=n, clock=process_time)
