"""What a step is held to, beside what a run measured.

A target whose sides were not all timed is left out of the table, which names the peers that are missing.

Read next: :mod:`ptembed.bench.row_report`.
"""

from typing import NamedTuple

from ptembed.bench.timing import ratio

__all__ = ["Target", "targets"]

OURS, FUNCTION = "ptembed, one step a call", "ptembed, one step a call of PyTensor's"
LIMIT = "Numba loop by hand"
REWRITTEN, ALONE = "dense form, rewritten by ptembed", "dense form, PyTensor alone"
PEERS = ("torch, sparse gradient", "FBGEMM")


class Target(NamedTuple):
    """A bound and what was measured: ``bound`` and ``measured`` in words, and whether it is ``met``."""

    what: str
    bound: str
    measured: str
    met: bool


def targets(results):
    """Give the list of :class:`Target` that the sides timed allow."""
    return [
        *_forms(results.single[-4:]),
        *_flat(results),
        *_calls(results.single[-4:]),
        *_peers(results.single[-4:], 60),
        *_peers(results.many, 5),
        *_limits(results.many),
        *_online(results.online),
        *_memory(results),
    ]


def _forms(single):
    sgd = single[0]
    for name in (REWRITTEN, OURS):
        times = sgd.ratio(ALONE, name)
        yield Target(f"{_size(sgd)}: {ALONE} / {name}", ">= 1,000", f"{times:,.0f}", times >= 1000)


def _flat(results):
    N = results.sizes.flat
    for name, taken in results.flat.items():
        # a block reads every row of a small matrix, which then is in the cache, emptied before or not
        least = -2 if "steps a call" in name else 0
        times = ratio(taken[-1], taken[least])
        what = f"SGD, 3 rows of {N[-1]:,} / of {N[least]:,}: {name}"
        yield Target(what, "<= 1.3", f"{times:.2f}", times <= 1.3)


def _calls(single):
    for c, bound in ((single[0], 8), (single[3], 12)):
        for side in (OURS, FUNCTION):
            us = c.seconds(side) * 1e6
            yield Target(f"{_size(c)}: {side}", f"<= {bound} us", f"{us:.1f} us", us <= bound)


def _peers(comparisons, bound):
    for c in comparisons:
        for peer in (peer for peer in PEERS if peer in c.names):
            times = c.ratio(peer, OURS)
            yield Target(f"{_size(c)}: {peer} / {OURS}", f">= {bound}", f"{times:.1f}", times >= bound)


def _limits(comparisons):
    for c in comparisons:
        times = c.ratio(OURS)
        yield Target(f"{_size(c)}: {OURS} / {LIMIT}", "<= 1.5", f"{times:.2f}", times <= 1.5)


def _online(comparisons):
    for c in comparisons:
        ours = c.names[1]
        rate, times = 1e-6 / c.seconds(ours), c.ratio(ours)
        measured = f"{rate:.2f} million triples/s; {times:.2f} times"
        bound = ">= 1 million triples/s, or <= 2 times the loop by hand"
        yield Target(f"{_size(c)}: {ours}", bound, measured, rate >= 1 or times <= 2)


def _memory(results):
    sizes = results.sizes
    kd = 4 * 3 * sizes.m * sizes.d
    for name, extra in results.memory.items():
        if extra is not None and not name.endswith("alone"):
            what = f"{3 * sizes.m:,} rows of {sizes.memory:,}: memory of a step, {name}"
            yield Target(what, f"<= 10 k d numbers = {_mb(10 * kd)}", _mb(extra), extra <= 10 * kd)


def _size(c):
    return f"{c.optimizer}, {3 * c.m:,} rows of {c.N:,}"


def _mb(size):
    return f"{size / 1e6:.2f} MB"
