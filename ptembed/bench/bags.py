"""What training a classifier of texts costs: ptembed, torch and fastText.

The model is the same for ptembed and torch: the sum of ten embeddings, each times its mask, a linear layer, and the
cross-entropy weighed by the rarity of the class. Both begin with the same numbers; only when they agree after some
steps are they timed. fastText's is its own: no masks, no weights, its own schedule; its time is that of further epochs.
Read :mod:`ptembed.bench.bag_sides` for the sides, :mod:`ptembed.bench.timing` for how time is taken.
"""

import importlib.util
import sys
from dataclasses import dataclass

import numpy as np

from ptembed.bench.bag_sides import BATCH, RATES, Texts, fasttext_side, ptembed_side, torch_side
from ptembed.bench.pages import markdown, publish
from ptembed.bench.row_targets import Target
from ptembed.bench.theano_process import check_paths
from ptembed.bench.timing import in_turn, machine, ratio

__all__ = ["QUICK", "Sizes", "main", "measure"]

PACKAGES = ("pytensor", "numpy", "numba", "torch", "fasttext-wheel", "fasttext")
INSTALL = {"torch": "pip install torch==2.13.0", "fasttext": "pip install fasttext-wheel"}

TEXT = """# A masked bag of embeddings, side by side

`python -m ptembed.bench bags{quick}` wrote this page, with one thread everywhere:
{machine}.

Texts of {tokens} tokens out of {N:,}, five classes, {d} numbers an embedding and a mask, the penalties
log(N / N_y); {texts:,} texts, one after the other, each on what the one before has written, or in minibatches of
{batch}. ptembed takes them in one compiled call. ptembed and torch began with the same numbers and agreed after some
texts. All took turns in one run, {rounds} rounds: milliseconds for 1,000 texts, the median of the rounds; a ratio is
the median of the rounds' ratios. Seconds are those of the processor. torch has no sparse momentum
and no sparse RMSprop. fastText has neither masks nor penalties; its time is that of further epochs, in which it reads
the texts from a file.
{missing}
"""


@dataclass(frozen=True)
class Sizes:
    """What is measured; ``some`` texts are what torch's slow sides take in a round, ``few`` its dense ones."""

    N: int = 30_000
    d: int = 100
    texts: int = 10_000
    tokens: int = 10
    some: int = 200
    few: int = 10
    rounds: int = 7
    limit: float = 0.1


QUICK = Sizes(N=300, d=8, texts=70, tokens=4, some=20, few=5, rounds=2, limit=0.01)


def main(out="docs/benchmarks", quick=False):
    """Measure everything and write ``bags.md`` into the folder ``out``.

    Raises
    ------
    FileNotFoundError
        When there is no folder ``out``; before anything is measured.
    RuntimeError
        When ptembed and torch do not compute the same update.
    """
    check_paths(out, None)
    publish(measure(QUICK if quick else Sizes()), out, "bags.md")


def measure(sizes, absent=None):
    """Measure everything; gives the page."""
    if absent is None:
        absent = {name for name in INSTALL if importlib.util.find_spec(name) is None}
    texts = Texts(sizes.N, sizes.d, sizes.texts, sizes.tokens)
    if "torch" not in absent:
        _agree(texts, sizes)
    one, many = _sides(texts, sizes, absent), _batches(texts, sizes, absent)
    lines = [f"{name} is left out: {INSTALL[name]}" for name in sorted(absent)]
    text = TEXT.format(
        quick=" --quick" * (sizes is QUICK), machine=machine(*PACKAGES), batch=BATCH,
        missing="".join(f"\n{line}.\n" for line in lines),
        **{name: getattr(sizes, name) for name in ("N", "d", "texts", "tokens", "rounds")},
    )  # fmt: skip
    targets = [(*t[:3], "yes" if t.met else "**no**") for t in _targets(one, many)]
    return "\n".join([
        text,
        "## What it is held to\n", markdown(("", "bound", "measured", "met"), targets),
        "## One text after the other\n", _table(one),
        f"## Minibatches of {BATCH}\n", _table(many),
    ])  # fmt: skip


def _sides(texts, sizes, absent):
    _say("One text after the other: compiling")
    sides = [ptembed_side(texts, optimizer) for optimizer in RATES] + [ptembed_side(texts, "sgd", masked=False)]
    if "torch" not in absent:
        sides += [torch_side(texts, optimizer, n=sizes.some) for optimizer in ("sgd", "adagrad", "adam")]
        sides += [torch_side(texts, "sgd", sparse=False, n=sizes.few)]
    return _timed(sides + ([] if "fasttext" in absent else [fasttext_side(texts)]), sizes)


def _batches(texts, sizes, absent):
    _say(f"Minibatches of {BATCH}: compiling")
    sides = [ptembed_side(texts, optimizer, BATCH) for optimizer in ("sgd", "adagrad", "adam")]
    if "torch" not in absent:
        sides += [torch_side(texts, optimizer, BATCH, n=5 * sizes.some) for optimizer in ("sgd", "adagrad", "adam")]
    return _timed(sides, sizes)


def _timed(sides, sizes):
    _say("timing")
    taken = in_turn(sides, [lambda n: None] * len(sides), sizes.rounds, 3, sizes.limit)
    for side in sides:
        side.close()
    return {side.name: times for side, times in zip(sides, taken, strict=True)}


def _agree(texts, sizes):
    """Train ptembed and torch on the same texts and compare the embeddings that they read."""
    few = Texts(sizes.N, sizes.d, 2 * BATCH, sizes.tokens)
    for batch in (1, BATCH):
        sides = [make(few, "sgd", batch) for make in (ptembed_side, torch_side)]
        for side in sides:
            side.step()
        seen = np.unique(few.ids)
        ours, theirs = (side.rows(seen) for side in sides)
        if np.abs(ours - theirs).max() > 1e-3 * np.abs(ours - few.E[seen]).max():
            raise RuntimeError("ptembed and torch must compute the same update, but their embeddings differ")


def _targets(one, many):
    sgd = one["ptembed, sgd"]
    bounds = [("torch, sparse gradient, sgd", one, 40), ("torch, sparse gradient, sgd", many, 4)]
    for name, taken, bound in bounds:
        if name in taken:
            times = ratio(taken[name], taken["ptembed, sgd"])
            how = "one by one" if taken is one else f"minibatches of {BATCH}"
            yield Target(f"{how}: {name} / ptembed, sgd", f">= {bound}", f"{times:.1f}", times >= bound)
    if "fastText" in one:
        times = ratio(sgd, one["fastText"])
        yield Target("one by one: ptembed, sgd / fastText", "<= 2", f"{times:.2f}", times <= 2)
    for optimizer in ("adam", "rmsprop", "momentum"):
        times = ratio(one[f"ptembed, {optimizer}"], sgd)
        yield Target(f"one by one: ptembed, {optimizer} / sgd", "<= 2", f"{times:.2f}", times <= 2)


def _table(taken):
    sgd = taken["ptembed, sgd"]
    rows = [(name, f"{np.median(t) * 1e6:,.2f}", f"{ratio(t, sgd):,.1f}") for name, t in taken.items()]
    return markdown(("side", "ms for 1,000 texts", "times ptembed, sgd"), rows)


def _say(text):
    print(text, file=sys.stderr, flush=True)
