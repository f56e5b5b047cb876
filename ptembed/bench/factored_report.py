"""The page and the pictures of :mod:`ptembed.bench.factored`."""

import numpy as np

from ptembed.bench.factored_peers import NEGATIVES
from ptembed.bench.factored_sides import EXTENDED, LIMIT, OURS, PLAIN, SYMBOLIC
from ptembed.bench.pages import markdown
from ptembed.bench.row_targets import Target
from ptembed.bench.timing import ratio
from ptembed.extras import needs

__all__ = ["MANY", "needs_matplotlib", "page", "pictures", "targets"]

MANY = "the kernel for many examples"

TEXT = """# An output layer of very many outputs, side by side

`python -m ptembed.bench factored{arguments}` wrote this page, with one thread everywhere:
{machine}.

A step takes {m} hidden layers of {d} numbers with one target each among D outputs, drawn by Zipf's law, float32; it
gives the loss and the gradient by the hidden layer, and trains the layer. The sides of the squared error compute the
same update, which was checked at D = {least:,} before any was timed. The learning rate is an ordinary one,
2 eta lambda = 0.13, at which the update as published is worth nothing after some hundred steps: what keeps ptembed's
layer exact is part of its time. ptembed's functions are called as `ptembed.train.trusted` gives them. A time is the
processor's, since the dense sides take seconds: the median of {rounds} rounds in which all sides took turns; a ratio is
the median of the rounds' ratios. The ratios to the square product are of {turns} rounds without the dense sides.

* *{plain}*: the same step at a learning rate of 1/10,000 of it, with which
  the condition of the factors stays what it is. *Op by Op* is the step as PyTensor compiles the equations, without the
  Op that takes it at once; these have no stabilising in them, and stop with an error where it is needed.
* *{limit}*: a matrix product of
  14 m d^2 + 9 m^2 d + m^3 / 3 operations, which is what the step needs. BLAS is at its fastest there; a product of the
  shapes of the step takes 1.05 to 1.2 times as long for an operation, so the step takes it in tiles where OpenBLAS has
  kernels for small products. What stabilises is not among these operations, so the step that has nothing to stabilise
  is held to it.
* The softmaxes are other losses: they are here for their time. The sampled and the adaptive one are approximations.
  torch's adaptive softmax has dense gradients of all its matrices, which is where most of its time goes.
{missing}
![Milliseconds of a step](factored.png)
"""

COURSE = """## {n:,} steps one by one

At D = {D:,}: milliseconds of the processor, of the faster half of the steps, of nine in ten, and so on. The
targets are drawn anew in each step. Two layers take the same steps in turn, and the faster one's time of each counts:
what other programs take falls away, what the step needs does not. *Nothing to stabilise* is another two at so small a
learning rate that the condition of their factors stays what it is.

"""

ERRORS = """## The error of W

Squared error, D = {D:,}, d = {d}, m = {m}, the same learning rate, targets drawn evenly: the largest difference from a
dense layer trained in float64, as part of the largest number of W. A dense layer rounds all of W in each step, ptembed
but the rows of the targets: one that is a target in each step comes out no better, nor does a layer of few numbers,
where a dense layer forgets its roundings sooner: at d = 32, 4e-7 for both. *As published* is the update of 2015;
*refactorised* multiplies U into V when its condition number passes 30 in float32, or 10,000 in float64, which is a pass
over all of V: at D = {most:,} it takes longer than a hundred steps.

![The error of W against the steps](factored_errors.png)

"""


def page(results):
    """Give the page as Markdown."""
    sizes = results.sizes
    text = TEXT.format(
        arguments=results.arguments, machine=results.machine, m=sizes.m, d=sizes.d, rounds=sizes.rounds,
        turns=sizes.turns, least=min(sizes.D), plain=PLAIN, limit=LIMIT,
        missing="".join(f"\n{line}.\n" for line in results.missing),
    )  # fmt: skip
    rows = [(t.what, t.bound, t.measured, "yes" if t.met else "**no**") for t in targets(results)]
    D, d, m, _ = sizes.errors
    return "\n".join([
        text,
        "## What the layer is held to\n", markdown(("", "bound", "measured", "met"), rows),
        "## Milliseconds of a step\n", _times(results),
        COURSE.format(n=sizes.steps, D=sizes.D[-1]) + _course(results.course),
        ERRORS.format(D=D, d=d, m=m, most=sizes.D[-1]) + _errors(results),
    ])  # fmt: skip


def targets(results):
    """Give the list of :class:`ptembed.bench.row_targets.Target` that the sides timed allow."""
    return [
        *_times_as_fast(results),
        *_flat(results),
        *_even(results),
        *_of_the_limit(results),
        *_extended(results),
        *_memory(results),
        *_exact(results),
    ]


def pictures(results, folder):
    """Draw ``factored.png``, time against D, and ``factored_errors.png``, errors against steps."""
    D = results.sizes.D
    figure, ax = _figure("outputs", "ms a step", xscale="log", yscale="log")
    for name in results.taken[D[-1]]:
        ms = [np.median(results.taken[n][name]) * 1e3 for n in D]
        ax.plot(D, ms, _style(name), marker="o", markersize=3, label=name)
    ax.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1, 1))
    figure.savefig(folder / "factored.png", dpi=90)
    figure, ax = _figure("steps", "error of W", xscale="log", yscale="log", ylim=(1e-17, 10))
    for name, errors in results.errors.items():
        ax.plot(results.steps, np.maximum(errors, 1e-17), _style(name), label=name)
    ax.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1, 1))
    figure.savefig(folder / "factored_errors.png", dpi=90)


def needs_matplotlib():
    """Give matplotlib's ``Figure``."""
    return needs("matplotlib.figure", "learn").Figure


def _times_as_fast(results):
    D, taken = results.sizes.D[-1], results.taken[results.sizes.D[-1]]
    bounds = {
        "torch, Linear, squared error, SGD": 1000,
        "torch, squared error by hand, in place": 700,
        f"torch, sampled softmax, {NEGATIVES:,} negatives, SGD": 10,
    }
    for name, bound in bounds.items():
        if name in taken:
            times = ratio(taken[name], taken[OURS])
            yield Target(f"D = {D:,}: {name} / {OURS}", f">= {bound:,}", f"{times:,.1f}", times >= bound)


def _flat(results):
    first, last = results.sizes.D[0], results.sizes.D[-1]
    times = ratio(results.taken[last][PLAIN], results.taken[first][PLAIN])
    yield Target(f"D = {last:,} / D = {first:,}: {PLAIN}", "<= 1.1", f"{times:.2f}", times <= 1.1)


def _even(results):
    course, D, n = results.course, results.sizes.D[-1], len(results.course.taken)
    median = np.median(course.taken)
    mean, most = np.mean(course.taken) / np.median(course.plain), course.taken.max() / median
    yield Target(f"D = {D:,}: mean step / one with nothing to stabilise", "<= 1.25", f"{mean:.2f}", mean <= 1.25)
    yield Target(f"D = {D:,}: longest of {n:,} steps / median", "<= 2", f"{most:.2f}", most <= 2)


def _of_the_limit(results):
    for (n, m), taken in results.beside.items():
        for name, bound in ((PLAIN, 1.25), (SYMBOLIC, 1.5)):
            times = ratio(taken[name], taken[LIMIT])
            yield Target(f"D = {n:,}, m = {m}: {name} / {LIMIT}", f"<= {bound}", f"{times:.2f}", times <= bound)


def _extended(results):
    D = results.sizes.D[-1]
    for name in EXTENDED:
        times = ratio(results.taken[D][name], results.taken[D][OURS])
        yield Target(f"D = {D:,}: {name} / without", "<= 4", f"{times:.2f}", times <= 4)
    times, D = ratio(results.one[MANY], results.one[OURS]), results.sizes.D[-2]
    yield Target(f"D = {D:,}, m = 1: {MANY} / that for one", ">= 1", f"{times:.2f}", times >= 1)


def _memory(results):
    if results.memory is not None:
        what = f"D = {results.sizes.D[-1]:,}: memory in training beside V"
        yield Target(what, "<= 64 MB", f"{results.memory / 1e6:.1f} MB", results.memory <= 64e6)


def _exact(results):
    what, n = "error of W after {:,} steps of squared error", results.steps[-1]
    ours, dense = results.errors["ptembed, float32"][-1], results.errors["dense, float32"][-1]
    bound = "<= 1e-6, and less than dense float32"
    measured = f"{ours:.1e}, dense {dense:.1e}"
    yield Target(f"float32: {what.format(n)}", bound, measured, ours <= min(1e-6, dense))


def _times(results):
    names, D = results.taken[results.sizes.D[-1]], results.sizes.D
    head = ("side", *(f"D = {n:,}" for n in D), f"times {OURS} at D = {D[-1]:,}")
    ours = results.taken[D[-1]][OURS]
    rows = [(name, *(_ms(results.taken[n][name]) for n in D), f"{ratio(names[name], ours):,.2f}") for name in names]
    return markdown(head, rows)


def _course(course):
    shares = (50, 90, 99, 99.9, 100)
    names = ("at the ordinary learning rate", "nothing to stabilise")
    rows = [
        (name, f"{np.mean(t) * 1e3:.2f}", *(f"{np.percentile(t, p) * 1e3:.2f}" for p in shares))
        for name, t in zip(names, course, strict=True)
    ]
    return markdown(("", "mean", *(f"{p} %" for p in shares)), rows)


def _errors(results):
    steps = [int(np.argmin(np.abs(results.steps - n))) for n in 10.0 ** np.arange(2, 1 + np.log10(results.steps[-1]))]
    steps = sorted({*steps, len(results.steps) - 1})
    head = ("form", *(f"{results.steps[i]:,} steps" for i in steps))
    return markdown(head, [(name, *(f"{e[i]:.0e}" for i in steps)) for name, e in results.errors.items()])


def _ms(taken):
    ms = np.median(taken) * 1e3
    return f"{ms:.2f}" if ms < 100 else f"{ms:,.0f}"


def _figure(x, y, **how):
    figure = needs_matplotlib()(figsize=(9, 4.5), layout="constrained")
    ax = figure.subplots()
    ax.set(xlabel=x, ylabel=y, **how)
    ax.grid(alpha=0.3)
    return figure, ax


def _style(name):
    return "-" if name.startswith("ptembed") else "--"
