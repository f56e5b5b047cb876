"""The table and the picture of :mod:`ptembed.bench.rows`."""

import numpy as np

from ptembed.bench.pages import markdown
from ptembed.bench.row_targets import targets
from ptembed.extras import needs

__all__ = ["needs_matplotlib", "picture", "table"]

COLOURS = {  # the first that is in the name
    **{"Numba": "0.6", "rewritten": "C8", "alone": "C0"},
    **{"ptembed": "C2", "torch": "C3", "FBGEMM": "C1", "Theano": "C4"},
}

TEXT = """# A training step of an embedding, side by side

`python -m ptembed.bench rows{arguments}` wrote this page, with one thread everywhere, on a machine that moves
{speed:.1f} GB/s in a copy, read and written:
{machine}.

The step is the same on all sides: triples (r, p, n) of rows of W, N x {d} float32, drawn at random, with the loss
softplus(-r.p) + softplus(r.n). All sides of a table began with the same W and took three steps on the same ids, repeats
among them; their rows agreed, then they were timed. They take turns in one run, {rounds} rounds, with new ids for each
call; a time is the median of the rounds' medians, a ratio the median of the rounds' ratios.

* *limit*: a loop for this loss and this optimizer alone, written by hand in Numba; *x limit* is the ratio to it.
* *must move*: bytes of the rows read and of their histories, read and written once; *of bandwidth*: what part of the
  step's time a copy of as many bytes takes.
* *dense form*: `updates=[(W, W - lr * grad(loss, W))]`; *inc_subtensor*: the gradient by `W[ids]`, added to these rows.
  Both are timed as ptembed rewrites them and as PyTensor compiles them without ptembed.
* *triple after triple*: each on what the one before has written, which is another update than that of a batch; it needs
  neither the gradients of a batch nor a search for repeats.

Above {dense:,} rows, the sides that move all of W are left out, since their time grows with N. FBGEMM has no Adam on
the CPU, torch no row-wise Adagrad.
{missing}"""


def table(results):
    """Give the page: Markdown."""
    sizes = results.sizes
    text = TEXT.format(
        arguments=results.arguments,
        machine=results.machine,
        speed=results.speed / 1e9,
        d=sizes.d,
        rounds=sizes.rounds,
        dense=sizes.dense,
        missing="".join(f"\n{line}.\n" for line in results.missing),
    )
    parts = [text, "![Microseconds of a step](rows.png)\n", _targets(results)]
    for comparisons in _by_size([*results.single, *results.many]):
        c = comparisons[0]
        parts.append(_section(f"{3 * c.m:,} rows a step of {c.N:,}, one step a call", comparisons, results.speed))
    title = f"Online: 3 rows a step of {sizes.online:,}, {sizes.steps:,} steps a call"
    return "\n".join([*parts, _section(title, results.online, results.speed), _flat(results), _memory(results)])


def picture(results, path):
    """Draw microseconds of a step for each side, one panel for each size, into the PNG ``path``."""
    groups = _by_size([*results.single, *results.many])
    heights = [sum(len(c.names) for c in group) for group in groups]
    figure = needs_matplotlib()(
        figsize=(15, 0.19 * max(sum(heights[::2]), sum(heights[1::2])) + 1.5), layout="constrained"
    )
    for half, column in zip(figure.subfigures(1, 2), (slice(0, None, 2), slice(1, None, 2)), strict=True):
        panels = half.subplots(len(groups[column]), 1, squeeze=False, height_ratios=heights[column])
        for ax, comparisons in zip(panels[:, 0], groups[column], strict=True):
            _bars(ax, comparisons)
    figure.savefig(path, dpi=90)


def needs_matplotlib():
    """Give matplotlib's ``Figure``."""
    return needs("matplotlib.figure", "learn").Figure


def _by_size(comparisons):
    sizes = dict.fromkeys((c.N, c.m) for c in comparisons)
    return [[c for c in comparisons if (c.N, c.m) == size] for size in sizes]


def _targets(results):
    rows = [(t.what, t.bound, t.measured, "yes" if t.met else "**no**") for t in targets(results)]
    return _titled("What a step is held to", ("", "bound", "measured", "met"), rows)


def _section(title, comparisons, speed):
    head = ("optimizer", "side", "us a step", "x limit", "must move, KB", "of bandwidth")
    return _titled(title, head, [row for c in comparisons for row in _lines(c, speed)])


def _lines(c, speed):
    for name in c.names:
        seconds, moved = c.seconds(name), f"{c.moved / 1e3:,.1f}"
        share = f"{c.moved / speed / seconds:.1%}"
        yield c.optimizer, name, _us(seconds), f"{c.ratio(name):,.2f}", moved, share


def _flat(results):
    head = ("side", *(f"us, {N:,} rows" for N in results.sizes.flat))
    rows = [(name, *map(_us, np.median(taken, axis=1))) for name, taken in results.flat.items()]
    return _titled("SGD, 3 rows a step, over N", head, rows)


def _memory(results):
    sizes = results.sizes
    kd, Nd = (_mb(4 * n * sizes.d) for n in (3 * sizes.m, sizes.memory))
    title = f"Peak memory of a step beside W and its histories, {3 * sizes.m:,} rows of {sizes.memory:,}"
    rows = [(name, "not measured: needs Linux" if b is None else _mb(b)) for name, b in results.memory.items()]
    return _titled(title, ("side", f"k d numbers are {kd}, N d numbers {Nd}"), rows)


def _titled(title, head, rows):
    return f"## {title}\n\n{markdown(head, rows)}"


def _mb(size):
    return f"{size / 1e6:,.2f} MB"


def _us(seconds):
    return f"{seconds * 1e6:,.2f}" if seconds < 1e-4 else f"{seconds * 1e6:,.0f}"


def _bars(ax, comparisons):
    bars = [(f"{name}   {c.optimizer}", c.seconds(name) * 1e6) for c in comparisons for name in c.names]
    labels, us = zip(*bars, strict=True)
    gaps = np.repeat(np.arange(len(comparisons)), [len(c.names) for c in comparisons])
    places = -np.arange(len(bars)) - 0.7 * gaps
    ax.barh(places, us, color=[_colour(label) for label in labels])
    ax.set_yticks(places, labels, fontsize=7)
    for place, x in zip(places, us, strict=True):
        ax.annotate(f" {x:,.1f}" if x < 100 else f" {x:,.0f}", (x, place), va="center", fontsize=6.5)
    ax.set(xscale="log", xlim=(min(us) / 3, max(us) * 5), ylim=(places[-1] - 0.7, 0.7))
    ax.grid(axis="x", alpha=0.3)
    c = comparisons[0]
    ax.set_title(f"{3 * c.m:,} rows a step of {c.N:,}: microseconds a step, log scale", fontsize=9)


def _colour(name):
    return next(colour for word, colour in COLOURS.items() if word in name)
